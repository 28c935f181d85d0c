"""The further files of an answer: the one it belongs into, and new ones.

A file that was not shown to the model is never written over, and nothing that one defines may go
away. One that was not asked for, by the action or by the user's own words, says so. What may be
read and named at all is the overlay's matter. Blocks: reads the disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from devstral_lsp.errors import StaleDocument
from devstral_lsp.refactor.add_imports import import_edits
from devstral_lsp.refactor.errors import UnusableFileInReply, UnusableReply
from devstral_lsp.refactor.line_edits import apply_edits, minimal_line_edits
from devstral_lsp.refactor.parsed_text import ParsedDocument
from devstral_lsp.refactor.patience_diff import matching_blocks
from devstral_lsp.refactor.task.overlay import ToolError, WorkspaceOverlay
from devstral_lsp.refactor.types import FileChange, NamePolicy, RefactorRefused
from devstral_lsp.refactor.validate import find_violation
from devstral_lsp.syntax.imports import find_import_statements
from devstral_lsp.text import Edit, Snapshot, Span, Text, normalize_newlines

MOST_FILES = 8
"""Of one answer."""
LONGEST_TARGET = 60_000
"""Code points of a file that is shown to be added to, some 20,000 tokens."""
SOME_KEPT = 0.5
"""Share of a file's lines from which on an answer is that file again, and no mere addition."""

_UNASKED = "you did not ask for this file"
_OF_A_PATH = re.compile(r"[\w/\\~-]")
"""What makes a name that stands in words a part of a longer one."""
_TELLING = re.compile(r"\w\W*\w")
_IMPORT = re.compile(r"\s*(?:import|from|use|using|require|#\s*include)\b")


class ReplyFiles:
    """What an answer may do to files, by their paths from the workspace folder."""

    def __init__(
        self, look: Callable[[], WorkspaceOverlay], target: str, own: str, words: str = ""
    ) -> None:
        """`look` gives the files as they are now; `own` is the document, edited another way.
        `words` are the user's.

        Raises RefactorRefused for a `target` ("" for none) that may not be changed, or is too long.
        """
        self._look = look
        self._target = target
        self._own = own
        self._words = words
        self.shown = _existing(look(), target) if target else None
        """The target's text as the model is to see it; None where there is no such file yet."""

    def changes(self, files: Sequence[tuple[str, str]]) -> tuple[FileChange, ...]:
        """What makes the files read as the answer has them. Raises UnusableReply, StaleDocument."""
        if len(files) > MOST_FILES:
            raise UnusableReply(f"The reply writes more than {MOST_FILES} files.")
        overlay = self._look()
        try:
            for path, code in files:
                self._take(overlay, path, code)
            return tuple(map(self._marked, overlay.changes()))
        except ToolError as error:
            raise UnusableFileInReply(str(error)) from None

    def _marked(self, change: FileChange) -> FileChange:
        asked = change.path == self._target or is_named(change.path, self._words)
        return change if change.caution or asked else replace(change, caution=_UNASKED)

    def _take(self, overlay: WorkspaceOverlay, path: str, code: str) -> None:
        if path == self._own:
            raise UnusableReply("The file of the selection is changed by its new code alone.")
        if path != self._target or self.shown is None:
            overlay.create(path, f"{code.rstrip()}\n")
            return
        if overlay.read(path) != self.shown:
            raise StaleDocument(f"{path} was edited meanwhile, so nothing was changed: ask again.")
        overlay.write(path, _with(overlay.snapshot(path), code))


def is_named(path: str, words: str) -> bool:
    """Whether `words` name the file: by its path, or by its last part if that has a dot."""
    name = path.rpartition("/")[2]
    return any(_stands_in(each, words) for each in {path, name if "." in name else path})


def _stands_in(name: str, words: str) -> bool:
    """Whether `name` stands in `words` and is no part of a longer name there."""
    at = words.find(name)
    while at >= 0:
        before, after = words[:at].removesuffix("./")[-1:], words[at + len(name) :][:1]
        if not (_OF_A_PATH.match(before) or _OF_A_PATH.match(after)):
            return True
        at = words.find(name, at + 1)
    return False


def _existing(overlay: WorkspaceOverlay, path: str) -> Text | None:
    try:
        found = overlay.read(path)
    except ToolError:
        try:
            overlay.create(path, "")
        except ToolError as error:
            raise RefactorRefused(str(error)) from None
        return None
    if len(found) > LONGEST_TARGET:
        raise RefactorRefused(f"{path}, which this would be added to, is too long to be shown.")
    return found


def _with(shown: Snapshot, code: str) -> Text:
    """A file with all that it had, and what is new in `code`, whether that repeats it or not."""
    kept = _kept_share(str(shown.text), code)
    if SOME_KEPT <= kept < 1.0:
        raise UnusableReply("The reply changes what the file has already: only add to it.")
    whole = Span(0, len(shown.text))
    every = minimal_line_edits(shown.text, whole, code) if kept == 1.0 else _appended(shown, code)
    reason = find_violation(ParsedDocument(shown), whole, every, names=NamePolicy.ADDED)
    if reason is not None:
        raise UnusableReply(f"{reason} This is about the file that the answer belongs into.")
    return apply_edits(shown.text, every)


def _kept_share(old: str, new: str) -> float:
    """How many of the lines of `old` that say something stand in `new`, in their order, 0 to 1."""
    had, given = (_telling(text) for text in (old, new))
    if not had:
        return 1.0
    return sum(match.size for match in matching_blocks(had, given)) / len(had)


def _telling(text: str) -> list[str]:
    """The lines without blanks at their ends, but for blank ones, brackets and imports."""
    lines = (line.rstrip() for line in normalize_newlines(text).split("\n"))
    return [line for line in lines if _TELLING.search(line) and not _IMPORT.match(line)]


def _appended(shown: Snapshot, code: str) -> tuple[Edit, ...]:
    """`code` at the end, and its imports among those that are there."""
    lines = code.split("\n")
    imports = list(find_import_statements(lines, shown.language))
    for each in reversed(imports):
        del lines[each.first : each.end]
    added = import_edits(ParsedDocument(shown), [each.text for each in imports])
    changed = replace(shown, text=apply_edits(shown.text, added))
    body = "\n".join(lines).strip("\n")
    whole = f"{str(changed.text).rstrip()}\n\n\n{body}\n"
    return minimal_line_edits(shown.text, Span(0, len(shown.text)), whole)
