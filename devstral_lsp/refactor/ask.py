"""Asks the model, with one retry if its answer is truncated or unusable.

Also retries when the endpoint is busy, drops the JSON schema if the endpoint does not support it,
and reads answers in a thread. `prompt.py` builds the request; `reply_to_edits.py` reads the answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, ParamSpec, TypeVar, cast

from devstral_lsp.context.choice import CHARACTERS_PER_TOKEN
from devstral_lsp.errors import (
    BudgetExceeded,
    InvalidRequest,
    ProviderError,
    RateLimited,
    ServerOverloaded,
)
from devstral_lsp.observability.trace import annotate
from devstral_lsp.providers.base import ChatProvider, ChatRequest, FinishReason
from devstral_lsp.refactor.errors import LossyReply, UnusableReply
from devstral_lsp.refactor.trace import traced_chat
from devstral_lsp.refactor.types import Progress, RefactorRefused

PROGRESS_S = 0.2
"""Between two progress reports of one answer."""
PAUSES_S = (2.0, 8.0)
"""Before each retry at a busy endpoint, or the pause that it asks for, if that is longer."""
MAX_PAUSE_S = 30.0
"""If the endpoint asks for a longer pause, its error is shown instead of retrying."""
QUOTA_PAUSE_S = 65.0
"""The same for the user's own quota per minute, of which the end is known."""

_SCHEMA_FIELDS = frozenset({"response_format", "json_schema"})
_SECRET_BROKEN = (
    "The edit splits, shortens or rewrites a key or a password, which would be lost: leave the "
    "lines that hold it as they are, or out of the selection."
)

P = ParamSpec("P")
T = TypeVar("T")


