"""The files of one command: as they were read, and with the command's changes.

Nothing is written before `write` is called.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.cli.source_file import SourceFile
from devstral_lsp.context.paths import uri_to_path
from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.edits.unified_diff import unified
from devstral_lsp.errors import StaleDocument
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.refactor.types import FileChange
from devstral_lsp.text import Snapshot, Text


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed file. `diff` is unified; `name` is relative to the current folder.

    `caution` says why the change needs confirmation, and how to give it; "" if it needs none.
    """

    name: str
    is_new: bool
    diff: str
    caution: str = ""


@dataclass(slots=True)
class _TrackedFile:
    """A file as it is on the disk, as it was first read, and as it will be."""

    source: SourceFile
    first: Text
    now: Text
    is_new: bool = False
    caution: str = ""


class ChangedFiles:
    """Reads each file once, and collects its changes."""

    def __init__(self) -> None:
        self._files: dict[Path, _TrackedFile] = {}

    def document(self, path: Path) -> Snapshot:
        """The file with its changes so far, as an open document. Raises InvalidInput."""
        file = self._file(path)
        language = language_id_of_path(path.as_posix())
        return Snapshot(path.as_uri(), None, language, file.now)

    def add(self, changes: Iterable[FileChange]) -> list[Snapshot]:
        """Add changes; returns the changed documents. Raises StaleDocument."""
        by_path = [(self._path(change), change) for change in changes]
        for path, change in by_path:
            if not change.is_new and self._file(path).now != change.before:
                raise StaleDocument(f"{display_path(path)} was changed meanwhile: try again.")
        for path, change in by_path:
            if change.is_new:
                empty = Text.of("")
                self._files[path] = _TrackedFile(SourceFile(path, empty), empty, empty, is_new=True)
            file = self._file(path)
            file.now = apply_edits(change.before, change.edits)
            caution = change.caution
            if change.needs_own_yes:
                caution += f"; --write needs --allow {shlex.quote(change.path)}"
            file.caution = caution or file.caution
        return [self.document(path) for path, _ in by_path]

    def write(self) -> None:
        """Write the changed files. Raises StaleDocument and InvalidInput, if possible before
        anything is written.
        """
        changed = [file for file in self._files.values() if file.now != file.source.text]
        for file in changed:
            file.source.check(file.now)
        for file in changed:
            file.source = file.source.write(file.now)

    def changed(self) -> Iterator[Changed]:
        """The files with changes, in the order in which they were read."""
        for path, file in self._files.items():
            name = display_path(path)
            diff = unified(str(file.first), str(file.now), name, is_new=file.is_new)
            if diff:
                yield Changed(name, file.is_new, diff, file.caution)

    def _file(self, path: Path) -> _TrackedFile:
        if path not in self._files:
            source = SourceFile.read(path)
            self._files[path] = _TrackedFile(source, source.text, source.text)
        return self._files[path]

    def _path(self, change: FileChange) -> Path:
        path = uri_to_path(change.uri)
        assert path is not None, "the engine changes files of the disk alone"
        return path


def display_path(path: Path) -> str:
    """The path as the user would write it here."""
    return Path(os.path.relpath(path)).as_posix()
