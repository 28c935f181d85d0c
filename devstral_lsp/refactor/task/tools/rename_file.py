"""Renames or moves a file."""

from __future__ import annotations

from devstral_lsp.refactor.task.tools.base import Arguments, Tool, ToolContext, str_argument


def _run(desk: ToolContext, arguments: Arguments) -> str:
    old, new = str_argument(arguments, "path"), str_argument(arguments, "new_path")
    desk.check_file_limit()
    desk.overlay.rename(old, new)
    return f"{old} is {new} now. What refers to it must be edited by you."


RENAME_FILE = Tool(
    name="rename_file",
    description="Rename or move a file within the workspace.",
    parameters={
        "path": {"type": "string", "description": "The file, as list_files names it."},
        "new_path": {"type": "string", "description": "Its new name."},
    },
    required=("path", "new_path"),
    run=_run,
    progress_label="renaming",
)
