"""The lines of the debug log that tell of a refactor and of a task.

They hold the name of an action of ours, never an instruction: an action of the user's own is named
by the user. What stands in the brackets the stages have noted themselves (`story.py`).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from devstral_lsp.observability import trace
from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.types import ActionOffer, RefactorResult
from devstral_lsp.text import Snapshot

if TYPE_CHECKING:
    from devstral_lsp.refactor.task.agent import Task

_logger = logging.getLogger(__name__)


def _came(outcome: RefactorResult) -> str:
    edits = sum(len(change.edits) for change in outcome.changes)
    files, words = len(outcome.changes), len(outcome.markdown)
    findings = len(outcome.findings or ())
    return f"edits: {edits}, files: {files}, code points of words: {words}, findings: {findings}"


def _a_refactor(_: object, offer: ActionOffer, snapshot: Snapshot, **__: object) -> str:
    """What is done, and to how much of which document."""
    action = offer.action if offer.action in ACTIONS else "an action of their own"
    length = offer.span.end - offer.span.start
    document = trace.anonymize_document(snapshot.uri, snapshot.language, len(snapshot.text))
    return f"refactor: {action}, {length} code points of {document}"


def _a_task(task: Task, *_: object) -> str:
    """How much was said of what is to be done."""
    return f"task: {len(task.instruction)} code points of instruction"


traced_refactor = trace.traced(_logger, _a_refactor, _came)
traced_task = trace.traced(_logger, _a_task, _came)
"""Make of what does such an errand the same, with its line in the log."""
