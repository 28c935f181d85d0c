"""Tools that change files: edit, create, rename and delete them, after a plan if they are many."""

from __future__ import annotations

from devstral_lsp.edits.line_edits import apply_edits, minimal_line_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.languages import edited_language_id
from devstral_lsp.refactor.task.overlay import ToolError
from devstral_lsp.refactor.task.tools.base import (
    MAX_UNPLANNED_FILES,
    PATH,
    Arguments,
    TaskPlan,
    Tool,
    ToolContext,
    str_argument,
)
from devstral_lsp.refactor.types import EMPTY_TEXT, NamePolicy
from devstral_lsp.refactor.validate import find_loss, find_violation
from devstral_lsp.text import Snapshot, Span, Text

_HOW_TO_REMOVE = (
    "Give the new text in full. To take lines away on purpose, quote only those, with an empty new."
)


def _edit_file(context: ToolContext, arguments: Arguments) -> str:
    """Quotes, not line numbers, say what to replace: lines move with each edit."""
    name = str_argument(arguments, "path")
    snapshot = context.overlay.snapshot(name)
    text = snapshot.text
    span = _place(str(text), str_argument(arguments, "old"))
    start = text.line_start(text.line_of(span.start))
    end = text.line_end(text.line_of(span.end))
    new = str_argument(arguments, "new")
    code = text.slice(start, span.start) + new + text.slice(span.end, end)
    edited = _replaced(
        snapshot, Span(start, end), code, "The edit was not made.", may_remove=not new.strip()
    )
    if edited == text:
        raise ToolError("The edit changes nothing: old and new are the same.")
    context.check_may_change(name)
    context.overlay.write(name, edited)
    return f"{name} is edited. It has {edited.line_count} lines now."


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


def _replaced(
    snapshot: Snapshot, span: Span, code: str, refusal: str, *, may_remove: bool = False
) -> Text:
    """The text with `code` in place of `span`. Raises ToolError where a check fails."""
    document = ParsedDocument(snapshot)
    edits = minimal_line_edits(snapshot.text, span, code)
    reason = find_violation(document, span, edits, names=NamePolicy.CHANGED)
    if reason is None and not may_remove:
        reason = find_loss(document, span, edits, names=NamePolicy.CHANGED)
        reason = reason and f"{reason} {_HOW_TO_REMOVE}"
    if reason is not None:
        raise ToolError(f"{refusal} {reason}")
    return apply_edits(snapshot.text, edits)


def _create_file(context: ToolContext, arguments: Arguments) -> str:
    name, content = str_argument(arguments, "path"), str_argument(arguments, "content")
    language = edited_language_id(name)
    empty = Snapshot(uri="untitled:", version=0, language=language, text=EMPTY_TEXT)
    _replaced(empty, Span(0, 0), content, "The file was not made.")
    context.check_may_change(name)
    is_whole = content.endswith("\n") or not content
    context.overlay.create(name, content if is_whole else f"{content}\n")
    return f"{name} is made."


def _rename_file(context: ToolContext, arguments: Arguments) -> str:
    old, new = str_argument(arguments, "path"), str_argument(arguments, "new_path")
    context.check_may_change(old)
    context.overlay.rename(old, new)
    return f"{old} is {new} now. What refers to it must be edited by you."


def _delete_file(context: ToolContext, arguments: Arguments) -> str:
    name = str_argument(arguments, "path")
    context.check_may_change(name)
    context.overlay.delete(name)
    return f"{name} is deleted."


def _propose_plan(context: ToolContext, arguments: Arguments) -> str:
    """Only keeps the plan: the agent has the user agree to it, or ends the task."""
    files = arguments.get("files")
    if not isinstance(files, list) or not files or not all(isinstance(each, str) for each in files):
        raise ToolError("The argument files must be a list of file names.")
    context.plan = TaskPlan(str_argument(arguments, "summary"), tuple(dict.fromkeys(files)))
    return "The developer agrees: go on."


EDITING_TOOLS = (
    Tool(
        name="propose_plan",
        description=(
            f"Before more than {MAX_UNPLANNED_FILES} files change: show the developer what you are "
            "going to do. Call it again if further files turn out to be needed."
        ),
        parameters={
            "summary": {"type": "string", "description": "What changes, in a few sentences."},
            "files": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Every file that is to be edited, created, renamed or deleted, as "
                "list_files names it; of a renamed one, the old name.",
            },
        },
        required=("summary", "files"),
        run=_propose_plan,
        progress_label="planning",
    ),
    Tool(
        name="edit_file",
        description=(
            "Replace one piece of a file. The piece must stand in the file exactly once, word for "
            "word."
        ),
        parameters={
            "path": PATH,
            "old": {"type": "string", "description": "The text to replace, quoted exactly."},
            "new": {"type": "string", "description": "What is to stand there instead, in full."},
        },
        required=("path", "old", "new"),
        run=_edit_file,
        progress_label="editing",
    ),
    Tool(
        name="create_file",
        description="Add a file to the workspace.",
        parameters={
            "path": {"type": "string", "description": "Its name, as list_files names files."},
            "content": {"type": "string", "description": "All that is to stand in it."},
        },
        required=("path", "content"),
        run=_create_file,
        progress_label="making",
    ),
    Tool(
        name="rename_file",
        description="Rename or move a file within the workspace.",
        parameters={
            "path": PATH,
            "new_path": {"type": "string", "description": "Its new name."},
        },
        required=("path", "new_path"),
        run=_rename_file,
        progress_label="renaming",
    ),
    Tool(
        name="delete_file",
        description="Delete a file from the workspace.",
        parameters={"path": PATH},
        required=("path",),
        run=_delete_file,
        progress_label="deleting",
    ),
)
"""In the order in which the model is told of them."""
