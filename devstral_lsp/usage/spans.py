"""Traces as OpenTelemetry spans, with the extra `otel`: what was asked of a model, never content.

A span for each completion, refactor or task that asked a model, and below it one for each request,
by the semantic conventions for generative AI. The collector, its headers and the sampling are what
the environment's `OTEL_*` variables say.
"""

from __future__ import annotations

from collections import OrderedDict

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context

from devstral_lsp import __version__
from devstral_lsp.observability.trace import Event, Trace

MAX_PARENTS = 200
"""Traces of which a request may still end after their own end."""

_PROVIDERS = {"mistral": "mistral_ai"}
"""Our names of providers that the conventions have another one for; others stay."""
_NS_PER_MS, _NS_PER_S = 1_000_000, 1_000_000_000


class SpanRecorder:
    """Turns what a recorder hears into spans of `provider`, which it owns."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("devstral-lsp", __version__)
        self._parents: OrderedDict[int, Span] = OrderedDict()

    @classmethod
    def to_collector(cls) -> SpanRecorder:
        """Send spans, in batches and by a thread of their own, to the environment's collector.

        Raises ImportError without the extra.
        """
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        named = {"service.name": "devstral-lsp", "service.version": __version__}
        provider = TracerProvider(resource=Resource.create(named))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider)

    def ended(self, trace: Trace) -> None:
        """Add the span of a trace for which a model was asked."""
        if trace.request is None:
            return
        began_ns = int(trace.started_s * _NS_PER_S)
        facts, outcome = trace.subject.facts or {}, trace.outcome
        span = self._tracer.start_span(
            f"devstral {facts.get('work', '')}",
            start_time=began_ns,
            attributes={
                "devstral.result": outcome.facts["result"],
                "devstral.trigger": facts.get("trigger", ""),
                "devstral.language": facts.get("language", ""),
                "devstral.tier": outcome.facts.get("tier", ""),
            },
        )
        span.end(began_ns + int(outcome.at_ms * _NS_PER_MS))
        self._parents[trace.id] = span
        if len(self._parents) > MAX_PARENTS:
            self._parents.popitem(last=False)

    def requested(self, trace: Trace, event: Event, model: str) -> None:
        """Add the span of a request, of which a trace's event `usage` tells."""
        facts = event.facts
        is_chat = (trace.subject.facts or {}).get("work") != "completion"
        operation = "chat" if is_chat else "text_completion"
        provider = str(facts["provider"])
        ended_ns = int(trace.started_s * _NS_PER_S + event.at_ms * _NS_PER_MS)
        parent = self._parents.get(trace.id)
        span = self._tracer.start_span(
            f"{operation} {model}".rstrip(),
            context=set_span_in_context(parent) if parent is not None else None,
            kind=SpanKind.CLIENT,
            start_time=ended_ns - int(float(facts["took_ms"]) * _NS_PER_MS),
            attributes={
                "gen_ai.operation.name": operation,
                "gen_ai.provider.name": _PROVIDERS.get(provider, provider),
                "gen_ai.request.model": model,
                "gen_ai.response.finish_reasons": (str(facts["finish"]),),
                "gen_ai.usage.input_tokens": int(facts["prompt_tokens"]),
                "gen_ai.usage.output_tokens": int(facts["completion_tokens"]),
                "gen_ai.usage.cache_read.input_tokens": int(facts["cached_tokens"]),
            },
        )
        if (status := int(facts["status"])) != 200:
            span.set_attribute("error.type", str(status or "_OTHER"))
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended_ns)

    def close(self) -> None:
        """Send what is left. Blocks."""
        self._provider.shutdown()
