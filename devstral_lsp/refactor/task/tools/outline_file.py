"""Tells what a file defines, without its bodies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from devstral_lsp.refactor.task.tools.base import (
    Arguments,
    Tool,
    ToolContext,
    str_argument,
    truncate_result,
)
from devstral_lsp.syntax.outline import Definition, outline


def _run(desk: ToolContext, arguments: Arguments) -> str:
    snapshot = desk.overlay.snapshot(str_argument(arguments, "path"))
    found = "\n".join(_lines(outline(str(snapshot.text), snapshot.language), ""))
    return truncate_result(found, "read the file for the rest") or "Nothing is defined there."


def _lines(definitions: Sequence[Definition], indent: str) -> Iterator[str]:
    for each in definitions:
        signature = " ".join(each.signature.split())
        yield f"{indent}{each.line + 1}-{each.last_line + 1}: {signature}"
        yield from _lines(each.members, indent + "  ")


OUTLINE_FILE = Tool(
    name="outline_file",
    description="List what a file defines, with line numbers and signatures.",
    parameters={"path": {"type": "string", "description": "The file, as list_files names it."}},
    required=("path",),
    run=_run,
    progress_label="looking at",
)
