"""Traces as OpenTelemetry spans: by the conventions, and without content."""

from __future__ import annotations

import asyncio
import gzip
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from devstral_lsp.config.schema import UsageSettings
from tests.usage.test_day import URI, WORDS, Day

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as gen_ai
from opentelemetry.trace import SpanKind, StatusCode

from devstral_lsp.usage.spans import SpanRecorder


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def day(tmp_path: Path, exporter: InMemorySpanExporter) -> Any:
    """A user without a ledger, whose traces go to `exporter`."""
    day = Day(tmp_path, UsageSettings(enabled=False))
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    day.recorder.spans = SpanRecorder(provider)
    yield day
    await day.engine.close()
    await day.recorder.close()


async def spans(day: Day, exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """What was exported, by name, once the recorder has nothing left to do."""
    while any(each.get_name() == "usage" for each in asyncio.all_tasks()):  # noqa: ASYNC110
        await asyncio.sleep(0)
    return {each.name: each for each in exporter.get_finished_spans()}


async def test_a_request_is_below_what_it_was_made_for(
    day: Day, exporter: InMemorySpanExporter
) -> None:
    await day.types("total = ", "sum(values)\n")
    found = await spans(day, exporter)
    assert set(found) == {"devstral completion", "text_completion codestral-latest"}
    parent, child = found.values()
    assert child.parent is not None
    assert child.parent.span_id == parent.context.span_id
    assert child.kind is SpanKind.CLIENT
    assert parent.attributes is not None
    assert parent.attributes["devstral.result"] == "shown"
    known = child.attributes or {}
    assert known[gen_ai.GEN_AI_OPERATION_NAME] == "text_completion"
    assert known[gen_ai.GEN_AI_PROVIDER_NAME] == gen_ai.GenAiProviderNameValues.MISTRAL_AI.value
    assert known[gen_ai.GEN_AI_REQUEST_MODEL] == "codestral-latest"
    assert known[gen_ai.GEN_AI_RESPONSE_FINISH_REASONS] == ("stop",)
    assert known[gen_ai.GEN_AI_USAGE_INPUT_TOKENS] > 0  # type: ignore[operator]
    assert known[gen_ai.GEN_AI_USAGE_OUTPUT_TOKENS] > 0  # type: ignore[operator]
    assert child.end_time is not None
    assert child.start_time is not None
    assert child.end_time >= child.start_time


async def test_a_failure_is_one(day: Day, exporter: InMemorySpanExporter) -> None:
    await day.types("total = ")
    child = (await spans(day, exporter))["text_completion codestral-latest"]
    assert child.status.status_code is StatusCode.ERROR
    assert (child.attributes or {})["error.type"] == "401"


async def test_what_asked_nothing_is_no_span(day: Day, exporter: InMemorySpanExporter) -> None:
    (one,) = await day.types("total = ", "sum(values)\n")
    await day.takes(one, length=3)
    assert len(await spans(day, exporter)) == 2


async def test_switched_off_it_sends_no_more(
    day: Day, exporter: InMemorySpanExporter, tmp_path: Path
) -> None:
    await day.types("total = ", "sum(values)\n")
    before = len(await spans(day, exporter))
    day.recorder.configure(UsageSettings(enabled=False), tmp_path)
    await day.types("\nother = ", "max(values)\n")
    assert len(await spans(day, exporter)) == before


async def test_no_content_is_exported(day: Day, exporter: InMemorySpanExporter) -> None:
    for word in WORDS:
        await day.types(f"\n{word} = ", f"{word}_of({word})\n")
    await spans(day, exporter)
    exported = "".join(each.to_json() for each in exporter.get_finished_spans())
    assert len(exported) > 1000
    assert [word for word in (*WORDS, URI) if word in exported] == []


def test_without_the_extra_the_user_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: Day
) -> None:
    monkeypatch.setitem(sys.modules, "devstral_lsp.usage.spans", None)
    said = day.recorder.configure(UsageSettings(opentelemetry=True), tmp_path)
    assert said == "", "it sends already"
    day.recorder.spans = None
    said = day.recorder.configure(UsageSettings(opentelemetry=True), tmp_path)
    assert "install the extra" in said
    assert day.recorder.spans is None


class Collector(BaseHTTPRequestHandler):
    """Takes what is sent to it."""

    received: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *_: object) -> None:
        """Keep quiet."""


async def test_a_collector_gets_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        day = Day(tmp_path, UsageSettings(enabled=False, opentelemetry=True))
        await day.types(f"{WORDS[0]} = ", f"{WORDS[1]}(values)\n")
        await day.engine.close()
        await day.recorder.close()
        server.shutdown()
    (path, body), *_ = Collector.received
    assert path == "/v1/traces"
    assert b"gen_ai.usage.input_tokens" in gzip_or_plain(body)
    assert [word for word in WORDS if word.encode() in gzip_or_plain(body)] == []


def gzip_or_plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
