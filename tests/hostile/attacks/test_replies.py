"""Replies of shapes that no honest endpoint sends: in bytes, in JSON, in headers.

Whatever comes: the keystroke is answered at once, nothing that hides gets into the document, what
is told and logged drives no terminal, and the next keystroke is answered as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.characters import deceptive_characters
from tests.hostile.attacks.conftest import StartEditor
from tests.hostile.attacks.endless import PROMPT_S, STREAM, Attack, attacking, keystroke_s
from tests.support.clients import NEOVIM

MARKED = 'greeting = │\nprint("hello")\n'
DONE = b"data: [DONE]\n\n"
LAST = b'data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}\n\n' + DONE


def piece(content: bytes) -> bytes:
    """An event whose text stands in it as these bytes, which are JSON or are meant to be."""
    return b'data: {"choices":[{"index":0,"delta":{"content":%b}}]}\n\n' % content


def stream(*contents: bytes) -> bytes:
    return STREAM + b"".join(map(piece, contents)) + LAST


def event(value: Any) -> bytes:
    return STREAM + b"data: " + json.dumps(value).encode() + b"\n\n" + LAST


def whole(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def choice(**members: Any) -> bytes:
    return event({"choices": [{"index": 0, "finish_reason": None, **members}]})


JSON = b"Content-Type: application/json"
EVENTS = b"Content-Type: text/event-stream"
ESCAPES = "\x1b]52;c;eA==\x07\u202e\u200b[x](command:y)"

REPLIES = {
    "half a character": stream(b'"x\\ud83d"'),
    "the other half": stream(b'"\\ude00x"'),
    "halves the wrong way round": stream(b'"\\ude00\\ud83d"'),
    "half a character, then letters": stream(b'"\\ud83d"', b'"x"'),
    "overlong slash": stream(b'"\xc0\xaf"'),
    "overlong NUL": stream(b'"a\xc0\x80b"'),
    "a surrogate as UTF-8": stream(b'"\xed\xa0\xbd"'),
    "a character beyond Unicode": stream(b'"\xf4\x90\x80\x80"'),
    "a lone continuation byte": stream(b'"\x80"'),
    "Latin-1": stream(b'"caf\xe9"'),
    "a NUL that is not escaped": stream(b'"a\x00b"'),
    "a NUL that is": stream(b'"a\\u0000b"'),
    "a line end that is not escaped": stream(b'"a\rb"'),
    "a byte order mark as text": stream(b'"\\ufeffhello"'),
    "a byte order mark before the events": STREAM + b"\xef\xbb\xbf" + piece(b'"\\u202ex"') + LAST,
    "UTF-16": whole('data: {"choices":[]}\n\n'.encode("utf-16"), EVENTS),
    "UTF-7 that says so": whole(
        b"data: +AHs-\n\n", b"Content-Type: text/event-stream; charset=utf-7"
    ),
    "a charset that there is none of": whole(piece(b'"x"'), EVENTS + b"; charset=../../etc/passwd"),
    "a charset that is a codec": whole(piece(b'"x"'), EVENTS + b"; charset=rot13"),
    "a charset that decompresses": whole(piece(b'"x"'), EVENTS + b"; charset=zlib_codec"),
    "numbers for text": stream(b"7", b"1e999", b"-0"),
    "a number of 5,000 digits": stream(b"9" * 5000),
    "true for text": stream(b"true"),
    "an object for text": stream(b'{"text":"x"}'),
    "lists in lists for text": stream(b"[" * 3000 + b"]" * 3000),
    "parts of unknown kinds": stream(b'[{"type":"exec","text":"x"},{"type":7},null,"x"]'),
    "an index below zero": event({"choices": [{"index": -1, "delta": {"content": "x"}}]}),
    "an index without end": event({"choices": [{"index": 10**300, "delta": {"content": "x"}}]}),
    "an index that is a list": event({"choices": [{"index": [], "delta": {"content": "x"}}]}),
    "choices that are an object": event({"choices": {"0": {"delta": {"content": "x"}}}}),
    "ten thousand choices": event({"choices": [{"delta": {"content": "x"}}] * 10_000}),
    "a list for an event": event([[["x"]]]),
    "a string for an event": event(ESCAPES),
    "a delta that is a list": choice(delta=["content"]),
    "no delta but a message": choice(message={"content": ESCAPES}),
    "a role that drives a terminal": choice(delta={"role": ESCAPES, "content": ESCAPES}),
    "a reason that drives a terminal": choice(delta={"content": "x"}, finish_reason=ESCAPES),
    "a reason that is an object": choice(delta={"content": "x"}, finish_reason={"a": 1}),
    "usage below zero": event({"choices": [], "usage": {"prompt_tokens": -(10**30)}}),
    "usage that is not a number": STREAM
    + b'data: {"choices":[],"usage":{"prompt_tokens":NaN,"completion_tokens":Infinity}}\n\n'
    + LAST,
    "usage in words": event({"choices": [], "usage": ESCAPES}),
    "usage that is true": event({"choices": [], "usage": {"prompt_tokens": True}}),
    "a model of another name": event({"model": ESCAPES, "choices": [{"delta": {"content": "x"}}]}),
    "tool calls nobody asked for": choice(
        delta={"tool_calls": [{"id": ESCAPES, "function": {"name": ESCAPES, "arguments": {}}}]}
    ),
    "thoughts that drive a terminal": choice(delta={"reasoning_content": ESCAPES}),
    "an error that is a list": event({"error": [ESCAPES]}),
    "a wish to be asked later": STREAM + b"retry: 99999999999999999999\n\n" + LAST,
    "an id with NUL": STREAM + b"id: \x00\x1b[2J\n\n" + LAST,
    "a status that is none": whole(b"{}", JSON, status=b"999 Odd"),
    "a status with escapes": whole(b"{}", JSON, status=b"418 \x1b[2Jx"),
    "a status without words": whole(b"{}", JSON, status=b"500 "),
    "protocols are switched": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nx",
    "a length below zero": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
    "a length twice": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\nx",
    "a length of 400 digits": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\nx",
    "a chunk below zero": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx",
    "a chunk of 40 digits": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"f" * 40
    + b"\r\n",
    "an encoding of no name": whole(b"x", JSON, b"Content-Encoding: \x1b[2J"),
    "a type without an end": whole(b"{}", b"Content-Type: " + b"a/" * 20_000),
    "asked to wait for ever": whole(b"{}", JSON, b"Retry-After: 1e999", status=b"429 Slow"),
    "asked to wait not a number": whole(b"{}", JSON, b"Retry-After: nan", status=b"503 Slow"),
    "asked to wait below zero": whole(b"{}", JSON, b"Retry-After: -inf", status=b"429 Slow"),
    "asked to wait until 99999": whole(
        b"{}", JSON, b"Retry-After: Fri, 31 Dec 99999 23:59:59 GMT", status=b"429 Slow"
    ),
    "asked to wait for 10,000 digits": whole(
        b"{}", JSON, b"Retry-After: " + b"9" * 10_000, status=b"429 Slow"
    ),
    "a request id that drives": whole(b"{}", JSON, b"x-request-id: \x9b2J\x1b[2J", status=b"500 S"),
    "sent on to a file": whole(b"", b"Location: file:///etc/passwd", status=b"302 Go"),
    "an error in bytes": whole(bytes(range(256)) * 50, JSON, status=b"500 Bad"),
}


@pytest.mark.parametrize("name", REPLIES)
async def test_a_keystroke_is_answered_and_nothing_gets_through(
    start: StartEditor, tmp_path: Path, name: str
) -> None:
    log = tmp_path / "log"
    async with attacking(Attack(REPLIES[name])) as url:
        editor = await start(
            NEOVIM,
            DEVSTRAL_FIM_BASE_URL=url,
            DEVSTRAL_LOG_FILE=str(log),
            DEVSTRAL_LOG_LEVEL="debug",
        )
        for document in ("untitled:one", "untitled:two"):
            took_s, items = await keystroke_s(editor, editor.open(MARKED, document))
            assert took_s < PROMPT_S
            assert [each for each in items if deceptive_characters(str(each.insert_text))] == []
        await editor.stop()
    statuses = [str(getattr(each, "message", "")) for each in editor.statuses]
    told = [*editor.shown, *editor.logged, *statuses]
    text = log.read_text(encoding="utf-8")
    assert [each for each in (*told, text) if deceptive_characters(each)] == []
    assert [each for each in told if "](command:" in each or len(each) > 4000] == []
    assert "Traceback" not in text
