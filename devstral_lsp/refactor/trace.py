"""The traces of refactors and tasks.

They contain neither an instruction nor the name of a custom action, which is the user's text.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol

from devstral_lsp.context.choice import CHARACTERS_PER_TOKEN
from devstral_lsp.observability import trace
from devstral_lsp.providers.base import ChatRequest, Chunk, FinishReason
from devstral_lsp.providers.metering import Usage
from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.types import ActionOffer, RefactorResult
from devstral_lsp.text import Snapshot

_logger = logging.getLogger(__name__)


class HasInstruction(Protocol):
    """The part of a task that its trace uses."""

    @property
    def instruction(self) -> str: ...


def _result(outcome: RefactorResult) -> tuple[str, Mapping[str, trace.Fact]]:
    edits = sum(len(change.edits) for change in outcome.changes)
    files, words = len(outcome.changes), len(outcome.markdown)
    findings = len(outcome.findings or ())
    summary = f"edits: {edits}, files: {files}, code points of words: {words}, findings: {findings}"
    return summary, {"result": "shown", "edits": edits, "files": files}


def _a_refactor(_: object, offer: ActionOffer, snapshot: Snapshot, **__: object) -> trace.Subject:
    """The action, the document, and the size of the span."""
    action = offer.action if offer.action in ACTIONS else "an action of their own"
    length = offer.span.end - offer.span.start
    document = trace.anonymize_document(snapshot.uri, snapshot.language, len(snapshot.text))
    return trace.Subject(
        f"refactor: {action}, {length} code points of {document}",
        snapshot.uri,
        snapshot.text.line_of(min(offer.span.start, len(snapshot.text))) + 1,
        {
            "work": "refactor",
            "kind": action,
            "trigger": "invoked",
            "language": trace.safe_identifier(snapshot.language),
        },
    )


def _a_task(task: HasInstruction, *_: object) -> trace.Subject:
    """The length of the instruction."""
    summary = f"task: {len(task.instruction)} code points of instruction"
    return trace.Subject(summary, facts={"work": "task", "trigger": "invoked"})


def note_request(
    provider: str, request: ChatRequest, said: str, last: Chunk | None, took_ms: float
) -> None:
    """Add a request, its tokens and its time to the current trace.

    Tokens are estimated if the `last` chunk does not contain them.
    """
    if (current := trace.current()) is None:
        return
    current.request = request
    usage = last.usage if last is not None else None
    finish = (last.finish if last is not None else None) or FinishReason.INCOMPLETE
    if usage is None:
        asked = sum(len(str(each)) for each in request.messages)
        usage = Usage(int(asked / CHARACTERS_PER_TOKEN), int(len(said) / CHARACTERS_PER_TOKEN))
        counted = False
    else:
        counted = True
    tokens = (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
    current.add(
        "%s%d tokens in (%d cached), %d out; %s after %.0f ms",
        *("" if counted else "about ", *tokens, finish.value, took_ms),
        stage="usage",
        provider=provider,
        status=200,
        finish=finish.value,
        prompt_tokens=tokens[0],
        cached_tokens=tokens[1],
        completion_tokens=tokens[2],
        is_counted=counted,
        is_prefetch=False,
        took_ms=took_ms,
    )


traced_refactor = trace.traced(_logger, _a_refactor, _result)
"""Decorator of the coroutine that runs a refactor."""
traced_task = trace.traced(_logger, _a_task, _result, lambda *arguments: arguments[-1])
"""Decorator of the coroutine that runs a task: its first argument has the instruction, its last the
observer."""
