"""An overlay over the workspace that holds every change of a task; nothing is written to the disk.

Files have the names that the model uses: paths from the workspace folder, with "/"; where there are
several folders, the folder's own name comes first. Later reads see earlier changes. Only files that
lie in the folders (links followed), are not ignored by git and hold no secrets can be read or
named, and only by a name that no reader can mistake. A change of a file that a program runs or
obeys carries a caution. Blocks: it reads the disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from devstral_lsp.bounded_read import (
    LeadsOutside,
    UnreadableFile,
    Within,
    entries_of,
    read_text,
    real_path,
)
from devstral_lsp.context.gitignore import Ignores, is_ignored
from devstral_lsp.context.sensitive_files import holds_only_keys, is_sensitive
from devstral_lsp.edits.checks import why_hidden
from devstral_lsp.edits.line_edits import minimal_line_edits
from devstral_lsp.languages import edited_language_id
from devstral_lsp.paths.names import objection_to
from devstral_lsp.refactor.task.caution import caution_of, has_twin
from devstral_lsp.refactor.types import EMPTY_TEXT, FileChange
from devstral_lsp.text import Edit, Snapshot, Span, Text

MAX_FILE_BYTES = 1_000_000
"""A larger file is data or generated."""
MAX_FILES = 5_000
"""How many files are listed or searched."""
MAX_FOLDERS = 20_000
"""How many folders are listed for them."""


class ToolError(Exception):
    """A tool cannot do its task. The sentence is for the model and quotes no text of files."""


@dataclass(frozen=True, slots=True)
class _OverlayFile:
    """A file that was read or changed. `now` is None once it has been deleted."""

    path: Path
    before: Text | None
    now: Text | None
    version: int | None = None
    renamed_from: Path | None = None


class WorkspaceOverlay:
    """Reads open documents and the disk, and keeps what is changed."""

    def __init__(
        self,
        folders: Sequence[Path],
        documents: Mapping[Path, Snapshot],
        *,
        exclude: tuple[str, ...] = (),
    ) -> None:
        """`documents` are the open ones, by their path: their text replaces that on the disk.

        `exclude` are patterns of files that may be neither read nor changed.
        """
        self._exclude = exclude
        self._roots = _named(folders)
        self._within = Within((*folders, *self._roots.values()))
        self._documents: dict[Path, Snapshot] = {}
        for path, document in documents.items():
            with suppress(OSError):  # one that lies outside can be neither read nor changed
                self._documents[real_path(path, self._within)] = document
        self._files: dict[Path, _OverlayFile] = {}

    @property
    def changed(self) -> frozenset[str]:
        """The names of the files that differ from what they were."""
        return frozenset(self._name(p) for p, file in self._files.items() if _is_changed(file))

    def names(self) -> Iterator[str]:
        """The files that may be read, in a stable order, at most MAX_FILES."""
        added = [path for path, file in self._files.items() if file.now is not None]
        gone = {path for path, file in self._files.items() if file.now is None}
        found = dict.fromkeys(path for path in self._walk() if path not in gone)
        names = (self._name(path) for path in {**found, **dict.fromkeys(added)})
        yield from sorted(name for name in names if not objection_to(self._below_root(name)))

    def read(self, name: str) -> Text:
        """The text of a file as it would be. Raises ToolError."""
        file = self._file(self._path(name))
        if file.now is None:
            raise ToolError(f"There is no file {name}.")
        return file.now

    def read_before(self, name: str) -> Text:
        """The text of a file as it was when the task began. Raises ToolError."""
        before = self._file(self._path(name)).before
        if before is None:
            raise ToolError(f"There was no file {name}.")
        return before

    def write(self, name: str, text: Text) -> None:
        """Replace the text of a file. Raises ToolError."""
        _check_text(name, str(text), str(self.read(name)))
        path = self._path(name)
        self._files[path] = replace(self._file(path), now=text)

    def create(self, name: str, text: str) -> None:
        """Add a file. Raises ToolError where there is one."""
        path = self._path(name)
        file = self._file(path)
        if file.now is not None:
            raise ToolError(f"{name} exists already: edit it instead.")
        self._check_twins(path)
        _check_text(name, text, "" if file.before is None else str(file.before))
        self._files[path] = replace(file, now=Text.of(text))

    def rename(self, old: str, new: str) -> None:
        """Give a file another name. Raises ToolError where that is taken."""
        text, target = self.read(old), self._path(new)
        if self._file(target).now is not None or self._file(target).before is not None:
            raise ToolError(f"{new} is taken by another file, or was before this task.")
        path = self._path(old)
        self._check_twins(target, leaves=path)
        file = self._file(path)
        self._files[path] = replace(file, before=None, now=None)
        if file.before is None:  # made by this task: it simply has another name
            self._files[target] = replace(file, path=target, now=text)
            return
        origin = file.renamed_from or path
        renamed_from = origin if origin != target else None
        self._files[target] = _OverlayFile(target, file.before, text, file.version, renamed_from)

    def delete(self, name: str) -> None:
        """Take a file away. Raises ToolError."""
        self.read(name)
        path = self._path(name)
        file = self._file(path)
        if file.renamed_from is not None:  # it is the file of the old name that goes
            original = _OverlayFile(file.renamed_from, file.before, None, file.version)
            self._files[file.renamed_from] = original
            self._files[path] = _OverlayFile(path, None, None)
            return
        self._files[path] = replace(file, now=None)

    def snapshot(self, name: str) -> Snapshot:
        """A file as it would be, as a document. Raises ToolError."""
        path = self._path(name)
        known = self._documents.get(path)
        language = known.language if known is not None else edited_language_id(path.as_posix())
        return Snapshot(uri=path.as_uri(), version=0, language=language, text=self.read(name))

    def changes(self) -> tuple[FileChange, ...]:
        """What differs, by name; each wants the user's confirmation."""
        changed = [file for file in self._files.values() if _is_changed(file)]
        return tuple(self._change(file) for file in sorted(changed, key=lambda file: file.path))

    def name_of(self, path: Path) -> str:
        """The name of a file within the folders, links followed. Raises ToolError for any other."""
        try:
            return self._name(real_path(path, self._within))
        except OSError:
            raise ToolError("This file is outside of the workspace.") from None

    def _name(self, path: Path) -> str:
        for name, root in self._roots.items():
            if path.is_relative_to(root):
                return (PurePosixPath(name) / path.relative_to(root).as_posix()).as_posix()
        raise ToolError("This file is outside of the workspace.")

    def _change(self, file: _OverlayFile) -> FileChange:
        name = self._name(file.path)
        if file.now is None:
            label = f"Delete {name}"
        elif file.before is None:
            label = f"Create {name}"
        elif file.renamed_from is not None:
            label = f"Rename {self._name(file.renamed_from)} to {name}"
        else:
            label = f"Edit {name}"
        before = file.before or EMPTY_TEXT
        edits: tuple[Edit, ...] = ()
        if file.now is not None:
            edits = minimal_line_edits(before, Span(0, len(before)), str(file.now))
        return FileChange(
            uri=self._uri(file.path),
            edits=edits,
            before=before,
            version=file.version if file.before is not None else None,
            is_new=file.before is None,
            is_deleted=file.now is None,
            renamed_from=self._uri(file.renamed_from) if file.renamed_from is not None else "",
            label=label,
            path=name,
            caution=self._caution(file),
            needs_confirmation=True,
        )

    def _caution(self, file: _OverlayFile) -> str:
        """Which program runs or obeys the file, under its old name or its new one."""
        paths = [each for each in (file.path, file.renamed_from) if each is not None]
        text = str(file.now if file.now is not None else file.before)
        reasons = (caution_of(each, self._root_of(each), text) for each in paths)
        return next(filter(None, reasons), "")

    def _check_twins(self, path: Path, leaves: Path | None = None) -> None:
        """Raise ToolError for a new path that some file systems take for an existing one.

        `leaves` is the path that the file has until then.
        """
        made = [each for each, file in self._files.items() if file.now is not None]
        if has_twin(path, self._root_of(path), made, leaves):
            raise ToolError(
                "That name differs from one that is there only by case or by letters that look "
                "the same, as readers and many file systems see it: choose another."
            )

    def _root_of(self, path: Path) -> Path:
        return next(each for each in self._roots.values() if path.is_relative_to(each))

    def _uri(self, path: Path) -> str:
        """The editor's own URI for a document that it has open."""
        return self._documents[path].uri if path in self._documents else path.as_uri()

    def _file(self, path: Path) -> _OverlayFile:
        known = self._files.get(path)
        if known is not None:
            return known
        document = self._documents.get(path)
        text = document.text if document else _on_disk(path, tuple(self._roots.values()))
        if text is not None and holds_only_keys(text):
            raise ToolError("That file holds keys, and may be neither read nor changed.")
        self._files[path] = _OverlayFile(path, text, text, document.version if document else None)
        return self._files[path]

    def _path(self, name: str) -> Path:
        """The file that a name leads to, links followed. Raises ToolError for a forbidden one."""
        if reason := objection_to(self._below_root(name)):
            raise ToolError(reason)
        roots = tuple(self._roots.values())
        try:
            path = real_path(self._join(name), roots)
        except LeadsOutside:
            path = roots[0]
        except OSError:
            raise ToolError("There can be no file of that name.") from None
        if path in roots:
            raise ToolError("That name leads out of the workspace, where nothing may be read.")
        if is_sensitive(path.as_posix(), self._exclude):
            raise ToolError("That file may hold secrets, and may be neither read nor changed.")
        if is_ignored(path, roots, self._exclude):
            raise ToolError("git ignores that file: it may be neither read nor changed.")
        return path

    def _below_root(self, name: str) -> str:
        """The name without that of its folder, which the user chose."""
        root, slash, rest = name.partition("/")
        return rest if slash and root and root in self._roots else name

    def _join(self, name: str) -> Path:
        given = PurePosixPath(name.replace("\\", "/"))
        if len(self._roots) == 1:
            return next(iter(self._roots.values())) / given
        root = self._roots.get(given.parts[0]) if given.parts else None
        if root is None:
            raise ToolError(f"The name must begin with one of: {', '.join(self._roots)}.")
        return root.joinpath(*given.parts[1:])

    def _walk(self) -> Iterator[Path]:
        """Files on the disk, folder by folder, but for ignored, private and large ones."""
        roots = tuple(self._roots.values())
        ignores, files_left = Ignores(roots, exclude=self._exclude), MAX_FILES
        waiting, folders_left = list(reversed(roots)), MAX_FOLDERS
        while waiting and folders_left:
            folder, folders_left = waiting.pop(), folders_left - 1
            inner: list[Path] = []
            try:
                entries = entries_of(folder, within=ignores.within)
            except OSError:
                continue
            for entry in entries:
                path = folder / entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not ignores.excludes(path / "x"):
                        inner.append(path)
                elif _is_readable(entry) and not ignores.excludes(path):
                    if not files_left:
                        return
                    files_left -= 1
                    yield path
            waiting += reversed(inner)


