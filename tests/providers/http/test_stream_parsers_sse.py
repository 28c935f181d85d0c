"""The framing of server-sent events, at every place where the bytes may be cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.providers.http.stream_parsers import MAX_EVENT_BYTES, EventTooLong, SseParser


def read(*pieces: bytes) -> list[str]:
    parser = SseParser()
    found = [data for piece in pieces for data in parser.feed(piece)]
    return found + parser.finish()


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data:a\n\n", ["a"]),
        (b"data:  a \n\n", [" a "]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b"data: a\n\rdata: b\r\n\n", ["a", "b"]),
        (b": OPENROUTER PROCESSING\n\ndata: a\n\n", ["a"]),
        (b"data: a\n: ping\ndata: b\n\n", ["a\nb"]),
        (b"data: a\ndata\ndata: b\n\n", ["a\n\nb"]),
        (b"id: 1\nretry: 9\nunknown: x\ndata: a\n\n", ["a"]),
        (b"event: error\ndata: a\n\nevent: lost\n\ndata: b\n\n", ["a", "b"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"data: a\n\ndata: b", ["a", "b"]),
        (b"data: a\n\ndata: b\n", ["a", "b"]),
        (b"\n\n\n", []),
        (b"", []),
        (b"data: a\n\ndata: [DONE]\n\n", ["a", "[DONE]"]),
        ("data: é😀\n\n".encode(), ["é😀"]),
        (b"data: \xff!\n\n", ["\ufffd!"]),
    ],
)
def test_a_stream_gives_these_events(stream: bytes, data: list[str]) -> None:
    assert read(stream) == data


@pytest.mark.parametrize("character", "\u2028\u2029\u0085\x0b\x0c\x1c\x1d\x1e")
def test_only_cr_and_lf_end_a_line(character: str) -> None:
    stream = f'data: {{"content":"a{character}b"}}\n\n'.encode()
    assert read(stream) == [f'{{"content":"a{character}b"}}']


def test_an_event_is_given_as_soon_as_its_last_byte_is_there() -> None:
    parser = SseParser()
    assert parser.feed(b"data: a\r") == []
    assert parser.feed(b"\n\r") == ["a"]
    assert parser.feed(b"\ndata: b\n\n") == ["b"]


def test_an_endless_line_is_given_up() -> None:
    with pytest.raises(EventTooLong):
        read(*[b"x" * 65536] * (MAX_EVENT_BYTES // 65536 + 1))


def test_endless_data_lines_are_given_up() -> None:
    with pytest.raises(EventTooLong):
        read(*[b"data: " + b"x" * 65536 + b"\n"] * (MAX_EVENT_BYTES // 65536 + 1))


def test_many_events_are_not_one_long_one() -> None:
    stream = (b"data: " + b"x" * 65536 + b"\n\n") * (MAX_EVENT_BYTES // 65536 + 1)
    assert len(read(*(stream[at : at + 9999] for at in range(0, len(stream), 9999)))) == 65


PIECES = st.sampled_from(
    [
        *(
            b"data: ",
            b"data",
            b":",
            b" ",
            b"\r",
            b"\n",
            b"\r\n",
            b"\n\n",
            b"event: e",
            b": c",
            b"x",
        ),
        *("\u2028".encode(), "😀".encode(), b"\xef\xbb\xbf", b"\xff", b"[DONE]"),
    ]
)


@given(st.lists(PIECES, max_size=30).map(b"".join), st.data())
def test_any_cut_of_the_bytes_gives_the_same_events(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    bounds = [0, *cuts, len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(bounds)]
    assert read(*pieces) == read(stream)


@given(st.lists(PIECES, max_size=20).map(b"".join))
def test_byte_by_byte_gives_the_same_events(stream: bytes) -> None:
    assert read(*(bytes([byte]) for byte in stream)) == read(stream)


def test_an_error_as_a_field_of_its_own_is_an_event() -> None:
    """Builds of llama.cpp before 2026 write it so."""
    found = read(b'error: {"code":500,"message":"gone"}\n\n')
    assert found == ['{"error":{"code":500,"message":"gone"}}']
