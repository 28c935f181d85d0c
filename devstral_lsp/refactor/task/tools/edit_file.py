"""Replaces a piece of a file. The piece is quoted, not numbered: lines move with each edit."""

from __future__ import annotations

from devstral_lsp.refactor.base import Names
from devstral_lsp.refactor.check import objection
from devstral_lsp.refactor.diff import apply, edits
from devstral_lsp.refactor.parsed_text import ParsedText
from devstral_lsp.refactor.task.overlay import NotPossible
from devstral_lsp.refactor.task.tools.base import Arguments, Desk, Tool, text
from devstral_lsp.text import Edit, Snapshot, Span, Text


def _run(desk: Desk, arguments: Arguments) -> str:
    name = text(arguments, "path")
    old, new = text(arguments, "old"), text(arguments, "new")
    snapshot = desk.overlay.snapshot(name)
    edited = replaced(snapshot, old, new)
    if edited == snapshot.text:
        raise NotPossible("The edit changes nothing: old and new are the same.")
    desk.may_change_another()
    desk.overlay.write(name, edited)
    return f"{name} is edited. It has {edited.line_count} lines now."


def replaced(snapshot: Snapshot, old: str, new: str) -> Text:
    """The text with `new` for the one place that reads `old`. Raises NotPossible with the reason.

    Line ends need not agree; what is changed keeps those of the file.
    """
    span = _place(str(snapshot.text), old)
    around = Span(_line_start(snapshot.text, span.start), _line_end(snapshot.text, span.end))
    code = (
        snapshot.text.slice(around.start, span.start)
        + new
        + snapshot.text.slice(span.end, around.end)
    )
    changes: tuple[Edit, ...] = edits(snapshot.text, around, code)
    reason = objection(ParsedText(snapshot), around, changes, names=Names.CHANGED)
    if reason is not None:
        raise NotPossible(f"The edit was not made. {reason}")
    return apply(snapshot.text, changes)


def _place(string: str, old: str) -> Span:
    """Where `old` stands, exactly once, whatever its line ends."""
    if not old:
        raise NotPossible("The argument old is empty: quote the lines that are to be replaced.")
    for wanted in dict.fromkeys((old, old.replace("\n", "\r\n"), old.replace("\r\n", "\n"))):
        first = string.find(wanted)
        if first < 0:
            continue
        if string.find(wanted, first + 1) >= 0:
            raise NotPossible("That text stands at several places: quote more of what is around.")
        return Span(first, first + len(wanted))
    raise NotPossible(
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
    doing="editing",
)
