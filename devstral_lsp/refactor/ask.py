"""A conversation about one errand: a question, an answer that can be used, or one more try.

Knows when an answer is cut or cannot be used, and when an endpoint takes no schema; what a question
says and how an answer is read is told by the engine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from devstral_lsp.errors import InvalidRequest, RateLimited, ServerOverloaded
from devstral_lsp.observability.trace import annotate
from devstral_lsp.providers.base import ChatProvider, ChatRequest, FinishReason
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.prompt import estimate_tokens
from devstral_lsp.refactor.retry import RetryPolicy
from devstral_lsp.refactor.serial_worker import SerialThreadWorker
from devstral_lsp.refactor.types import Progress, RefactorRefused

PROGRESS_S = 0.2
"""Between two reports of one answer: more often than that nobody reads them."""

_SCHEMA_FIELDS = frozenset({"response_format", "json_schema"})

_SECRET_BROKEN = (
    "The edit splits, shortens or rewrites a key or a password, which would be lost: leave the "
    "lines that hold it as they are, or out of the selection."
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PreparedRequest(Generic[T]):
    """A question in one form. `read` blocks, and raises UnusableReply for an answer of no use.

    `edits` tells whether what is read may change a file.
    """

    request: ChatRequest
    read: Callable[[str], T]
    edits: bool = True


RequestFactory = Callable[[bool], PreparedRequest[T]]
"""Puts the question, with a schema for the answer or, on False, without one."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer, and how it ended."""

    text: str
    finish: FinishReason


class ModelSession:
    """Asks one endpoint; remembers whether that takes schemas."""

    def __init__(
        self,
        most_tokens: int,
        worker: SerialThreadWorker,
        now_s: Callable[[], float] = time.monotonic,
        sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`most_tokens` is the upper limit of one answer; `worker` is where one is read."""
        self._most_tokens = most_tokens
        self._worker = worker
        self._now_s = now_s
        self._insistence = RetryPolicy((ServerOverloaded, RateLimited), sleep_s)
        self._takes_schemas = True

    async def ask(
        self, chat: ChatProvider, pose: RequestFactory[T], report: Callable[[Progress], None]
    ) -> T:
        """What is read in the answer, or in the second one if the first is of no use.

        Raises RefactorRefused for two of no use, ProviderError. Cancelling hangs up at once.
        """
        posed = pose(self._takes_schemas)
        try:
            said = await self._say(chat, posed.request, report)
        except InvalidRequest as error:
            if not self._takes_schemas or not _SCHEMA_FIELDS & set(error.fields):
                raise
            self._takes_schemas = False
            annotate("it takes no schema")
            posed = pose(False)
            said = await self._say(chat, posed.request, report)
        try:
            return await self._read(posed, said)
        except _ReplyTooLong:
            annotate("asked once more, with more room")
            request = self._with_more_room(posed.request)
        except UnusableReply as error:
            annotate("asked once more, since: %s", error.logged)
            request = _corrected(posed.request, said.text, str(error))
        report(Progress("Asking once more"))
        posed = replace(posed, request=request)
        return await self._read(posed, await self._say(chat, request, report))

    async def _say(
        self, chat: ChatProvider, request: ChatRequest, report: Callable[[Progress], None]
    ) -> _Reply:
        """The answer, from an endpoint that may be busy for a moment. Raises ProviderError."""
        return await self._insistence.run(
            lambda: self._say_once(chat, request, report),
            lambda: report(Progress("Waiting for a busy endpoint")),
        )

    async def _say_once(
        self, chat: ChatProvider, request: ChatRequest, report: Callable[[Progress], None]
    ) -> _Reply:
        text, finish, due_s = "", FinishReason.INCOMPLETE, self._now_s()
        asked_s = due_s
        async with aclosing(chat.chat(request)) as answer:
            async for chunk in answer:
                if chunk.text and not text:
                    annotate("first text after %.0f ms", (self._now_s() - asked_s) * 1000)
                text += chunk.text
                finish = chunk.finish or finish
                if self._now_s() >= due_s:
                    report(Progress("Writing", estimate_tokens(text)))
                    due_s = self._now_s() + PROGRESS_S
        return _Reply(text, finish)

    async def _read(self, posed: PreparedRequest[T], said: _Reply) -> T:
        """Read an answer: finding what differs in a long one takes its time."""
        if said.finish is FinishReason.LENGTH:
            raise _ReplyTooLong(posed.request.max_tokens)
        if said.finish is FinishReason.SECRET_BROKEN and posed.edits:
            raise UnusableReply(_SECRET_BROKEN)
        if said.finish not in (FinishReason.STOP, FinishReason.SECRET_BROKEN):
            raise UnusableReply("The answer broke off before its end.")
        return await self._worker.run(posed.read, said.text)

    def _with_more_room(self, request: ChatRequest) -> ChatRequest:
        """The same question again, if there is more room.

        Raises RefactorRefused if there is none.
        """
        if request.max_tokens >= self._most_tokens:
            raise _ReplyTooLong(request.max_tokens)
        return replace(request, max_tokens=self._most_tokens)


class _ReplyTooLong(RefactorRefused):
    """The answer ended before its end."""

    def __init__(self, tokens: int) -> None:
        super().__init__(
            f"The answer did not come to its end within {tokens} tokens, so nothing was changed: "
            "select less, or raise chat.max_tokens."
        )


def _corrected(request: ChatRequest, said: str, reason: str) -> ChatRequest:
    """The conversation, with what was wrong about the answer."""
    complaint = (
        f"This cannot be used: {reason} Nothing has been changed yet. Answer the same instruction "
        "again, whole and in the same form, without that fault."
    )
    further = (
        {"role": "assistant", "content": said or "(no answer)"},
        {"role": "user", "content": complaint},
    )
    return replace(request, messages=(*request.messages, *further))
