"""The traces of refactors and tasks.

They contain neither an instruction nor the name of a custom action, which is the user's text.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Protocol

from devstral_lsp.context.choice import CHARACTERS_PER_TOKEN
from devstral_lsp.errors import ProviderError
from devstral_lsp.observability import trace
from devstral_lsp.providers.base import ChatProvider, ChatRequest, Chunk
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


async def traced_chat(
    chat: ChatProvider, request: ChatRequest, now_s: Callable[[], float]
) -> AsyncGenerator[Chunk, None]:
    """The answer of `chat`. What the request took is added to the current trace however it ends;
    estimated, where the tokens are not counted. Raises ProviderError."""
    current, asked_s = trace.current(), now_s()
    if current is not None:
        current.request = request
    length, failure, last = 0, None, Chunk()
    try:
        async with aclosing(chat.chat(request)) as answer:
            async for chunk in answer:
                if chunk.text and not length:
                    first_ms = (now_s() - asked_s) * 1000
                    words = "first text after %.0f ms"
                    trace.annotate(words, first_ms, stage="first text", first_text_ms=first_ms)
                length += len(chunk.text)
                last = chunk if chunk.finish is not None else last
                yield chunk
    except ProviderError as error:
        failure = error
        raise
    finally:
        usage, asked = last.usage, sum(len(str(each)) for each in request.messages)
        estimated = (int(asked / CHARACTERS_PER_TOKEN), 0, int(length / CHARACTERS_PER_TOKEN))
        if current is not None:
            current.add_request(
                chat.name,
                (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
                if usage is not None
                else estimated,
                last.finish.value if last.finish is not None else trace.HUNG_UP,
                (now_s() - asked_s) * 1000,
                error=failure,
                is_counted=usage is not None,
            )


traced_refactor = trace.traced(_logger, _a_refactor, _result)
"""Decorator of the coroutine that runs a refactor."""
traced_task = trace.traced(_logger, _a_task, _result, lambda *arguments: arguments[-1])
"""Decorator of the coroutine that runs a task: its first argument has the instruction, its last the
observer."""
