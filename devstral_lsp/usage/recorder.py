"""Follows every trace: keeps the newest in memory, and writes each down in the ledger.

The ledger gets what it has a column for. What the user accepted is kept in memory until it is known
whether it still stands, and is written nowhere.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devstral_lsp.config.schema import UsageSettings
from devstral_lsp.observability.trace import Event, Trace
from devstral_lsp.providers.base import ModelInfo
from devstral_lsp.providers.metering import Usage
from devstral_lsp.text import Snapshot
from devstral_lsp.usage.account import usd_of
from devstral_lsp.usage.ledger import Ledger, LedgerRow, Value

if TYPE_CHECKING:
    from devstral_lsp.usage.spans import SpanRecorder

KEPT_TRACES = 200
STANDING_AFTER_S = (30, 120, 300)
"""When it is looked whether what was accepted still stands."""
MAX_WATCHED = 50
"""Acceptances that are watched at the same time; further ones are not."""
_NO_OPENTELEMETRY = (
    "usage.opentelemetry is on, but OpenTelemetry is not installed, so nothing is sent to it: "
    "install the extra, by `pipx install --force '.[otel]'` in the clone, or switch it off."
)


class UsageRecorder:
    """One application's traces, the newest last."""

    def __init__(
        self,
        editor: str,
        model_info: Callable[[str], Awaitable[ModelInfo]],
        document: Callable[[str], Snapshot | None],
        sleep_s: Callable[[float], Awaitable[None]],
    ) -> None:
        """Nothing is written for an `editor` without a name. `model_info` tells of the model that
        does a kind of work, "completion" for instance; `document` gives an open document."""
        self.traces: deque[Trace] = deque(maxlen=KEPT_TRACES)
        self.spans: SpanRecorder | None = None
        """Where traces go as OpenTelemetry spans; None unless the settings want that."""
        self._ledger: Ledger | None = None
        self._editor = editor
        self._model_info = model_info
        self._document = document
        self._sleep_s = sleep_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._watched = 0
        self._models: dict[str, str] = {}
        """The model that each provider asked last."""

    def configure(self, settings: UsageSettings, folder: Path) -> str:
        """Write to the ledger in `folder`, unless the settings or a missing name forbid it; what
        cannot be done, as a sentence for the user, or "".
        """
        former, self._ledger = self._ledger, None
        if former is not None:
            former.finish()
        if settings.enabled and self._editor:
            self._ledger = Ledger(folder, settings.keep_days)
        if not settings.opentelemetry:
            self._stop_spans()
            return ""
        if self.spans is not None:
            return ""
        try:
            from devstral_lsp.usage.spans import SpanRecorder

            self.spans = SpanRecorder.to_collector()
        except ImportError:
            return _NO_OPENTELEMETRY
        return ""

    def ended(self, trace: Trace) -> None:
        """Keep the trace; of all that are kept, the last alone keeps what was asked of a model."""
        if trace.request is not None:
            for each in self.traces:
                each.request = None
        self.traces.append(trace)
        if self.spans is not None:
            self.spans.ended(trace)
        if self._ledger is not None:
            self._ledger.append(self._opportunity(trace))
        for event in trace.events:
            self._write(trace, event)

    def continued(self, trace: Trace, event: Event) -> None:
        """Write down what a request has cost, or what became of a suggestion."""
        self._write(trace, event)

    def accepted(self, trace: Trace, uri: str, text: str) -> None:
        """Watch whether the text still stands, for as long as the document is open."""
        if self._ledger is not None and self._watched < MAX_WATCHED:
            self._begin(self._watch(self._ledger, trace, uri, _without_blanks(text)))

    async def close(self) -> None:
        """Give up watching, and write what is left to write."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for each in (self._ledger, self.spans):
            if each is not None:
                await asyncio.to_thread(each.close)

    def _stop_spans(self) -> None:
        """Send what is left, in the background, and nothing further."""
        spans, self.spans = self.spans, None
        if spans is not None:
            self._begin(asyncio.to_thread(spans.close))

    def _write(self, trace: Trace, event: Event) -> None:
        if event.stage == "usage" and (self._ledger or self.spans):
            self._begin(self._write_request(trace, event, time.time()))
        elif event.stage == "acceptance" and self._ledger is not None:
            facts = _columns(event, "became", "length")
            values: dict[str, Value] = {"opportunity": trace.id, "at_s": time.time(), **facts}
            self._ledger.append(LedgerRow("acceptances", values))

    async def _write_request(self, trace: Trace, event: Event, at_s: float) -> None:
        facts = _columns(
            *(event, "provider", "status", "finish", "prompt_tokens", "cached_tokens"),
            *("completion_tokens", "is_counted", "is_prefetch", "took_ms"),
        )
        work = str((trace.subject.facts or {}).get("work", ""))
        info = await self._model_info(work)
        self._models[str(facts["provider"])] = info.model
        if self.spans is not None:
            self.spans.requested(trace, event, info.model)
        usage = Usage(*(int(facts[name] or 0) for name in _TOKENS))
        values: dict[str, Value] = {
            "opportunity": trace.id,
            "at_s": at_s,
            "model": info.model,
            "cost_usd": usd_of(usage, info.price) if info.price else None,
            **facts,
        }
        if self._ledger is not None:
            self._ledger.append(LedgerRow("requests", values))

    async def _watch(self, ledger: Ledger, trace: Trace, uri: str, text: str) -> None:
        self._watched += 1
        try:
            before = max(1, await self._count(uri, text) or 0)
            passed_s = 0
            for after_s in STANDING_AFTER_S:
                await self._sleep_s(after_s - passed_s)
                passed_s = after_s
                if (count := await self._count(uri, text)) is None:
                    return
                values: dict[str, Value] = {
                    "opportunity": trace.id,
                    "at_s": time.time(),
                    "became": "watched",
                    "after_s": after_s,
                    "stands": count >= before,
                }
                ledger.append(LedgerRow("acceptances", values))
        finally:
            self._watched -= 1

    async def _count(self, uri: str, text: str) -> int | None:
        """How often `text` stands in the document; None if it is closed."""
        document = self._document(uri)
        if document is None:
            return None
        return await asyncio.to_thread(lambda: _without_blanks(str(document.text)).count(text))

    def _opportunity(self, trace: Trace) -> LedgerRow:
        facts = trace.subject.facts or {}
        outcome, reason = trace.outcome, trace.reason
        values: dict[str, Value] = {
            "id": trace.id,
            "at_s": trace.started_s,
            "work": facts.get("work"),
            "trigger": facts.get("trigger"),
            "language": facts.get("language"),
            "editor": self._editor,
            "outcome": _outcome(trace),
            "detail": _detail(reason) if outcome.facts["result"] == "nothing" and reason else None,
            "total_ms": outcome.at_ms,
            "kind": facts.get("kind"),
            "filters": ",".join(
                str(each.facts["changed_by"]) for each in trace.events if "changed_by" in each.facts
            ).replace(" ", ""),
            **_columns(outcome, "provider", "tier", "length"),
        }
        values["model"] = self._models.get(str(values["provider"]))
        named = (("kind", "kind"), ("wait_ms", "debounce_ms"), ("context_ms", "context_ms"))
        for fact, column in (*named, ("first_text_ms", "first_text_ms")):
            for each in trace.events:
                if fact in each.facts:
                    values[column] = each.facts[fact]
        return LedgerRow("opportunities", values, trace.subject.uri)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="usage")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_TOKENS = ("prompt_tokens", "completion_tokens", "cached_tokens")
"""In the order of `Usage`."""


def _columns(event: Event, *names: str) -> Mapping[str, Any]:
    return {name: event.facts.get(name) for name in names}


def _outcome(trace: Trace) -> str:
    """In one word: "shown", "continued" for the rest of what was shown, why not, or "error"."""
    result = trace.outcome.facts["result"]
    if result == "shown":
        is_rest = any(each.facts.get("is_rest") for each in trace.events)
        return "continued" if is_rest else "shown"
    if result == "nothing":
        return str(trace.reason.facts["verdict"]) if trace.reason is not None else "empty"
    return "error" if result == "failed" else str(result)


def _detail(reason: Event) -> str | None:
    """The filter that dropped it, or the class of the error."""
    return next((str(reason.facts[n]) for n in ("filter", "error") if n in reason.facts), None)


def _without_blanks(text: str) -> str:
    """A formatter moves blanks and line ends, and changes nothing by that."""
    return "".join(text.split())
