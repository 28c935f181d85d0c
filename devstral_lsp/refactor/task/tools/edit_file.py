"""Replaces a piece of a file. The piece is quoted, not numbered: lines move with each edit."""

from __future__ import annotations

from devstral_lsp.edits.line_edits import apply_edits, minimal_line_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.refactor.task.overlay import ToolError
from devstral_lsp.refactor.task.tools.base import Arguments, Tool, ToolContext, str_argument
from devstral_lsp.refactor.types import NamePolicy
from devstral_lsp.refactor.validate import find_violation
from devstral_lsp.text import Edit, Snapshot, Span, Text


def _run(desk: ToolContext, arguments: Arguments) -> str:
    name = str_argument(arguments, "path")
    old, new = str_argument(arguments, "old"), str_argument(arguments, "new")
    snapshot = desk.overlay.snapshot(name)
    edited = replace_once(snapshot, old, new)
    if edited == snapshot.text:
        raise ToolError("The edit changes nothing: old and new are the same.")
    desk.check_file_limit()
    desk.overlay.write(name, edited)
    return f"{name} is edited. It has {edited.line_count} lines now."


def replace_once(snapshot: Snapshot, old: str, new: str) -> Text:
    """The text with `new` for the one place that reads `old`. Raises ToolError with the reason.

    Line ends need not agree; what is changed keeps those of the file.
    """
    span = _place(str(snapshot.text), old)
    around = Span(_line_start(snapshot.text, span.start), _line_end(snapshot.text, span.end))
    code = (
        snapshot.text.slice(around.start, span.start)
        + new
        + snapshot.text.slice(span.end, around.end)
    )
    changes: tuple[Edit, ...] = minimal_line_edits(snapshot.text, around, code)
    reason = find_violation(ParsedDocument(snapshot), around, changes, names=NamePolicy.CHANGED)
    if reason is not None:
        raise ToolError(f"The edit was not made. {reason}")
    return apply_edits(snapshot.text, changes)


def _place(string: str, old: str) -> Span:
    """Where `old` stands, exactly once, whatever its line ends."""
    if not old:
        raise ToolError("The argument old is empty: quote the lines that are to be replaced.")
    for wanted in dict.fromkeys((old, old.replace("\n", "\r\n"), old.replace("\r\n", "\n"))):
        first = string.find(wanted)
        if first < 0:
            continue
        if string.find(wanted, first + 1) >= 0:
            raise ToolError("That text stands at several places: quote more of what is around.")
        return Span(first, first + len(wanted))
    raise ToolError(
        "That text does not stand in the file. Read the file again, and quote it exactly, with its "
        "indentation and without line numbers."
    )


def _line_start(text: Text, offset: int) -> int:
    return text.line_start(text.line_of(offset))


def _line_end(text: Text, offset: int) -> int:
    return text.line_end(text.line_of(offset))


EDIT_FILE = Tool(
    name="edit_file",
    description=(
        "Replace one piece of a file. The piece must stand in the file exactly once, word for word."
    ),
    parameters={
        "path": {"type": "string", "description": "The file, as list_files names it."},
        "old": {"type": "string", "description": "The text to replace, quoted exactly."},
        "new": {"type": "string", "description": "What is to stand there instead, in full."},
    },
    required=("path", "old", "new"),
    run=_run,
    progress_label="editing",
)
