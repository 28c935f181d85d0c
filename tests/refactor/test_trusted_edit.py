"""From random replies about random documents to what an editor makes of the edits."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lsprotocol.types import PositionEncodingKind

from devstral_lsp.edits.line_edits import apply_edits, minimal_line_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.refactor.imports import import_edits
from devstral_lsp.refactor.parse_reply import ReplyFormat, UnusableReply, parse
from devstral_lsp.refactor.types import NamePolicy, ReplyKind
from devstral_lsp.refactor.validate import find_violation
from devstral_lsp.server.positions import range_of
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Edit, Snapshot, Span, Text
from tests.support.lsp_edits import WireEdit, applied
from tests.support.plain_text import line_bounds

_LINES = (
    *("def f(x):", "    return x", "\tif x:", "", "    ", "}", "# ...", "// rest of the code"),
    *("import os", 'x = """', '"""', "é = '😋'", "\ud83d", "\ufeff", "a\fb", "```", "@@ -1 +1 @@"),
    *("<new_code>", "</new_code>", "- a", "+ b", " c", "12 | d", "<<<<<<< SEARCH", "class A:"),
)
_ENDS = ("\n", "\n", "\r\n", "\r", "")
_rows = st.tuples(st.sampled_from(_LINES), st.sampled_from(_ENDS))
documents = st.lists(_rows, max_size=12).map(lambda rows: "".join(a + b for a, b in rows))
languages = st.sampled_from(["python", "javascript", "cpp", "markdown", "cobol"])
ends = st.tuples(st.floats(0, 1), st.floats(0, 1))

_WRAPPERS = (
    "{}",
    "<new_code>\n{}</new_code>",
    "Sure:\n```\n{}```\nDone.",
    "```python\n{}\n```",
    "@@ @@\n-{}+{}",
)


@st.composite
def replies(draw: st.DrawFn, original: str) -> str:
    """The original or something else, changed a little, in some form."""
    code = draw(st.sampled_from([original, original.replace("x", "y"), draw(documents)]))
    code = draw(st.sampled_from([code, code.rstrip(), code.replace("\n", "\r\n"), code[3:]]))
    if draw(st.booleans()):
        return json.dumps({"code": code, "imports": []})
    return draw(st.sampled_from(_WRAPPERS)).replace("{}", code)


def _span(document: str, ends: tuple[float, float]) -> Span:
    starts = [start for start, _ in line_bounds(document)] + [len(document)]
    return Span(*sorted(starts[int(end * (len(starts) - 1))] for end in ends))


def _parsed(text: Text) -> ParsedDocument:
    return ParsedDocument(Snapshot("untitled:1", 1, "python", text))


def _applied(text: Text, made: tuple[Edit, ...], encoding: PositionEncodingKind) -> str:
    wire = []
    for each in made:
        there = range_of(text, each.span, encoding)
        start, end = there.start, there.end
        wire.append(WireEdit((start.line, start.character), (end.line, end.character), each.text))
    return applied(str(text), wire, encoding.value)


@settings(max_examples=150, deadline=None)
@given(document=documents, ends=ends, language=languages, data=st.data())
def test_what_is_promised_is_what_the_editor_makes_of_it(
    document: str, ends: tuple[float, float], language: str, data: st.DataObject
) -> None:
    text, span = Text.of(document), _span(document, ends)
    original, around = (
        document[span.start : span.end],
        (document[: span.start], document[span.end :]),
    )
    try:
        reply = data.draw(replies(original))
        parsed = parse(reply, ReplyFormat.TAGGED, ReplyKind.CODE, original, language, around=around)
    except UnusableReply:
        return
    made = minimal_line_edits(text, span, parsed.code or "")
    promised = str(apply_edits(text, made))
    for encoding in PositionEncodingKind:
        assert _applied(text, made, encoding) == promised
    assert promised.startswith(around[0])
    assert promised.endswith(around[1])
    assert len(promised) >= len("".join(around))
    snapshot = Snapshot("untitled:1", 1, language, text)
    said = find_violation(ParsedDocument(snapshot), span, made, names=NamePolicy.CHANGED)
    assert said is None or said.endswith(".")


@example(document="# ...\r", line="import re")
@settings(max_examples=60, deadline=None)
@given(document=documents, line=st.sampled_from(["import re", "from a import (\n    b,\n)"]))
def test_import_lines_are_added_and_nothing_else_is_touched(document: str, line: str) -> None:
    text = Text.of(document)
    made = import_edits(_parsed(text), [line])
    assert all(each.span.start == each.span.end for each in made)
    promised = str(apply_edits(text, made))
    for encoding in PositionEncodingKind:
        assert _applied(text, made, encoding) == promised
    syntax = Syntax.of(promised, "python")
    if (
        syntax is not None and not syntax.missing_nodes()
    ):  # what is broken may be taken for a string
        again = import_edits(_parsed(Text.of(promised)), [line])
        assert again == ()
