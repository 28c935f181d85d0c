"""Adds a file."""

from __future__ import annotations

from devstral_lsp.edits.line_edits import minimal_line_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.refactor.task.overlay import ToolError
from devstral_lsp.refactor.task.tools.base import Arguments, Tool, ToolContext, str_argument
from devstral_lsp.refactor.types import EMPTY_TEXT, NamePolicy
from devstral_lsp.refactor.validate import find_violation
from devstral_lsp.text import Snapshot, Span


def _run(desk: ToolContext, arguments: Arguments) -> str:
    name, content = str_argument(arguments, "path"), str_argument(arguments, "content")
    language = language_id_of_path(name)
    empty = Snapshot(uri="untitled:", version=0, language=language, text=EMPTY_TEXT)
    whole = Span(0, 0)
    reason = find_violation(
        ParsedDocument(empty),
        whole,
        minimal_line_edits(EMPTY_TEXT, whole, content),
        names=NamePolicy.CHANGED,
    )
    if reason is not None:
        raise ToolError(f"The file was not made. {reason}")
    desk.check_file_limit()
    desk.overlay.create(name, content if content.endswith("\n") or not content else f"{content}\n")
    return f"{name} is made."


CREATE_FILE = Tool(
    name="create_file",
    description="Add a file to the workspace.",
    parameters={
        "path": {"type": "string", "description": "Its name, as list_files names files."},
        "content": {"type": "string", "description": "All that is to stand in it."},
    },
    required=("path", "content"),
    run=_run,
    progress_label="making",
)
