"""Count the lines of a suggestion by brackets, columns and keywords, where no grammar applies.

The rest of a line, a statement with its brackets closed, or a block to the end of its scope.
"""

from __future__ import annotations

from devstral_lsp.completion.cursor_position import inside_text, window_above
from devstral_lsp.completion.extent.columns import GOES_ON_BELOW, ColumnUnit, may_become_part
from devstral_lsp.completion.extent.ground import Ground
from devstral_lsp.completion.extent.parts import HAS_MEMBERS
from devstral_lsp.completion.extent.unit import SHOWN_LINES
from devstral_lsp.completion.request_kind import (
    has_body,
    indent_width,
    is_value_within_line,
    line_above,
    only_closes_after,
    opens_block,
)
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.columns import ONE_LEVEL, align_first_line
from devstral_lsp.completion.source.fences import is_fence, is_in_fence
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft
from devstral_lsp.syntax.tree import LexicalContext

_OVER_LINES = ('"""', "'''", "`", "<<", "[[", '@"')
"""Prefixes of strings that span lines."""

_CLOSING = frozenset(")]}>;, \t")

_FINISHED = (brackets.Left.NOTHING, brackets.Left.BRACES, brackets.Left.INSIDE_BRACES)
"""What a line may leave open where a long block is cut, the best first."""

_BRANCHES = (
    "else", "elif", "elsif", "elseif", "except", "finally", "catch", "rescue", "ensure",
    "case", "default", "when",
)  # fmt: skip
"""Keywords that continue a statement at its own indentation."""


