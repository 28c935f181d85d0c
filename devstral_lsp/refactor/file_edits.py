"""The further files of a reply: the one that the action adds to, and new ones.

A file that the model has not seen is never overwritten, and a file that it has seen must keep all
its definitions. A file that neither the action nor the user's instruction names gets a caution.
Blocks: reads the disk, through `task/overlay.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from devstral_lsp.edits.line_edits import apply_edits, minimal_line_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.edits.patience_diff import matching_lines
from devstral_lsp.errors import StaleDocument
from devstral_lsp.refactor.errors import UnusableFileInReply, UnusableReply
from devstral_lsp.refactor.imports import import_edits
from devstral_lsp.refactor.task.overlay import ToolError, WorkspaceOverlay
from devstral_lsp.refactor.types import FileChange, NamePolicy, RefactorRefused
from devstral_lsp.refactor.validate import find_violation
from devstral_lsp.syntax.imports import find_import_statements
from devstral_lsp.text import Edit, Snapshot, Span, Text, normalize_newlines

MAX_FILES = 8
"""In one reply."""
MAX_TARGET = 60_000
"""Code points of a file that is sent to the model, some 20,000 tokens."""
MIN_KEPT = 0.5
"""Minimum share of a file's lines in a reply that repeats the file instead of adding to it."""

_UNASKED = "you did not ask for this file"
_OF_A_PATH = re.compile(r"[\w/\\~-]")
"""Characters that make an adjacent name a part of a longer one."""
_HAS_WORDS = re.compile(r"\w\W*\w")
_IMPORT = re.compile(r"\s*(?:import|from|use|using|require|#\s*include)\b")


class ReplyFiles:
    """The files that a reply may change, by their paths in the workspace folder."""

    def __init__(
        self, look: Callable[[], WorkspaceOverlay], target: str, own: str, words: str = ""
    ) -> None:
        """`look` returns the files as they are now. `own` is the path of the document itself, which
        no further file may have; `words` are the user's.

        Raises RefactorRefused for a `target` ("" for none) that may not be changed or is too long.
        """
        self._look = look
        self._target = target
        self._own = own
        self._words = words
        self.shown = _existing(look(), target) if target else None
        """The text of `target` for the model; None if the file does not exist yet."""

    def changes(self, files: Sequence[tuple[str, str]]) -> tuple[FileChange, ...]:
        """The changes that write `files`. Raises UnusableReply and StaleDocument."""
        if len(files) > MAX_FILES:
            raise UnusableReply(f"The reply writes more than {MAX_FILES} files.")
        overlay = self._look()
        try:
            for path, code in files:
                self._take(overlay, path, code)
            changes = overlay.changes()
        except ToolError as error:
            raise UnusableFileInReply(str(error)) from None
        return tuple(
            each
            if each.caution or each.path == self._target or is_named(each.path, self._words)
            else replace(each, caution=_UNASKED)
            for each in changes
        )

    def _take(self, overlay: WorkspaceOverlay, path: str, code: str) -> None:
        if path == self._own:
            raise UnusableReply("The file of the selection is changed by its new code alone.")
        if path != self._target or self.shown is None:
            overlay.create(path, f"{code.rstrip()}\n")
            return
        if overlay.read(path) != self.shown:
            raise StaleDocument(f"{path} was edited meanwhile, so nothing was changed: ask again.")
        overlay.write(path, _extended(overlay.snapshot(path), code))


def is_named(path: str, words: str) -> bool:
    """Whether `words` name the file: by its path, or by its last part if that has a dot."""
    name = path.rpartition("/")[2]
    return any(_is_mentioned(each, words) for each in {path, name if "." in name else path})


def _is_mentioned(name: str, words: str) -> bool:
    """Whether `name` occurs in `words`, not as a part of a longer name."""
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
    if len(found) > MAX_TARGET:
        raise RefactorRefused(f"{path}, which this would be added to, is too long to be shown.")
    return found


def _extended(shown: Snapshot, code: str) -> Text:
    """The file with the new parts of `code`, which repeats the file or only adds to it."""
    kept = _kept_share(str(shown.text), code)
    if MIN_KEPT <= kept < 1.0:
        raise UnusableReply("The reply changes what the file has already: only add to it.")
    whole = Span(0, len(shown.text))
    every = minimal_line_edits(shown.text, whole, code) if kept == 1.0 else _appended(shown, code)
    reason = find_violation(ParsedDocument(shown), whole, every, names=NamePolicy.ADDED)
    if reason is not None:
        raise UnusableReply(f"{reason} This is about the file that the answer belongs into.")
    return apply_edits(shown.text, every)


def _kept_share(old: str, new: str) -> float:
    """The share of the significant lines of `old` that `new` contains in order, from 0 to 1."""
    had, given = (_lines_with_words(text) for text in (old, new))
    if not had:
        return 1.0
    return len(matching_lines(had, given)) / len(had)


def _lines_with_words(text: str) -> list[str]:
    """The lines without trailing whitespace, except blank ones, brackets and imports."""
    lines = (line.rstrip() for line in normalize_newlines(text).split("\n"))
    return [line for line in lines if _HAS_WORDS.search(line) and not _IMPORT.match(line)]


def _appended(shown: Snapshot, code: str) -> tuple[Edit, ...]:
    """`code` at the end, and its imports among the existing ones."""
    lines = code.split("\n")
    imports = list(find_import_statements(lines, shown.language))
    for each in reversed(imports):
        del lines[each.first : each.end]
    added = import_edits(ParsedDocument(shown), [each.text for each in imports])
    changed = replace(shown, text=apply_edits(shown.text, added))
    body = "\n".join(lines).strip("\n")
    whole = f"{str(changed.text).rstrip()}\n\n\n{body}\n"
    return minimal_line_edits(shown.text, Span(0, len(shown.text)), whole)
