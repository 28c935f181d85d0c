"""The framing of messages, whatever pieces the bytes come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.server.frames import Frames, NotLsp


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@given(st.lists(st.binary(max_size=40), max_size=5), st.data())
def test_bodies_come_out_whole_however_the_bytes_are_cut(
    bodies: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(framed(body) for body in bodies)
    frames, found = Frames(), []
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
        b"\r\n\r\nnpm warn something\nContent-Length: many\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_header_lines_are_found_among_others(head: bytes) -> None:
    assert list(Frames().feed(head + b"{}" + framed(b"next"))) == [b"{}", b"next"]


@pytest.mark.parametrize("line", [b"POST / HTTP/1.1", b"GET /a b HTTP/1.0", b"PRI * HTTP/2.0"])
def test_http_is_recognised(line: bytes) -> None:
    with pytest.raises(NotLsp):
        list(Frames().feed(line + b"\r\nContent-Length: 2\r\n\r\n{}"))
