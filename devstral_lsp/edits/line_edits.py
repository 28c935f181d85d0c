r"""From new code for a span to the smallest set of changed lines.

Lines that did not change keep their bytes: their line ends, even where a document mixes them, and
their trailing whitespace. New lines take the line end of their neighbour, and the document's
indentation where the code is indented by the other character throughout. Whether the text ends
with a line end never changes. Offsets are code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from devstral_lsp.edits.patience_diff import matching_lines
from devstral_lsp.languages.indentation import match_indent_style
from devstral_lsp.text import Edit, Span, Text

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line and what ends it, "" for the last one of a text."""

    content: str
    end: str

    def __str__(self) -> str:
        return self.content + self.end


def minimal_line_edits(text: Text, span: Span, code: str) -> tuple[Edit, ...]:
    r"""The edits that make `span` read `code`, in rising order; () where it does so already.

    `code` has any line ends, and may lack or have a last one: whether the span ends with one is
    kept. A span that begins or ends between "\r" and "\n" is narrowed to where LSP has positions.
    """
    span = _representable(text, span)
    old = lines_of(text.slice(span.start, span.end))
    wanted = [line.content for line in lines_of(match_indent_style(str(text), code))]
    while wanted and not wanted[-1] and old and not old[-1].end:
        wanted.pop()  # an empty line without an end is none
    kept = _kept(old, wanted)
    before = text.slice(span.start - 1, span.start) if span.start else ""
    new = [*_ended(old, wanted, kept, _usual_end(text, span))]
    if new:
        ends_line = before in ("", "\r", "\n")
        last_end = old[-1].end if old else new[-1].end if ends_line else ""
        new[-1] = Line(new[-1].content, last_end)
    _separate(new, before)
    return tuple(_hunks(span.start, old, new, kept))


def apply_edits(text: Text, edits: Iterable[Edit]) -> Text:
    """The text with `edits` made, whose offsets are all in `text`."""
    for edit in sorted(edits, key=lambda each: each.span.start, reverse=True):
        text = text.replace(edit.span.start, edit.span.end, edit.text)
    return text


def lines_of(string: str) -> list[Line]:
    """The lines of `string`; the empty one after a last line end does not count."""
    found = [Line(match[1], match[2]) for match in _LINE.finditer(string)]
    return [line for line in found if line.content or line.end]


def _representable(text: Text, span: Span) -> Span:
    start = span.start + _is_inside_line_end(text, span.start)
    return Span(start, max(start, span.end - _is_inside_line_end(text, span.end)))


def _is_inside_line_end(text: Text, offset: int) -> bool:
    return text.slice(offset - 1, offset + 1) == "\r\n" and offset > 0


def _kept(old: Sequence[Line], wanted: Sequence[str]) -> dict[int, int]:
    """Old lines by the new ones that they become.

    Trailing whitespace is no change, nor are the letters that models write in another form, unless
    nothing else would be one.
    """
    bare_old = [_normal(each.content) for each in old]
    bare_new = [_normal(each) for each in wanted]
    if bare_old == bare_new:
        bare_old, bare_new = [each.content for each in old], list(wanted)
    return {number: at for at, number in matching_lines(bare_old, bare_new).items()}


def _normal(line: str) -> str:
    """A line with straight quotes, and the plain forms of dashes, spaces, dots and letters."""
    line = line.rstrip(" \t")
    return line if line.isascii() else normalize("NFKC", line.translate(_PLAIN))


def _ended(
    old: Sequence[Line], wanted: Sequence[str], kept: dict[int, int], usual: str
) -> Iterator[Line]:
    """The new lines, with the line end of the old one in their place, else of the one before."""
    beside, end = 0, usual
    for number, content in enumerate(wanted):
        at = kept.get(number)
        if at is not None:
            is_blank_end = number == len(wanted) - 1 and not content.strip()
            content, beside = content if is_blank_end else old[at].content, at
        end = (old[beside].end if beside < len(old) else "") or end
        yield Line(content, end)
        beside += 1


def _usual_end(text: Text, span: Span) -> str:
    """The line end before the span, else the one after it, else the usual one everywhere."""
    line = text.line_of(span.start)
    for each in (line - 1, line):
        if 0 <= each < text.line_count - 1:
            return text.slice(text.line_end(each), text.line_start(each + 1))
    return "\n"


def _separate(new: list[Line], before: str) -> None:
    r"""Leave no "\r" before the "\n" of an empty line: the two would be one line end."""
    for number in range(len(new) - 1, 0, -1):
        if new[number - 1].end == "\r" and _is_empty(new[number]):
            new[number - 1] = Line(new[number - 1].content, "\n")
    number = 0
    while before == "\r" and number < len(new) and _is_empty(new[number]):
        new[number] = Line("", "\r")
        number += 1


def _is_empty(line: Line) -> bool:
    return not line.content and line.end.startswith("\n")


def _hunks(
    start: int, old: Sequence[Line], new: Sequence[Line], kept: dict[int, int]
) -> Iterator[Edit]:
    offsets = [start]
    for line in old:
        offsets.append(offsets[-1] + len(str(line)))
    i = j = 0
    stays = [(at, number) for number, at in sorted(kept.items()) if old[at] == new[number]]
    for at, number in [*stays, (len(old), len(new))]:
        if at > i or number > j:
            written = "".join(str(line) for line in new[j:number])
            yield Edit(Span(offsets[i], offsets[at]), written)
        i, j = at + 1, number + 1
