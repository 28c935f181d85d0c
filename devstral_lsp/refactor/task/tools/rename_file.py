"""Renames or moves a file."""

from __future__ import annotations

from devstral_lsp.refactor.task.tools.base import Arguments, Desk, Tool, text


def _run(desk: Desk, arguments: Arguments) -> str:
    old, new = text(arguments, "path"), text(arguments, "new_path")
    desk.may_change_another()
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
    doing="renaming",
)
