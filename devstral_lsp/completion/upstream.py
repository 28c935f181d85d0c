"""The model behind the network: what to request, when requests are allowed, and reading the stream.

One per provider. It remembers what it learns about the endpoint: how many characters a token has,
that its context is short, that it fails for now. The engine decides which request to answer and
what to keep.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, Protocol

from devstral_lsp.completion.alternatives import request_alternatives
from devstral_lsp.completion.certainty import until_uncertain
from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.inflight import InflightStream
from devstral_lsp.completion.latency import Latency, head_start_s
from devstral_lsp.completion.sessions import RequestTurn
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.completion.task import CompletionTask, PromptOptions, fim_request
from devstral_lsp.completion.token_ratio import CharactersPerToken
from devstral_lsp.completion.types import Draft
from devstral_lsp.config.schema import CompletionSettings, FimSettings
from devstral_lsp.config.setting_types import AUTO
from devstral_lsp.errors import ContextLengthExceeded, ProviderError
from devstral_lsp.observability.trace import HUNG_UP, ErrorSummary, Trace, annotate, current
from devstral_lsp.providers.backoff import Backoff
from devstral_lsp.providers.base import (
    Chunk,
    FimProvider,
    FimRequest,
    FinishReason,
    HasFallback,
    most_characters,
)
from devstral_lsp.providers.metering import ProviderLimits, QuotaState, Usage
from devstral_lsp.text import Snapshot

REDUCED_BUDGET, MIN_BUDGET = 0.5, 1 / 16
"""By which a prompt's budget is multiplied each time that the endpoint finds it too long, and the
least that is left of it: an endpoint that refuses that much is not asking for less."""


class ContextPrefix(Protocol):
    """Builds the text that the prompt has before the document's own; "" for none."""

    async def __call__(
        self,
        snapshot: Snapshot,
        offset: int,
        *,
        cells: Sequence[Snapshot] = (),
        characters_per_token: float = ...,
        share: float = 1.0,
    ) -> str: ...


