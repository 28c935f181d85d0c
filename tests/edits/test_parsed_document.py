"""A text with edits made reads, and is parsed, as if it had been so from the start."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Edit, Snapshot, Span, Text

CODE = (
    'import os\n\n\nclass A:\n    """Say.\nimport re\n"""\n\n    def f(self):\n        return 1\n'
)
FAR = "\n".join(f"x_{number} = {number}" for number in range(1_000))


def parsed(text: str, language: str = "python") -> ParsedDocument:
    return ParsedDocument(Snapshot("untitled:a", 1, language, Text.of(text)))


@st.composite
def made(draw: st.DrawFn, text: str) -> list[Edit]:
    """Edits that do not overlap, in rising order."""
    ends = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    new = st.text("a =:()\n\"'", max_size=6)
    return [Edit(Span(a, b), draw(new)) for a, b in zip(ends[::2], ends[1::2], strict=False)]


@pytest.mark.parametrize("before", [CODE, f"{CODE}{FAR}\n{CODE}"], ids=["near", "far apart"])
@given(data=st.data())
@settings(max_examples=40)
def test_edits_give_what_a_fresh_parse_gives(before: str, data: st.DataObject) -> None:
    edits = data.draw(made(before))
    after = parsed(before).edited(edits)
    expected = before
    for each in reversed(edits):
        expected = expected[: each.span.start] + each.text + expected[each.span.end :]
    assert after.string == expected
    fresh = Syntax.of(expected, "python")
    assert after.syntax is not None
    assert fresh is not None
    assert after.syntax.source == fresh.source
    assert bool(after.syntax.missing_nodes()) == bool(fresh.missing_nodes())
    if not fresh.missing_nodes():
        assert after.definitions == parsed(expected).definitions


def test_what_it_defines() -> None:
    (defined,) = parsed(CODE).definitions
    assert (defined.name, [each.name for each in defined.members]) == ("A", ["f"])


def test_which_lines_begin_in_a_string() -> None:
    text = parsed(CODE)
    assert [line for line in range(text.text.line_count) if text.is_quoted(line)] == [5, 6]


def test_a_language_without_a_grammar() -> None:
    text = parsed("a b c\n", "zig").edited([Edit(Span(0, 1), "x")])
    assert (text.string, text.syntax, text.definitions) == ("x b c\n", None, ())
    assert not text.is_quoted(0)
