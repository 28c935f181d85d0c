"""Deletes a file."""

from __future__ import annotations

from devstral_lsp.refactor.task.tools.base import Arguments, Tool, ToolContext, str_argument


def _run(desk: ToolContext, arguments: Arguments) -> str:
    name = str_argument(arguments, "path")
    desk.check_file_limit()
    desk.overlay.delete(name)
    return f"{name} is deleted."


DELETE_FILE = Tool(
    name="delete_file",
    description="Delete a file from the workspace.",
    parameters={"path": {"type": "string", "description": "The file, as list_files names it."}},
    required=("path",),
    run=_run,
    progress_label="deleting",
)
