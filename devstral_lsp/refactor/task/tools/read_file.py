"""Reads a file, or some of its lines, with their numbers."""

from __future__ import annotations

from devstral_lsp.refactor.task.overlay import ToolError
from devstral_lsp.refactor.task.tools.base import (
    Arguments,
    Tool,
    ToolContext,
    int_argument,
    str_argument,
    truncate_result,
)

MOST_LINES = 400


def _run(desk: ToolContext, arguments: Arguments) -> str:
    content = desk.overlay.read(str_argument(arguments, "path"))
    first = max(1, int_argument(arguments, "first_line", 1))
    last = int_argument(arguments, "last_line", content.line_count)
    last = min(last, content.line_count, first + MOST_LINES - 1)
    if first > content.line_count:
        raise ToolError(f"The file has {content.line_count} lines.")
    width = len(str(last))
    lines = [f"{number:{width}}│{content.line(number - 1)}" for number in range(first, last + 1)]
    if last < content.line_count:
        lines.append(f"… ({content.line_count} lines in all)")
    return truncate_result("\n".join(lines), "ask for fewer lines")


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
    progress_label="reading",
)
