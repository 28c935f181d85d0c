"""JSON lines, however they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.providers.http.stream_parsers import MAX_EVENT_BYTES, EventTooLong, NdjsonParser


def read(*pieces: bytes) -> list[str]:
    parser = NdjsonParser()
    found = [text for piece in pieces for text in parser.feed(piece)]
    return found + parser.finish()


def test_lines_become_events() -> None:
    assert read(b'{"a": 1}\n{"b": 2}\r\n\n{"c": 3}') == ['{"a": 1}', '{"b": 2}', '{"c": 3}']


def test_other_separators_are_text() -> None:
    text = '{"a": "\u2028\u0085\x1c"}'
    assert read(text.encode() + b"\n") == [text]


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))),
       st.integers(1, 5))  # fmt: skip
def test_a_cut_changes_nothing(lines: list[str], size: int) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert read(*pieces) == [line.strip() for line in lines if line.strip()]


def test_a_line_without_end_is_not_kept() -> None:
    with pytest.raises(EventTooLong):
        read(b"x" * (MAX_EVENT_BYTES + 1))
