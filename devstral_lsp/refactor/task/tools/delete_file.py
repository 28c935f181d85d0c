"""Deletes a file."""

from __future__ import annotations

from devstral_lsp.refactor.task.tools.base import Arguments, Desk, Tool, text


def _run(desk: Desk, arguments: Arguments) -> str:
    name = text(arguments, "path")
    desk.may_change_another()
    desk.overlay.delete(name)
    return f"{name} is deleted."


DELETE_FILE = Tool(
    name="delete_file",
    description="Delete a file from the workspace.",
    parameters={"path": {"type": "string", "description": "The file, as list_files names it."}},
    required=("path",),
    run=_run,
    doing="deleting",
)