class Upstream:
    """One endpoint, as the engine sees it."""

    def __init__(
        self, provider: FimProvider, settings: FimSettings, head: ContextPrefix | None, clock: Clock
    ) -> None:
        self._provider = provider
        self._settings = settings
        self._head = head
        self._backoff = Backoff(clock.now_s)
        self._ratios = defaultdict[int, CharactersPerToken](CharactersPerToken)
        """By who counts tokens: each model behind the provider has its own tokenizer."""
        self._ratio = self._ratios[0]
        """That of who counted last."""
        self._latency = Latency()
        self._clock = clock
        self._share = 1.0
        self._budget_tokens = 0.0
        """Of the last prompt; 0 before the first."""

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def status(self) -> Status:
        """How it is doing, once it has answered: another may have stood in for the one wanted."""
        provider = self._provider
        other = provider.active_fallback if isinstance(provider, HasFallback) else None
        return Status(StatusKind.WARNING, str(other)) if other else Status(StatusKind.NORMAL)

    @property
    def is_scarce(self) -> bool:
        """Whether its quota is too small for requests at typing speed."""
        return self._provider.limits.quota is QuotaState.SCARCE

    def speculates(self, settings: CompletionSettings) -> bool:
        """Whether to ask ahead of the user, who may leave that to the quota."""
        if settings.speculate == AUTO:
            return self._provider.limits.quota is QuotaState.AMPLE
        return settings.speculate is True

    @property
    def _quota_share(self) -> float:
        """The share of a usual prompt that the quota allows, for what stands around as well."""
        limits = self._provider.limits
        return limits.prompt_tokens / ProviderLimits().prompt_tokens if self.is_scarce else 1.0

    @property
    def first_token_ms(self) -> float:
        """What it has lately taken to begin an answer."""
        return self._latency.first_token_ms

    @property
    def is_available(self) -> bool:
        """Whether it may be asked, or is left alone after it failed."""
        return self._backoff.is_closed

    @property
    def last_error(self) -> ProviderError | None:
        """The failure for which it is left alone, or was lately."""
        return self._backoff.last_error

    async def answers_at_once(self, asking: asyncio.Future[Any]) -> bool:
        """Whether what was asked is answered before there is time for anything else."""
        pausing = asyncio.ensure_future(self._clock.sleep_s(head_start_s(self.first_token_ms)))
        await asyncio.wait((asking, pausing), return_when=asyncio.FIRST_COMPLETED)
        pausing.cancel()
        return asking.done()

    async def request(self, question: CompletionTask, cache_key: str) -> FimRequest:
        """What to ask, with what is around the document, which may take a moment to gather."""
        tokens = self._budget_tokens = self._provider.limits.prompt_tokens * self._share
        began_ms = self._clock.now_ms()
        frame = PromptOptions(
            budget=int(tokens * self._ratio.value),
            context_prefix=await self._head_for(question),
            cache_key=cache_key,
        )
        made = fim_request(question, self._settings, frame)
        sizes = (len(made.prompt) - made.context_length, len(made.suffix), made.context_length)
        words = "prompt of %d + %d code points, context of %d"
        annotate(words, *sizes, stage="prompt", context_ms=self._clock.now_ms() - began_ms)
        return made

    def start_stream(
        self, question: CompletionTask, request: FimRequest, ended: Callable[[InflightStream], None]
    ) -> InflightStream:
        """Send a request; `ended` hears when its stream is over, however it ended."""

        trace, sent_ms = current(), self._clock.now_ms()
        if trace is not None:
            trace.request = request

        def over(stream: InflightStream) -> None:
            self._learn(request, stream)
            if trace is not None:
                self._tell_cost(trace, request, stream, self._clock.now_ms() - sent_ms)
            ended(stream)

        return InflightStream(
            question.place,
            question.kind,
            request.stop,
            self._timed(self._answer(question, request)),
            over,
            most_characters(request.max_tokens),
        )

    def _answer(self, question: CompletionTask, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """All that the model says to a user who asks by hand, what it is certain of to others."""
        chunks = self._provider.fim(request)
        return chunks if question.is_manual else until_uncertain(chunks)

    async def _timed(self, chunks: AsyncGenerator[Chunk, None]) -> AsyncGenerator[Chunk, None]:
        asked_ms = self._clock.now_ms()
        heard = False
        async with aclosing(chunks):
            async for chunk in chunks:
                if chunk.text and not heard:
                    heard = True
                    first_ms = self._clock.now_ms() - asked_ms
                    self._latency.observe(first_ms)
                    words = "first text after %.0f ms"
                    annotate(words, first_ms, stage="first text", first_text_ms=first_ms)
                yield chunk

    def shrink_prompt_after(self, stream: InflightStream) -> bool:
        """Whether the stream failed for a prompt too long, and prompts are now shorter.

        Where the endpoint named its limit, the provider knows it by now, and that is enough.
        """
        if not isinstance(stream.error, ContextLengthExceeded):
            return False
        if self._provider.limits.prompt_tokens * self._share < self._budget_tokens:
            return True
        if self._share <= MIN_BUDGET:
            return False
        self._share *= REDUCED_BUDGET
        return True

    async def await_suggestion(
        self, stream: InflightStream, question: CompletionTask, turn: RequestTurn
    ) -> Draft | None:
        """The first unit of a stream beyond what was typed, as soon as it is complete.

        None if the stream disagrees, fails, has nothing left, or a newer request came. In a hurry,
        the lines that are complete will do.
        """
        while not turn.is_superseded:
            if stream.error is not None:
                if isinstance(stream.error, ProviderError):
                    error = stream.error
                    facts = {"verdict": "error", "error": type(error).__name__}
                    words = "%s failed: %s"
                    if not error.was_sent:
                        facts |= {"verdict": "refused", "reason": str(error)}
                        words = "%s was not asked: %s"
                    annotate(words, self.name, ErrorSummary(error), stage="request", **facts)
                    return None
                raise stream.error  # a bug in a provider is reported as the request's failure
            rest = stream.remainder_at(question.place)
            if rest is None:
                words = "%s says something else than was typed"
                annotate(words, self.name, stage="extent", verdict="superseded")
                return None
            draft = stream.draft_at(question.place, question.kind, question.lines_accepted)
            if draft is not None:
                ends = "the first part" if draft.goes_on else "all"
                counts = (len(draft.text), ends, len(rest))
                annotate("%d code points are %s of %d that came", *counts, stage="extent")
                return draft
            if stream.done:
                return None if stream.text else Draft(text="", kind=question.kind)
            if turn.deadline_passed and (lines := _whole_lines(rest)):
                return Draft(text=lines, kind=question.kind, finish=FinishReason.STOP, goes_on=True)
            await stream.wait_for_update()
        facts = {"verdict": "superseded", "by": turn.superseded_by}
        annotate("superseded while %s was heard", self.name, stage="request", **facts)
        return None

    async def further(self, question: CompletionTask, cache_key: str) -> list[Draft]:
        """Other drafts for the same place, perhaps alike."""
        request = await self.request(question, cache_key)
        return await request_alternatives(self._provider, request, question.place, question.kind)

    async def _head_for(self, question: CompletionTask) -> str:
        if self._head is None:
            return ""
        request = question.request
        around = (*request.cells_above, request.snapshot, *request.cells_below)
        return await self._head(
            request.snapshot,
            request.offset,
            cells=around if len(around) > 1 else (),
            characters_per_token=self._ratio.value,
            share=self._share * self._quota_share,
        )

    def _learn(self, request: FimRequest, stream: InflightStream) -> None:
        if isinstance(stream.error, ProviderError):
            self._backoff.record_failure(stream.error)
        elif stream.text or stream.finish is not None:
            self._backoff.record_success()
            self._learn_ratio(len(request.prompt) + len(request.suffix), stream.usage)

    def _tell_cost(
        self, trace: Trace, request: FimRequest, stream: InflightStream, took_ms: float
    ) -> None:
        """Add to `trace` what a request took; its tokens are an estimate if none were counted."""
        usage, ratio = stream.usage, self._ratio.value
        tokens = (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
        if not usage.prompt_tokens:
            asked = len(request.prompt) + len(request.suffix)
            tokens = (round(asked / ratio), 0, round(len(stream.text) / ratio))
        trace.add_request(
            *(self.name, tokens, stream.finish.value if stream.finish else HUNG_UP, took_ms),
            error=stream.error if isinstance(stream.error, ProviderError) else None,
            is_counted=bool(usage.prompt_tokens),
            is_prefetch=stream.is_prefetch,
        )

    def _learn_ratio(self, characters: int, usage: Usage) -> None:
        if usage.prompt_tokens:  # a stream that we cancelled has no count
            self._ratio = self._ratios[usage.tokenizer_id]
            self._ratio.learn(characters, usage)


def _whole_lines(rest: str) -> str:
    """As much as has come to its line end, without that; "" if there is nothing to show in it."""
    lines = rest[: max(0, rest.rfind("\n"))].rstrip()
    return lines if lines.strip() else ""
