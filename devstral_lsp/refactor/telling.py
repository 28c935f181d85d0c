"""The lines of the debug log that tell of a refactor and of a task.

They hold the name of an action of ours, never an instruction: an action of the user's own is named
by the user. What stands in the brackets the stages have noted themselves (`story.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from devstral_lsp import story
from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.base import Offer, Outcome
from devstral_lsp.text import Snapshot

if TYPE_CHECKING:
    from devstral_lsp.refactor.task.engine import Task

_logger = logging.getLogger(__name__)

P = ParamSpec("P")
Answer = Coroutine[Any, Any, Outcome]


def told(subject: Callable[..., str]) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
    """Makes of what does an errand the same, of which each call is told in a line at DEBUG.

    `subject` says what it is about, and is given what the call is given. Above, nothing is touched.
    """

    def telling(run: Callable[P, Answer]) -> Callable[P, Answer]:
        @wraps(run)
        def tell(*args: P.args, **named: P.kwargs) -> Answer:
            if not _logger.isEnabledFor(logging.DEBUG):
                return run(*args, **named)
            about = partial(subject, *args, **named)
            return story.tell(_logger, about, partial(run, *args, **named), _came)

        return tell

    return telling


def a_refactor(_: object, offer: Offer, snapshot: Snapshot, **__: object) -> str:
    """What is done, and to how much of which document."""
    action = offer.action if offer.action in ACTIONS else "an action of their own"
    length = offer.span.end - offer.span.start
    document = story.document(snapshot.uri, snapshot.language, len(snapshot.text))
    return f"refactor: {action}, {length} code points of {document}"


def a_task(task: Task, *_: object) -> str:
    """How much was said of what is to be done."""
    return f"task: {len(task.instruction)} code points of instruction"


def _came(outcome: Outcome) -> str:
    edits = sum(len(change.edits) for change in outcome.changes)
    files, words = len(outcome.changes), len(outcome.markdown)
    findings = len(outcome.findings or ())
    return f"edits: {edits}, files: {files}, code points of words: {words}, findings: {findings}"