def _named(folders: Sequence[Path]) -> dict[str, Path]:
    """The folders by their names; the name of a single folder is empty."""
    resolved = list(dict.fromkeys(folder.resolve() for folder in folders))
    if len(resolved) == 1:
        return {"": resolved[0]}
    named: dict[str, Path] = {}
    for folder in resolved:
        name, number = folder.name or "root", 2
        while name in named:
            name, number = f"{folder.name}-{number}", number + 1
        named[name] = folder
    return named


def _check_text(name: str, text: str, before: str) -> None:
    """Raises ToolError for a text that hides what the file did not."""
    hidden = why_hidden(text, before)
    if hidden is not None:
        raise ToolError(f"{name} was not written. {hidden}")


def _is_changed(file: _OverlayFile) -> bool:
    if file.now is None or file.before is None:
        return file.now is not file.before
    return file.renamed_from is not None or file.now != file.before


def _is_readable(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        is_file = entry.is_file(follow_symlinks=False)
        return is_file and entry.stat(follow_symlinks=False).st_size <= MAX_FILE_BYTES
    return False


def _on_disk(path: Path, roots: Sequence[Path]) -> Text | None:
    """The text of a file; None if there is none. Raises ToolError if it is not text."""
    try:
        text = read_text(path, max_bytes=MAX_FILE_BYTES, within=roots, errors="strict")
        return Text.of(text)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise ToolError("That name leads through a file as if it were a folder.") from None
    except UnreadableFile as error:
        raise ToolError(f"That file cannot be read: {error.strerror}.") from None
    except OSError:
        raise ToolError("That file cannot be read.") from None
    except UnicodeDecodeError:
        raise ToolError("That file is not text in UTF-8.") from None
