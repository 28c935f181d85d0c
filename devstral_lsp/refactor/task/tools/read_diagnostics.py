"""Tells what the editor's language servers complain of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from devstral_lsp.refactor.task.overlay import ToolError
from devstral_lsp.refactor.task.tools.base import (
    Arguments,
    Tool,
    ToolContext,
    str_argument,
    truncate_result,
)
from devstral_lsp.refactor.types import Diagnostic


def _run(desk: ToolContext, arguments: Arguments) -> str:
    wanted = str_argument(arguments, "path", "")
    lines = [
        line
        for name, found in sorted(desk.diagnostics.items())
        if wanted in ("", name)
        for line in _lines(desk, name, found)
    ]
    return truncate_result("\n".join(lines), "ask for one file") or "None are known."


def _lines(desk: ToolContext, name: str, found: Sequence[Diagnostic]) -> Iterator[str]:
    try:
        before = desk.overlay.read_before(name)
    except ToolError:
        return
    for each in found:
        line = before.line_of(each.span.start) + 1
        yield f"{name}:{line}: {each.severity.name.lower()}: {each.message}"


READ_DIAGNOSTICS = Tool(
    name="read_diagnostics",
    description=(
        "The errors and warnings that the user's editor showed when the task began. They do not "
        "change with your edits."
    ),
    parameters={"path": {"type": "string", "description": "Only of this file. Default: all."}},
    required=(),
    run=_run,
    progress_label="reading diagnostics",
)