class LineReader:
    """Counts the lines of a unit; returns None if the next line is needed to decide."""

    def __init__(self, lines: list[str], whole: int, place: CursorContext) -> None:
        self._lines = lines
        self._whole = whole
        self._place = place

    def count(self, kind: CompletionKind) -> int | None:
        if kind is CompletionKind.REST_OF_LINE:
            return 1 if self._whole else None
        first = self._first_line_with_text()
        if first is None:
            return None
        if is_value_within_line(self._place):
            return self._value_end(first)
        if kind is CompletionKind.STATEMENT:
            return self._statement_end(first)
        end = self._block_end(first, self._scope_width(first))
        if end is None or end <= first or not self._has_no_grammar:
            return end
        last = self._lines[end - 1]
        closes = end - 1 > first and reading.starts_by_closing(last, self._place.language)
        return self._unit_end(end - 1) if closes else end

    def _value_end(self, first: int) -> int | None:
        """One past the line that closes the brackets of a value, or what is open before it."""
        said = Draft(text="\n".join(self._lines[: self._whole]), kind=CompletionKind.STATEMENT)
        text, offset = brackets.joined(said, self._place)
        found = brackets.scan(text, self._place.language).brackets
        width, end = indent_width(self._place.line_before), offset
        for i, line in enumerate(self._lines[: self._whole]):
            end += len(line) + 1
            own = (each for each in found if offset <= each.position < end)
            opened, unopened = brackets.unmatched(own)
            ends_element = line.lstrip().startswith("</") and i and indent_width(line) <= width
            goes_on = opened or first or line.rstrip().endswith(GOES_ON_BELOW)
            if unopened or ends_element or not goes_on:
                return i + 1
        return self._whole if self._whole == len(self._lines) else None

    def _first_line_with_text(self) -> int | None:
        return next((i for i in range(self._whole) if self._lines[i].strip()), None)

    def _statement_end(self, first: int) -> int | None:
        code = self._past_comments(first)
        if code > first and code >= self._whole:
            return None
        if code > first and not self._belongs_to_comment(first, code):
            return code
        if is_fence(self._lines[code]) and is_in_fence(self._place):
            following = (i for i in range(code + 1, self._whole) if self._lines[i].strip())
            last = next(following, None)
            return None if last is None else last + 1
        if self._has_no_grammar:
            opened = code and self._continues_line() and only_closes_after(self._place)
            return self._unit_end(0 if opened else code)
        last = self._brackets_end(code)
        if last is None:
            return None
        if not opens_block(self._full_line(last), self._place.language):
            return last + 1
        width = indent_width(self._full_line(code))
        if has_body(self._place, width):
            return last + 1
        return self._block_end(last + 1, self._outer_width(code, last + 1), minimum=last + 1)

    @property
    def _has_no_grammar(self) -> bool:
        return Ground.of(self._place) is None

    def _unit_end(self, first: int) -> int | None:
        """One past the last line of the unit that begins at the line `first`, by the line below
        each of its lines."""
        opener, language = self._full_line(first), self._place.language
        opens = opens_block(opener, language)
        width = self._outer_width(first, first + 1) if opens else indent_width(opener)
        if opens and has_body(self._place, width):
            return first + 1
        aside = brackets.aside_at_cursor(self._place)
        inside = aside.opener if aside is not None and aside.opener != language.line_comment else ""
        unit = ColumnUnit([opener], width, language, is_in_fence(self._place), inside)
        last = first
        while last < self._whole:
            if last - first >= SHOWN_LINES:
                return self._last_finished(first)
            below = range(last + 1, len(self._lines))
            following = next((i for i in below if self._lines[i].strip()), None)
            if following is None:
                return last + 1 if self._whole == len(self._lines) else None
            line = self._lines[following]
            if following >= self._whole and may_become_part(line):
                return None
            if not unit.takes(line, is_next=following == last + 1):
                return last + 1
            unit.lines += self._lines[last + 1 : following + 1]
            last = following
        return None

    def _past_comments(self, first: int) -> int:
        """The first line from `first` on that is not one of the model's own comments."""
        for i in range(first, min(self._whole, first + SHOWN_LINES)):
            begun = i == 0 and self._continues_line()
            if begun or not reading.is_comment(self._lines[i], self._place.language):
                return i
        return min(self._whole, first + SHOWN_LINES)

    def _belongs_to_comment(self, first: int, code: int) -> bool:
        line = self._lines[code]
        return bool(line.strip()) and indent_width(line) >= indent_width(self._full_line(first))

    def _outer_width(self, opener: int, body: int) -> int:
        """The column outside of a block, judged by its first line.

        Models write a first line and its block as if the cursor were at column 0, or indent both
        twice.
        """
        width = indent_width(self._full_line(opener))
        below = next((line for line in self._lines[body:] if line.strip()), "")
        inner = indent_width(below)
        said = indent_width(self._place.line_before + self._lines[0])
        if opener == 0 and inner > said:
            return said
        by_columns = not self._place.language.braces and not self._place.language.block_end_keywords
        by_columns = by_columns and not below.lstrip().startswith(
            "- "
        )  # a list in its key's column
        if 0 < inner < width + by_columns and inner <= ONE_LEVEL:
            return 0
        return width

    def _brackets_end(self, first: int) -> int | None:
        """The line that closes the brackets opened since `first`.

        Ignores brackets at the end of a line: they open a block, which is read as one.
        """
        depth = 0
        for i in range(first, min(self._whole, first + SHOWN_LINES)):
            depth += _depth(self._full_line(i) if i == first else self._lines[i])
            line = self._full_line(i).rstrip()
            lists = self._place.language.braces and line.endswith(",") and depth == 0
            if opens_block(line, self._place.language) or (depth <= 0 and not lists):
                return i
        return None if first + SHOWN_LINES > self._whole else first + SHOWN_LINES - 1

    def _block_end(self, start: int, outer_width: int, minimum: int = 0) -> int | None:
        """One past the last line of the block: before a dedent, or after a closing line.

        Blank lines belong to a body if it continues after them; in blocks with members, such as a
        class, they end the first member.
        """
        last = start - 1
        for i in range(start, min(len(self._lines), start + SHOWN_LINES)):
            line = self._full_line(i)
            if not line.strip():
                # Trailing whitespace is not a blank line: the line may be partial.
                if i >= self._whole or i == len(self._lines) - 1:
                    return None
                if last >= start and self._has_members():
                    return i
                continue
            if indent_width(line) <= outer_width and not self._goes_through(i):
                if i >= self._whole and self._may_close(line):
                    return None
                if not minimum or not self._goes_on(line, outer_width, minimum - 1):
                    return max(minimum, (i if self._closes(line) else last) + 1)
            if i >= self._whole:
                return None
            last = i
        return self._last_finished(start) if start + SHOWN_LINES <= self._whole else None

    def _goes_through(self, i: int) -> bool:
        """Whether the columns of a line are irrelevant: the cursor's own line, and lines within a
        string."""
        if i == 0:
            return self._continues_line()
        text = "\n".join([*self._lines[:i], ""])
        if not any(quote in text for quote in _OVER_LINES) and not brackets.aside_at_cursor(
            self._place
        ):
            return False
        return (
            inside_text(window_above(self._place) + text, "", self._place.language_id)
            is LexicalContext.STRING
        )

    def _has_members(self) -> bool:
        line = self._place.line_before
        opener = line if line.strip() else line_above(self._place.before)
        return HAS_MEMBERS.search(opener) is not None

    def _last_finished(self, start: int) -> int:
        """One past the last line at which a longer block may be cut.

        The last line that leaves no bracket open, or else one between braces.
        """
        lines = self._lines[start : start + SHOWN_LINES]
        open_at_end = brackets.open_at_line_ends("\n".join(lines), self._place.language)
        for finished in _FINISHED:
            for i in reversed(range(SHOWN_LINES)):
                opens = opens_block(lines[i], self._place.language)
                if lines[i].strip() and open_at_end[i] <= finished and not opens:
                    return start + i + 1
        return start + SHOWN_LINES

    def _goes_on(self, line: str, width: int, opener: int) -> bool:
        """Whether `line` continues the statement of the line `opener`, as `else` does."""
        if indent_width(line) != width or not reading.continues_block(line):
            return False
        is_branch = line.lstrip().startswith(("case", "default", "when"))
        return not is_branch or self._full_line(opener).lstrip().startswith(("switch", "select"))

    def _closes(self, line: str) -> bool:
        if self._has_no_grammar:
            return reading.starts_by_closing(line, self._place.language)
        return _CLOSING.issuperset(line) or line.strip() in self._place.language.block_end_keywords

    def _may_close(self, line: str) -> bool:
        """Whether a partial line may still become one that closes or continues the block."""
        words = (*self._place.language.block_end_keywords, *_BRANCHES)
        word = line.strip(" \t)]}")
        if self._has_no_grammar and reading.starts_by_closing(line, self._place.language):
            return True
        return _CLOSING.issuperset(line) or any(
            each.startswith(word) or word.startswith(each) for each in words
        )

    def _continues_line(self) -> bool:
        return bool(self._place.line_before.strip())

    def _full_line(self, i: int) -> str:
        """A line as it will be in the document; the cursor's indentation is not counted twice."""
        if i:
            return self._lines[i]
        return self._place.line_before + align_first_line(self._lines[0], self._place)

    def _scope_width(self, first: int) -> int:
        """The column outside of the block. An opener may span several lines, the last as deep as
        the block; the cursor's column then decides."""
        line = self._place.line_before
        if line.strip():
            return indent_width(line)
        width = indent_width(line_above(self._place.before))
        return min(width, indent_width(self._full_line(0)) - 1) if line and not first else width


def _depth(line: str) -> int:
    return sum(line.count(c) for c in "([{") - sum(line.count(c) for c in ")]}")
