"""When a stream has said enough, and how much of it makes one suggestion.

An answer is read line by line as it comes. `first_suggestion` is the first piece that makes sense
on its own: the rest of a line, a statement with its open brackets closed, a block to the end of its
scope; it may be shown as soon as it is complete. `should_stop` is when the rest may be left unsaid:
a few lines beyond the unit are worth keeping for the place where accepting it leads. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.completion.cursor_position import inside_text, window_above
from devstral_lsp.completion.filters.cut_prose import is_introduction
from devstral_lsp.completion.filters.fences import PROSE_LANGUAGES, is_fence
from devstral_lsp.completion.request_kind import has_body, indent_width, line_above, opens_block
from devstral_lsp.completion.source import brackets, source_lines
from devstral_lsp.completion.source.columns import ONE_LEVEL, align_first_line
from devstral_lsp.completion.types import CompletionKind, CursorContext
from devstral_lsp.syntax.tree import LexicalContext

SHOWN_LINES = 12
"""A longer suggestion is not read but skipped."""

AHEAD_LINES = 4
"""Lines beyond the unit that are still listened to: the next one or two suggestions."""

LOOPING_LINES = 4
"""A model that says the same line this often will go on saying it."""

_WITH_MEMBERS = re.compile(r"\b(?:class|interface|trait|impl|module|namespace|object|enum)\b")

_OVER_LINES = ('"""', "'''", "`", "<<", "[[", '@"')
"""What a string that spans lines may begin with."""

_CLOSING = frozenset(")]}>;, \t")

_FINISHED = (brackets.Left.NOTHING, brackets.Left.BRACES, brackets.Left.INSIDE_BRACES)
"""What a line may leave open at which a long block is cut, the best first."""

_BRANCHES = (
    "else", "elif", "elsif", "elseif", "except", "finally", "catch", "rescue", "ensure",
    "case", "default", "when",
)  # fmt: skip
"""Words that go on with a statement at the indentation at which it began."""


def stop_sequences(
    place: CursorContext, kind: CompletionKind, wanted: Sequence[str]
) -> tuple[str, ...]:
    """Stop strings for a request, the most useful first: wires take only a few.

    `wanted` are the user's own. All are enforced while streaming by `truncate_at_stop`.
    """
    if kind is CompletionKind.REST_OF_LINE:
        return (*wanted, "\n")
    stops = [*wanted, "\n\n\n"]
    if indent_width(place.indentation) or kind is CompletionKind.BLOCK:
        # Inside a block, a declaration at the left edge means that the block is over.
        stops += ["\n" + word for word in place.language.top_level_keywords]
    return tuple(dict.fromkeys(stops))


def truncate_at_stop(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    """`text` up to the earliest stop string, and whether there was one."""
    at = min((found for stop in stops if stop and (found := text.find(stop)) >= 0), default=-1)
    return (text, False) if at < 0 else (text[:at], True)


def should_stop(text: str, place: CursorContext, kind: CompletionKind) -> bool:
    """Whether to hang up: what may be shown has come, and what is worth keeping beyond it."""
    first = first_suggestion(text, place, kind, ended=False)
    if first is None:
        return False
    if kind is CompletionKind.REST_OF_LINE:
        return True
    beyond = text[len(first) :].split("\n")[1:-1]
    if len([line for line in beyond if line.strip()]) >= AHEAD_LINES:
        return True
    return _leaves_scope(text, place, kind) or _loops(text)


def first_suggestion(
    text: str, place: CursorContext, kind: CompletionKind, *, ended: bool
) -> str | None:
    """The first showable piece of `text`, or None while it is not complete.

    `ended`: no more will come, so whatever is there is all. "" if there is nothing to show.
    """
    lines = text.split("\n")
    whole = len(lines) if ended else len(lines) - 1
    skipped = _introduction(lines[:whole], place)
    code = lines[skipped:]
    if skipped and opens_block(place.line_before, place.language):
        # The line end that belongs to the fence is the missing one of the code.
        code, skipped = ["", *code], skipped - 1
    count = _SuggestionScanner(code, whole - skipped, place).count(kind)
    if count is None and not ended:
        return None
    return "\n".join(lines[: skipped + count]) if count is not None else text


def _introduction(lines: list[str], place: CursorContext) -> int:
    """How many lines lead to the code and are no code: sentences, then a Markdown fence."""
    count = 0
    for i, line in enumerate(lines):
        if is_fence(line):
            count = i + 1
            break
        if is_introduction(line):
            count = i + 1
        elif line.strip():
            break
    if (
        not count
        or place.language.name in PROSE_LANGUAGES
        or brackets.string_or_comment_at_cursor(place)
    ):
        return 0
    return count


class _SuggestionScanner:
    """Counts the lines of a unit; answers None where the next line is still needed to tell."""

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
        if kind is CompletionKind.BLOCK:
            return self._block_end(first, self._scope_width(first))
        return self._statement_end(first)

    def _first_line_with_text(self) -> int | None:
        return next((i for i in range(self._whole) if self._lines[i].strip()), None)

    def _statement_end(self, first: int) -> int | None:
        code = self._past_comments(first)
        if code > first and code >= self._whole:
            return None
        if code > first and not self._belongs_to_comment(first, code):
            return code
        last = self._brackets_end(code)
        if last is None:
            return None
        if not opens_block(self._full_line(last), self._place.language):
            return last + 1
        width = indent_width(self._full_line(code))
        if has_body(self._place, width):
            return last + 1
        return self._block_end(last + 1, self._outer_width(code, last + 1), minimum=last + 1)

    def _past_comments(self, first: int) -> int:
        """The first line from `first` on that is not a comment of the model's own."""
        for i in range(first, min(self._whole, first + SHOWN_LINES)):
            begun = i == 0 and self._continues_line()
            if begun or not source_lines.is_comment(self._lines[i], self._place.language):
                return i
        return min(self._whole, first + SHOWN_LINES)

    def _belongs_to_comment(self, first: int, code: int) -> bool:
        line = self._lines[code]
        return bool(line.strip()) and indent_width(line) >= indent_width(self._full_line(first))

    def _outer_width(self, opener: int, body: int) -> int:
        """What the lines of a block stand deeper than; the first of them tells.

        Models write a first line and its block as if the cursor stood at column 0, or indent both
        a second time.
        """
        width = indent_width(self._full_line(opener))
        below = next((line for line in self._lines[body:] if line.strip()), "")
        inner = indent_width(below)
        said = indent_width(self._place.line_before + self._lines[0])
        if opener == 0 and inner > said:
            return said
        by_columns = not self._place.language.braces and not self._place.language.block_end_keywords
        if 0 < inner < width + by_columns and inner <= ONE_LEVEL:
            return 0
        return width

    def _brackets_end(self, first: int) -> int | None:
        """The line on which the brackets opened since `first` are closed again.

        Only as far as they have not the line's end to themselves: a bracket that ends its line
        opens a block, which is read as one.
        """
        depth = 0
        for i in range(first, min(self._whole, first + SHOWN_LINES)):
            depth += _depth(self._full_line(i) if i == first else self._lines[i])
            if depth <= 0 or opens_block(self._full_line(i), self._place.language):
                return i
        return None if first + SHOWN_LINES > self._whole else first + SHOWN_LINES - 1

    def _block_end(self, start: int, outer_width: int, minimum: int = 0) -> int | None:
        """One past the block's last line: before a dedent, after a closing line.

        Blank lines stand in a body as long as it goes on behind them; of what has members, such as
        a class, they end the first.
        """
        last = start - 1
        for i in range(start, min(len(self._lines), start + SHOWN_LINES)):
            line = self._full_line(i)
            if not line.strip():
                # Blanks that nothing follows are no blank line: they may have been cut short.
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
        """Whether the columns of a line say nothing: the cursor's own, or one within a string."""
        if i == 0:
            return self._continues_line()
        text = "\n".join([*self._lines[:i], ""])
        if not any(
            quote in text for quote in _OVER_LINES
        ) and not brackets.string_or_comment_at_cursor(self._place):
            return False
        return (
            inside_text(window_above(self._place) + text, "", self._place.language_id)
            is LexicalContext.STRING
        )

    def _has_members(self) -> bool:
        line = self._place.line_before
        opener = line if line.strip() else line_above(self._place.before)
        return _WITH_MEMBERS.search(opener) is not None

    def _last_finished(self, start: int) -> int:
        """One past the last line that may be shown of a block that is longer than that.

        The last that leaves no bracket open, or else one that stands between braces.
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
        """Whether the statement of the line `opener` goes on with `line`, as with `else`."""
        if indent_width(line) != width or not source_lines.continues_block(line):
            return False
        is_branch = line.lstrip().startswith(("case", "default", "when"))
        return not is_branch or self._full_line(opener).lstrip().startswith(("switch", "select"))

    def _closes(self, line: str) -> bool:
        return _CLOSING.issuperset(line) or line.strip() in self._place.language.block_end_keywords

    def _may_close(self, line: str) -> bool:
        """Whether a line that is still coming may turn out to close the block, or to go on."""
        words = (*self._place.language.block_end_keywords, *_BRANCHES)
        word = line.strip(" \t)]}")
        return _CLOSING.issuperset(line) or any(
            each.startswith(word) or word.startswith(each) for each in words
        )

    def _continues_line(self) -> bool:
        return bool(self._place.line_before.strip())

    def _full_line(self, i: int) -> str:
        """A line as it will stand: where the cursor's line is indented already, not twice."""
        if i:
            return self._lines[i]
        return self._place.line_before + align_first_line(self._lines[0], self._place)

    def _scope_width(self, first: int) -> int:
        """What the lines of the block stand deeper than. On its way there an opener may take
        several lines, the last of them as deep as the block: the cursor's column then tells."""
        line = self._place.line_before
        if line.strip():
            return indent_width(line)
        width = indent_width(line_above(self._place.before))
        return min(width, indent_width(self._full_line(0)) - 1) if line and not first else width


def _depth(line: str) -> int:
    return sum(line.count(c) for c in "([{") - sum(line.count(c) for c in ")]}")


def _leaves_scope(text: str, place: CursorContext, kind: CompletionKind) -> bool:
    line = place.line_before
    if kind is CompletionKind.BLOCK and not line.strip():
        line = line_above(place.before)
    width = indent_width(line)
    return any(
        indent_width(line) < width and not _CLOSING.issuperset(line)
        for line in text.split("\n")[1:]
        if line.strip()
    )


def _loops(text: str) -> bool:
    lines = [line.strip() for line in text.split("\n")[:-1] if line.strip()]
    last = lines[-LOOPING_LINES:]
    return len(last) == LOOPING_LINES and len(set(last)) == 1
