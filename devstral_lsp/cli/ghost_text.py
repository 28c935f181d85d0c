"""Renders a completion as an editor does, between the lines around it.

`rows_of` computes the lines; `plain` and `coloured` render them for a pipe and for a terminal, with
the control characters of the file and the model escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from devstral_lsp.characters import printable
from devstral_lsp.cli.terminal import has_light_background
from devstral_lsp.completion.types import Completion
from devstral_lsp.text import Text, normalize_newlines

if TYPE_CHECKING:
    from rich.text import Text as Drawn

LINES_AROUND = 4
"""Lines shown above and below the cursor's."""
_MAX_SHOWN = 160
"""Code points of a line on one side of the cursor; minified code has lines of megabytes."""

_GHOST = "italic cyan"
"""Not dim, which is unreadable on many backgrounds."""
_CURSOR = "reverse"
_GUTTER = "bright_black"
_MARKS = (("⟦", "⟧"), ("[[", "]]"))
"""Around ghost text without colour; the second pair is for encodings without the first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line to show. `number` (from 1) is None for a line that the ghost text adds.

    `ghost` is None without ghost text, and "" for an empty line of it.
    """

    number: int | None
    before: str
    ghost: str | None = None
    after: str = ""


def rows_of(text: Text, offset: int, completion: Completion) -> list[Row]:
    """The lines around `offset` (code points), with `completion` inserted."""
    line = text.line_of(offset)
    first, last = max(0, line - LINES_AROUND), min(text.line_count - 1, line + LINES_AROUND)
    above = [Row(at + 1, _start(text.line(at))) for at in range(first, line)]
    below = [Row(at + 1, _start(text.line(at))) for at in range(line + 1, last + 1)]
    return [*above, *_at_cursor(text, offset, completion), *below]


def _at_cursor(text: Text, offset: int, completion: Completion) -> list[Row]:
    """The cursor's line, and the lines that the ghost text adds after it."""
    line = text.line_of(offset)
    typed = text.slice(completion.span.start, offset)
    covered = text.slice(offset, completion.span.end)
    ghost = normalize_newlines(completion.text).removeprefix(typed).removesuffix(covered)
    rest = text.slice(completion.span.end, text.line_end(line))
    if completion.text.endswith(covered):
        rest = covered + rest
    head, *more = ghost.split("\n")
    rows = [Row(line + 1, _end(text.slice(text.line_start(line), offset)), printable(head))]
    rows += [Row(None, "", printable(each)) for each in more]
    return [*rows[:-1], replace(rows[-1], after=_start(rest))]


def plain(rows: Sequence[Row], encoding: str = "utf-8") -> str:
    """The rows without colour, with the ghost text between marks."""
    opening, closing = next(
        (pair for pair in _MARKS if _can_write("".join(pair), encoding)), _MARKS[-1]
    )
    width = _width(rows)
    lines = []
    for row in rows:
        ghost = "" if row.ghost is None else f"{opening}{row.ghost}{closing}"
        pointer = " " if row.ghost is None else ">"
        code = f"{row.before}{ghost}{row.after}"
        lines.append(f"{pointer} {_label(row):>{width}}  {code}".rstrip())
    return "\n".join(lines)


def coloured(rows: Sequence[Row], path: str) -> Drawn:
    """The rows for a terminal, their code highlighted as the language of `path`."""
    from rich.text import Text as Drawn

    width = _width(rows)
    drawn = Drawn()
    for row, before, after in zip(rows, *_highlighted(rows, path), strict=True):
        pointer = ("❯ ", "bold") if row.ghost is not None and row.number else ("  ", "")
        drawn.append(*pointer)
        drawn.append(f"{_label(row):>{width}}  ", _GUTTER)
        drawn.append_text(before)
        if row.ghost is not None:
            drawn.append_text(_ghost(row))
        drawn.append_text(after)
        drawn.append("\n")
    drawn.right_crop(1)
    return drawn


def _ghost(row: Row) -> Drawn:
    """The ghost text, with the cursor at its start."""
    from rich.text import Text as Drawn

    ghost = row.ghost or ""
    if row.number is None:
        return Drawn(ghost, _GHOST)
    # At the end of a line, the cursor needs a space to be displayed on.
    drawn = Drawn(ghost or " ", _GHOST)
    drawn.stylize(_CURSOR, 0, 1)
    return drawn


def _highlighted(rows: Sequence[Row], path: str) -> tuple[list[Drawn], list[Drawn]]:
    """The code before and after the ghost text of each row, highlighted together."""
    from rich.syntax import Syntax

    code = "\n".join(row.before + row.after for row in rows)
    theme = "ansi_light" if has_light_background() else "ansi_dark"
    syntax = Syntax(code, Syntax.guess_lexer(path), theme=theme)
    lines = syntax.highlight(code).split("\n", allow_blank=True)
    # A lexer may drop blank lines at the start, and rich adds a line end.
    if [line.plain for line in lines[: len(rows)]] != code.split("\n"):
        return _unstyled([row.before for row in rows]), _unstyled([row.after for row in rows])
    halves = [line.divide([len(row.before)]) for line, row in zip(lines, rows, strict=False)]
    nothing = _unstyled([""])[0]
    return [half[0] for half in halves], [half[1] if half[1:] else nothing for half in halves]


def _unstyled(strings: Sequence[str]) -> list[Drawn]:
    from rich.text import Text as Drawn

    return [Drawn(string) for string in strings]


def _label(row: Row) -> str:
    return "+" if row.number is None else str(row.number)


def _width(rows: Sequence[Row]) -> int:
    return max(len(_label(row)) for row in rows)


def _start(string: str) -> str:
    shown = printable(string[:_MAX_SHOWN])
    return shown if len(string) <= _MAX_SHOWN else shown + "…"


def _end(string: str) -> str:
    shown = printable(string[-_MAX_SHOWN:])
    return shown if len(string) <= _MAX_SHOWN else "…" + shown


def _can_write(string: str, encoding: str) -> bool:
    try:
        string.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
