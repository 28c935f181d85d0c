"""Read the ignore files of a folder and its subfolders; find the one that excludes a path.

`.gitignore`, and the files with which users keep code from assistants. Every kind is read in every
folder, and one match is enough. Blocking: reads the disk.

An ignore file that exists but cannot be read (too large, no permission, a link that leads outside)
excludes everything below its folder. A FIFO, device or folder with the name of an ignore file is
skipped, as git does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from devstral_lsp.bounded_read import (
    LeadsOutside,
    NotAFile,
    UnreadableFile,
    read_bytes,
    stat_of_file,
)
from devstral_lsp.context.ignore_patterns import MAX_BYTES, IgnorePatterns, TooManyPatterns

_OF_A_CLONE = ".git/info/exclude"
GIT = (_OF_A_CLONE, ".gitignore")
ASSISTANTS = (
    ".aiignore",  # JetBrains
    ".aiexclude",  # Gemini Code Assist, Android Studio
    ".cursorignore",
    ".codeiumignore",
    ".windsurfignore",
    ".continueignore",
    ".geminiignore",
    ".qwenignore",
    ".clineignore",
    ".rooignore",
    ".kilocodeignore",
    ".augmentignore",
    ".aiderignore",
    ".tabnineignore",
    ".copilotignore",
    ".claudeignore",
)
"""All use the syntax of gitignore."""
_EXCLUDE = ".aiexclude"
"""Does not support "!", and excludes everything when it is empty (cloud.google.com, "aiexclude").
"""

MAX_DEPTH = 64
MAX_PATH_CHARACTERS = 1_024
"""Maximum length of a path below the top folder; longer ones are no user's files."""

_FOLDS_CASE = sys.platform in ("win32", "darwin")
"""git's `core.ignoreCase` is true on file systems that do not distinguish "A" from "a"."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The ignore file that excludes a path. An unreadable ignore file excludes everything."""

    file: Path
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class _IgnoreFile:
    """One ignore file of a folder. `patterns` is None if it cannot be read."""

    name: str
    patterns: IgnorePatterns | None

    @property
    def kind(self) -> str:
        """Ignore files of one kind can re-include what another one of that kind excludes."""
        return "git" if self.name in GIT else self.name

    def verdict(self, path: bytes, *, is_folder: bool) -> bool | None:
        return True if self.patterns is None else self.patterns.verdict(path, is_folder=is_folder)


_Parts = tuple[str, ...]


class IgnoreFiles:
    """The ignore files below one folder. Each is read once: use it for one task."""

    def __init__(self, top: Path, names: Sequence[str] = (*GIT, *ASSISTANTS)) -> None:
        """`top` and its parents must not be links. `names` are the ignore files to read."""
        self._top = top
        self._names = names
        self._read: dict[_Parts, tuple[_IgnoreFile, ...]] = {}
        self._folders: dict[_Parts, Exclusion | None] = {(): None}
        self._repositories: dict[_Parts, int] = {(): 0}

    def exclusion(self, path: Path, *, is_folder: bool = False) -> Exclusion | None:
        """The ignore file that excludes `path`, a path without links; None if nothing does.

        Raises UnreadableFile if the path is outside of the top folder or too deep.
        """
        if not path.is_relative_to(self._top):
            raise LeadsOutside(path)
        parts = path.relative_to(self._top).parts
        if len(parts) > MAX_DEPTH or sum(map(len, parts)) > MAX_PATH_CHARACTERS:
            raise UnreadableFile(path, "too deep")
        for depth in range(1, len(parts) + is_folder):
            if (found := self._of_folder(parts[:depth])) is not None:
                return found
        return None if is_folder else self._find_match(parts, is_folder=False)

    def _of_folder(self, parts: _Parts) -> Exclusion | None:
        if parts not in self._folders:
            is_repository = os.path.lexists(self._top.joinpath(*parts, ".git"))
            above = self._repositories[parts[:-1]]
            self._repositories[parts] = len(parts) if is_repository else above
            self._folders[parts] = self._find_match(parts, is_folder=True)
        return self._folders[parts]

    def _find_match(self, parts: _Parts, *, is_folder: bool) -> Exclusion | None:
        """The ignore file that matches exactly this path. Within a kind, the innermost match
        decides.

        In a nested repository, only its own git ignore files count.
        """
        repository = self._repositories[parts if is_folder else parts[:-1]]
        decided: set[str] = set()
        for depth in range(len(parts) - 1, -1, -1):
            if depth < repository:
                decided.add("git")
            files = self._files(parts[:depth])
            path = os.fsencode("/".join(parts[depth:])) if files else b""
            for file in reversed(files):
                if file.kind in decided:
                    continue
                verdict = file.verdict(path, is_folder=is_folder)
                if verdict:
                    found = self._top.joinpath(*parts[:depth], file.name)
                    return Exclusion(found, is_readable=file.patterns is not None)
                if verdict is not None:
                    decided.add(file.kind)
        return None

    def _files(self, parts: _Parts) -> tuple[_IgnoreFile, ...]:
        if parts not in self._read:
            folder = os.path.join(self._top, *parts)
            found = (self._file(folder, name) for name in self._names)
            self._read[parts] = tuple(each for each in found if each is not None)
        return self._read[parts]

    def _file(self, folder: str, name: str) -> _IgnoreFile | None:
        path = os.path.join(folder, name)
        try:
            os.lstat(os.path.join(folder, name.partition("/")[0]))  # rarely exists
            status = stat_of_file(path, within=[self._top])
            patterns = _patterns(path, str(self._top), status.st_mtime_ns, status.st_size)
        except (FileNotFoundError, NotADirectoryError, NotAFile):
            return None
        except LeadsOutside:
            # A clone may keep its folder `.git` elsewhere; its excludes are not read then.
            return None if name == _OF_A_CLONE else _IgnoreFile(name, None)
        except OSError:
            return _IgnoreFile(name, None)
        return _IgnoreFile(name, patterns)


@lru_cache(maxsize=256)
def _patterns(path: str, top: str, mtime_ns: int, size: int) -> IgnorePatterns | None:
    """Parse an ignore file; None if it has too many patterns. Time and size are part of the cache
    key."""
    content = read_bytes(path, max_bytes=MAX_BYTES, within=[top])
    is_exclude = os.path.basename(path) == _EXCLUDE
    if is_exclude and not content.strip():
        content = b"*"
    try:
        return IgnorePatterns(content, folds_case=_FOLDS_CASE, negates=not is_exclude)
    except TooManyPatterns:
        return None
