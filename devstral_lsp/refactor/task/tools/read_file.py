"""Reads a file, or some of its lines, with their numbers."""

from __future__ import annotations

from devstral_lsp.refactor.task.overlay import NotPossible
from devstral_lsp.refactor.task.tools.base import Arguments, Desk, Tool, shortened, text, whole

MOST_LINES = 400


def _run(desk: Desk, arguments: Arguments) -> str:
    content = desk.overlay.read(text(arguments, "path"))
    first = max(1, whole(arguments, "first_line", 1))
    last = whole(arguments, "last_line", content.line_count)
    last = min(last, content.line_count, first + MOST_LINES - 1)
    if first > content.line_count:
        raise NotPossible(f"The file has {content.line_count} lines.")
    width = len(str(last))
    lines = [f"{number:{width}}│{content.line(number - 1)}" for number in range(first, last + 1)]
    if last < content.line_count:
        lines.append(f"… ({content.line_count} lines in all)")
    return shortened("\n".join(lines), "ask for fewer lines")


READ_FILE = Tool(
    name="read_file",
    description=(
        f"Read a file, at most {MOST_LINES} lines at a time. Each line begins with its number and "
        "a bar, which are not part of the file."
    ),
    parameters={
        "path": {"type": "string", "description": "The file, as list_files names it."},
        "first_line": {"type": "integer", "description": "Counted from 1. Default: 1."},
        "last_line": {"type": "integer", "description": "Default: as far as possible."},
    },
    required=("path",),
    run=_run,
    doing="reading",
)