class SerialThreadWorker:
    """Runs blocking work in threads, one piece at a time.

    Python's threads take turns of 5 ms each: with several refactors at work, the thread that
    answers keystrokes would wait for all of them.
    """

    def __init__(self) -> None:
        self._free = asyncio.Lock()

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work`, which may block. Raises what it raises."""
        return await self.wait_for(partial(asyncio.to_thread, work, *args, **kwargs))

    async def wait_for(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of `work`, which uses its own threads."""
        async with self._free:
            return await work()


async def retry_when_busy(
    ask: Callable[[], Awaitable[T]],
    before_pause: Callable[[], None],
    retryable: tuple[type[ProviderError], ...],
    sleep_s: Callable[[float], Awaitable[object]],
) -> T:
    """The result of `ask`, called again after a pause if it raises one of `retryable`.

    Raises ProviderError. `sleep_s` waits for so many seconds.
    """
    for pause_s in PAUSES_S:
        try:
            return await ask()
        except retryable as error:
            wanted_s = max(pause_s, error.retry_after_s or 0.0)
            is_quota = isinstance(error, BudgetExceeded)
            if is_quota and error.retry_after_s is None:
                raise
            if wanted_s > (QUOTA_PAUSE_S if is_quota else MAX_PAUSE_S):
                raise
        before_pause()
        await sleep_s(wanted_s)
    return await ask()


def estimate_tokens(text: str) -> int:
    """The approximate number of tokens of `text`."""
    return int(len(text) / CHARACTERS_PER_TOKEN) + 1


@dataclass(frozen=True, slots=True)
class PreparedRequest(Generic[T]):
    """A request, and `read`, which parses its answer, blocks, and raises UnusableReply.

    `edits` is True if the result may change a file.
    """

    request: ChatRequest
    read: Callable[[str], T]
    edits: bool = True


RequestFactory = Callable[[bool], PreparedRequest[T]]
"""Builds the request: with a JSON schema for the answer on True, without one on False."""


class ModelSession:
    """Asks one endpoint, and remembers whether it supports schemas."""

    def __init__(
        self,
        most_tokens: int,
        worker: SerialThreadWorker,
        now_s: Callable[[], float] = time.monotonic,
        sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`most_tokens` is the upper limit of one answer; `worker` reads the answers."""
        self._most_tokens = most_tokens
        self._worker = worker
        self._now_s = now_s
        self._sleep_s = sleep_s
        self._takes_schemas = True

    async def ask(
        self, chat: ChatProvider, prepare: RequestFactory[T], report: Callable[[Progress], None]
    ) -> T:
        """The result of the answer, or of a second one if the first is unusable.

        If the second one leaves code out as well, it is returned with the loss marked. Raises
        RefactorRefused after two unusable answers, and ProviderError. Cancelling closes the stream
        immediately.
        """
        prepared = prepare(self._takes_schemas)
        try:
            text, finish = await self._answer(chat, prepared.request, report)
        except InvalidRequest as error:
            if not self._takes_schemas or not _SCHEMA_FIELDS & set(error.fields):
                raise
            self._takes_schemas = False
            annotate("it takes no schema")
            prepared = prepare(False)
            text, finish = await self._answer(chat, prepared.request, report)
        request = prepared.request
        try:
            return await self._read(prepared, text, finish)
        except _ReplyTooLong:
            if request.max_tokens >= self._most_tokens:
                raise
            annotate("asked once more, with more room")
            request = replace(request, max_tokens=self._most_tokens)
        except UnusableReply as error:
            annotate("asked once more, since: %s", error.logged)
            request = _corrected(request, text, str(error))
        report(Progress("Asking once more"))
        text, finish = await self._answer(chat, request, report)
        try:
            return await self._read(replace(prepared, request=request), text, finish)
        except LossyReply as error:
            if error.draft is None:
                raise
            annotate("what it leaves out is shown: %s", error.logged)
            return cast("T", error.draft)

    async def _answer(
        self, chat: ChatProvider, request: ChatRequest, report: Callable[[Progress], None]
    ) -> tuple[str, FinishReason]:
        """The whole answer, with retries while the endpoint is busy. Raises ProviderError."""
        return await retry_when_busy(
            lambda: self._stream(chat, request, report),
            lambda: report(Progress("Waiting for a busy endpoint")),
            (ServerOverloaded, RateLimited),
            self._sleep_s,
        )

    async def _stream(
        self, chat: ChatProvider, request: ChatRequest, report: Callable[[Progress], None]
    ) -> tuple[str, FinishReason]:
        text, finish, due_s = "", FinishReason.INCOMPLETE, self._now_s()
        async with aclosing(traced_chat(chat, request, self._now_s)) as answer:
            async for chunk in answer:
                text += chunk.text
                finish = chunk.finish or finish
                if self._now_s() >= due_s:
                    report(Progress("Writing", estimate_tokens(text)))
                    due_s = self._now_s() + PROGRESS_S
        return text, finish

    async def _read(self, prepared: PreparedRequest[T], text: str, finish: FinishReason) -> T:
        if finish is FinishReason.LENGTH:
            raise _ReplyTooLong(
                f"The answer did not come to its end within {prepared.request.max_tokens} tokens, "
                "so nothing was changed: select less, or raise chat.max_tokens."
            )
        if finish is FinishReason.SECRET_BROKEN and prepared.edits:
            raise UnusableReply(_SECRET_BROKEN)
        if finish not in (FinishReason.STOP, FinishReason.SECRET_BROKEN):
            raise UnusableReply("The answer broke off before its end.")
        return await self._worker.run(prepared.read, text)


class _ReplyTooLong(RefactorRefused):
    """The answer was cut off at the token limit."""


def _corrected(request: ChatRequest, said: str, reason: str) -> ChatRequest:
    """The messages so far, followed by what was wrong with the answer."""
    complaint = (
        f"This cannot be used: {reason} Nothing has been changed yet. Answer the same instruction "
        "again, whole and in the same form, without that fault."
    )
    further = (
        {"role": "assistant", "content": said or "(no answer)"},
        {"role": "user", "content": complaint},
    )
    return replace(request, messages=(*request.messages, *further))
