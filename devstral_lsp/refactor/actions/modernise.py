"""Bring code to what is usual in the language's version that the project says it has.

Offered in languages of which it is known what is out of date (`Language.modernisation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.rewrite_action import KEEP, REWRITE, is_function
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, Project, RefactorRefused
from devstral_lsp.text import Snapshot


@dataclass(frozen=True, slots=True)
class Modernise:
    """See the module."""

    name: str = "modernise"
    kind: str = REWRITE

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        target = place.target
        if target is None or place.language.modernisation is None:
            return ()
        if not is_function(place, target):
            return ()
        title = f"Modernise {target.label}"
        return (ActionOffer(action=self.name, title=title, kind=self.kind, span=target.span),)

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        known = get_language(snapshot.language).modernisation
        if known is None:
            raise RefactorRefused("What is out of date in this language is not known.")
        return ModelTask(
            instruction=(
                "Bring this code to what is idiomatic in the version of the language that the "
                f"project targets: {known.version}, if you are told; otherwise use nothing newer "
                f"than {known.floor}. Replace what is out of date, such as {known.replace}. {KEEP} "
                "Change only what has a better form in that version, and leave the rest as it is."
            ),
            adds_imports=True,
        )


ACTION = Modernise()
