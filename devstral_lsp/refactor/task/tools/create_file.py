"""Adds a file."""

from __future__ import annotations

from devstral_lsp.languages import language_id_of_path
from devstral_lsp.refactor.base import NO_TEXT, Names
from devstral_lsp.refactor.check import objection
from devstral_lsp.refactor.diff import edits
from devstral_lsp.refactor.parsed_text import ParsedText
from devstral_lsp.refactor.task.overlay import NotPossible
from devstral_lsp.refactor.task.tools.base import Arguments, Desk, Tool, text
from devstral_lsp.text import Snapshot, Span


def _run(desk: Desk, arguments: Arguments) -> str:
    name, content = text(arguments, "path"), text(arguments, "content")
    language = language_id_of_path(name)
    empty = Snapshot(uri="untitled:", version=0, language=language, text=NO_TEXT)
    whole = Span(0, 0)
    reason = objection(
        ParsedText(empty), whole, edits(NO_TEXT, whole, content), names=Names.CHANGED
    )
    if reason is not None:
        raise NotPossible(f"The file was not made. {reason}")
    desk.may_change_another()
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
    doing="making",
)
