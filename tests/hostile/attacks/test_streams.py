"""Endpoints that never stop, or send what unfolds: typing goes on, and memory stays where it is."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib

import pytest

from tests.hostile.attacks.conftest import StartEditor
from tests.hostile.attacks.endless import (
    MAX_MB,
    PROMPT_S,
    STREAM,
    Attack,
    attacking,
    keystroke_s,
    server_vitals,
)
from tests.support.clients import NEOVIM
from tests.support.fake_mistral import FakeMistral
from tests.support.workbench import EVERYTHING, Workbench

MARKED = "def add(a, b):\n    return │\n"
BOMB = b"data: {}\n\n" + b"\0" * (64 << 20)


def _event(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n"


def _chunked(head: bytes) -> bytes:
    return head.replace(b"Connection: close", b"Transfer-Encoding: chunked")


def _encoded(name: bytes, body: bytes) -> bytes:
    return STREAM.replace(b"Connection", b"Content-Encoding: %b\r\nConnection" % name) + body


def _status(line: bytes, kind: bytes = b"application/json") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: %b\r\nConnection: close\r\n\r\n" % (line, kind)


ATTACKS = {
    "a line without an end": Attack(STREAM, _event("x") * 50),
    "brackets without an end": Attack(STREAM, _event("([{") * 50),
    "blanks without an end": Attack(STREAM, _event("    ") * 50),
    "lines without an end": Attack(STREAM, _event("    # ...\n") * 50),
    "comments that keep it alive": Attack(STREAM, b": still there\n\n" * 500),
    "events without a choice": Attack(STREAM, b'data: {"choices":[]}\n\n' * 500),
    "empty lines": Attack(STREAM, b"\r\n" * 4000),
    "one line of an event": Attack(STREAM, b"data: " + b"x" * 4000),
    "an event of empty lines": Attack(STREAM, b"data:\n" * 1000),
    "pieces of one byte": Attack(_chunked(STREAM), b"1\r\nx\r\n" * 500),
    "a chunk's extension": Attack(_chunked(STREAM) + b"1;a=", b"x" * 4000),
    "JSON lines without an end": Attack(
        STREAM.replace(b"event-stream", b"x-ndjson"), b'{"a":' * 500
    ),
    "headers without an end": Attack(STREAM[:-2], b"x-filler: " + b"x" * 4000 + b"\r\n"),
    "a header line without an end": Attack(STREAM[:-2] + b"x-filler: ", b"x" * 4000),
    "responses that are none yet": Attack(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "an error without an end": Attack(_status(b"500 Oops"), b"x" * 4000),
    "a page without an end": Attack(_status(b"200 OK", b"text/html"), b"<p>" * 1000),
    "JSON without an end": Attack(_status(b"200 OK"), b"[" * 4000),
    "models without an end": Attack(
        _status(b"200 OK") + b'{"data":[', b'{"id":"m"},' * 400, on_models=True
    ),
    "a redirect to a stream": Attack(
        b"HTTP/1.1 307 Go\r\nLocation: /v1/fim/completions\r\nConnection: close\r\n\r\n",
        b"x" * 4000,
    ),
    "a bomb of gzip": Attack(_encoded(b"gzip", gzip.compress(BOMB))),
    "a bomb of deflate": Attack(_encoded(b"deflate", zlib.compress(BOMB))),
    "a bomb within a bomb": Attack(_encoded(b"gzip, gzip", gzip.compress(gzip.compress(BOMB)))),
    "an error that is a bomb": Attack(
        _status(b"500 Oops").replace(b"Connection", b"Content-Encoding: gzip\r\nConnection")
        + gzip.compress(BOMB)
    ),
    "JSON that is deep": Attack(STREAM + b"data: " + b'{"a":' * 400_000 + b"\n\n"),
    "a number of a megabyte": Attack(
        STREAM + b'data: {"choices":[],"usage":{"prompt_tokens":' + b"9" * 1_000_000 + b"}}\n\n"
    ),
    "counts beyond reason": Attack(
        STREAM + _event("a + b") + b'data: {"choices":[{"delta":{},"finish_reason":"stop"}],'
        b'"usage":{"prompt_tokens":' + b"9" * 4000 + b',"completion_tokens":1e999}}\n\n'
        b"data: [DONE]\n\n"
    ),
    "half of a character": Attack(
        STREAM + b'data: {"choices":[{"delta":{"content":"\\ud83d x"},"finish_reason":"stop"}]}\n\n'
        b"data: [DONE]\n\n"
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_a_completion_that_never_ends_leaves_typing_alone(
    start: StartEditor, name: str
) -> None:
    attack = ATTACKS[name]
    async with attacking(attack) as url:
        editor = await start(NEOVIM, DEVSTRAL_FIM_BASE_URL=url, DEVSTRAL_FIM_TIMEOUT_MS="1500")
        place = editor.open(MARKED)
        for letter in "abc":
            seconds, _ = await keystroke_s(editor, place)
            assert seconds < PROMPT_S
            place = editor.type(place, letter)
        assert attack.answered, "nobody asked"
        assert server_vitals().peak_mb < MAX_MB
        other = editor.open("x = │\n", uri="untitled:other")
        assert (await keystroke_s(editor, other))[0] < PROMPT_S
        await editor.stop()


CHATS = {
    "text without an end": Attack(STREAM, _event("x" * 200) * 20),
    "thoughts without an end": Attack(
        STREAM, b'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n' * 200
    ),
    "comments without an end": Attack(STREAM, b": OPENROUTER PROCESSING\n\n" * 200),
    "calls without an end": Attack(
        STREAM,
        b'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":'
        b'{"name":"x","arguments":"aaaaaaaaaaaaaaaaaaaaaaaa"}}]}}]}\n\n' * 100,
    ),
    "lines without an end": Attack(STREAM, _event("# ... rest of the code\n" * 10) * 20),
}


@pytest.mark.parametrize("name", CHATS)
async def test_a_conversation_that_never_ends_is_closed_and_told(
    start: StartEditor, mistral: FakeMistral, name: str
) -> None:
    attack = CHATS[name]
    async with attacking(attack) as url:
        chat = {"base_url": url, "model": "devstral-2512", "max_tokens": 1000}
        editor = await start(EVERYTHING, initialization_options={"chat": chat})
        bench = Workbench(editor)
        place = bench.open("def add(a, b):\n    return │\n")
        span = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}
        told = {"uri": place.uri, "range": span, "instruction": "Add types."}
        await bench.command("devstral.rewrite", told)
        async with asyncio.timeout(60):
            while not editor.shown:
                seconds, _ = await keystroke_s(editor, place)
                assert seconds < PROMPT_S
                await asyncio.sleep(0.05)
        assert any("1000 tokens" in each for each in editor.shown), editor.shown
        assert bench.edits == []
        assert server_vitals().peak_mb < MAX_MB
        bench.end()
        await editor.stop()
