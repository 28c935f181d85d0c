"""The line of the debug log that tells of a refactor.

It holds the name of an action of ours, never an instruction: an action of the user's own is named
by the user. What stands in the brackets the stages have noted themselves (`story.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import partial, update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from devstral_lsp import story
from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.base import Offer, Outcome
from devstral_lsp.text import Snapshot

_logger = logging.getLogger(__name__)

S = TypeVar("S")
P = ParamSpec("P")
Answer = Coroutine[Any, Any, Outcome]
Run = Callable[Concatenate[S, Offer, Snapshot, P], Answer]


def told(run: Run[S, P]) -> Run[S, P]:
    """`run`, of which each call is told in a line at DEBUG, and untouched above."""

    def telling(
        self: S, offer: Offer, snapshot: Snapshot, /, *args: P.args, **named: P.kwargs
    ) -> Answer:
        if not _logger.isEnabledFor(logging.DEBUG):
            return run(self, offer, snapshot, *args, **named)
        work = partial(run, self, offer, snapshot, *args, **named)
        return story.tell(_logger, partial(_subject, offer, snapshot), work, _came)

    return update_wrapper(telling, run)


def _subject(offer: Offer, snapshot: Snapshot) -> str:
    action = offer.action if offer.action in ACTIONS else "an action of their own"
    length = offer.span.end - offer.span.start
    document = story.document(snapshot.uri, snapshot.language, len(snapshot.text))
    return f"refactor: {action}, {length} code points of {document}"


def _came(outcome: Outcome) -> str:
    edits = sum(len(change.edits) for change in outcome.changes)
    files, words = len(outcome.changes), len(outcome.markdown)
    findings = len(outcome.findings or ())
    return f"edits: {edits}, files: {files}, code points of words: {words}, findings: {findings}"
