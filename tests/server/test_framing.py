"""The framing of messages, whatever pieces the bytes come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.server.framing import (
    MAX_HEADER_BYTES,
    MAX_MESSAGE_BYTES,
    HttpRequestReceived,
    MessageFramer,
)


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@given(st.lists(st.binary(max_size=40), max_size=5), st.data())
def test_bodies_come_out_whole_however_the_bytes_are_cut(
    bodies: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(framed(body) for body in bodies)
    frames, found = MessageFramer(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += frames.feed(stream[:size])
        stream = stream[size:]
    assert found == bodies


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length:2\r\n\r\n",
        b"CONTENT-LENGTH :\t2 \r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\r\nContent-Type: x\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"Content-Length: 3\r\nContent-Length: 2\r\n\r\n",
        b"\r\n\r\nnpm warn something\nContent-Length: many\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_header_lines_are_found_among_others(head: bytes) -> None:
    assert list(MessageFramer().feed(head + b"{}" + framed(b"next"))) == [b"{}", b"next"]


@pytest.mark.parametrize("line", [b"POST / HTTP/1.1", b"GET /a b HTTP/1.0", b"PRI * HTTP/2.0"])
def test_http_is_recognised(line: bytes) -> None:
    with pytest.raises(HttpRequestReceived):
        list(MessageFramer().feed(line + b"\r\nContent-Length: 2\r\n\r\n{}"))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"x" * (MAX_HEADER_BYTES + 1), id="no line end"),
        pytest.param(b"npm warn\n" * (MAX_HEADER_BYTES // 9 + 1), id="lines without end"),
        pytest.param(b"Content-Length: 1\r\n" * (MAX_HEADER_BYTES // 19 + 1), id="no blank line"),
    ],
)
def test_what_is_no_client_is_hung_up_on(data: bytes) -> None:
    frames = MessageFramer()
    pieces = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    with pytest.raises(HttpRequestReceived, match="Content-Length"):
        _ = [list(frames.feed(piece)) for piece in pieces]


def test_stray_lines_between_messages_do_not_add_up() -> None:
    frames = MessageFramer()
    for _ in range(100):
        assert list(frames.feed(b"npm warn\n" * 1000 + framed(b"{}"))) == [b"{}"]


def test_a_body_that_is_too_large_is_discarded() -> None:
    frames = MessageFramer()
    assert not list(frames.feed(b"Content-Length: %d\r\n\r\n" % (MAX_MESSAGE_BYTES + 10)))
    for _ in range(MAX_MESSAGE_BYTES >> 20):
        assert not list(frames.feed(b"x" * (1 << 20)))
    assert list(frames.feed(b"x" * 10 + framed(b"next"))) == [b"next"]
    assert frames.discarded == 1


@pytest.mark.parametrize("length", [b"-1", b"9" * 13, b"1e3", b"0x10", b"2, 3", b""])
def test_a_length_that_is_none_is_no_header(length: bytes) -> None:
    frames = MessageFramer()
    data = b"Content-Length: %b\r\n\r\n" % length + framed(b"{}")
    assert list(frames.feed(data)) == [b"{}"]
