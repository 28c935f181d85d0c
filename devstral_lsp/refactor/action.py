"""The type of actions: where they apply, and what they ask of the model.

An action is a file of `actions/` or a row of `actions/rewrites.py`; `custom_actions.py` creates
those in the user's settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, RefactorRefused
from devstral_lsp.text import Snapshot, Span

REWRITE = "refactor.rewrite"
"""The code action kind of most actions."""
KEEP = (
    "Keep what the code does for every input, its public names and signatures, and all comments "
    "that still hold."
)
"""What most instructions ask the model to preserve."""

_REGION = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


class Project(Protocol):
    """The files around a document, for actions. May read the disk."""

    @property
    def path(self) -> str:
        """The document's path in its workspace folder, with "/"; outside of one, only its name."""

    def has(self, path: str) -> bool:
        """Whether the document's workspace folder has a file or folder at that path."""


@dataclass(frozen=True, slots=True)
class Action:
    """One refactoring. `name` is its id in the settings and on the command line.

    `find` yields the offers at a selection, the best first; their `action` and `kind` are filled in
    here. It is pure and fast, and raises nothing. `model_task` returns the task for one of these
    offers, in a snapshot to which its span has been moved. It raises RefactorRefused if the action
    is not possible after all, and blocks if the project does.
    """

    name: str
    kind: str
    find: Callable[[SelectionContext], Iterable[ActionOffer]]
    model_task: Callable[[ActionOffer, Snapshot, Project], ModelTask]
    source_kind: str = ""
    """Its kind in requests for source actions; "" for none."""

    def offers(self, place: SelectionContext) -> tuple[ActionOffer, ...]:
        """The offers at `place`, the best first.

        All actions share one `SelectionContext`, which caches its results.
        """
        return tuple(replace(each, action=self.name, kind=self.kind) for each in self.find(place))


def region_argument(span: Span, part: Span) -> str:
    """An offer's argument that means `part` of its `span`: "12-40".

    Offsets are code points from the start of the span, so that they hold while the span moves.
    """
    return f"{part.start - span.start}-{part.end - span.start}"


def region_code(offer: ActionOffer, snapshot: Snapshot) -> str:
    """The text that the offer's argument refers to.

    The argument comes from the editor: raises RefactorRefused if it is not a part of the span.
    """
    match = _REGION.fullmatch(offer.argument)
    start, end = (int(each) for each in match.groups()) if match else (0, 0)
    if not 0 <= start < end <= offer.span.end - offer.span.start:
        raise RefactorRefused(
            "The selection of this action could not be read. Select the code again."
        )
    return snapshot.text.slice(offer.span.start + start, offer.span.start + end)
