"""Read the files of a git folder: only regular files, and through no link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import BinaryIO

from devstral_lsp.bounded_read import Within
from devstral_lsp.git.work import Missing, Unreadable, Work

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO without a writer returns at once
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class Files:
    """The files below one folder, whose path contains no link. Names use "/"."""

    def __init__(self, folder: str, work: Work) -> None:
        self.folder = folder
        self._work = work
        self._is_real = lru_cache(maxsize=4096)(self._leads_through_no_link)

    def read(self, name: str, max_bytes: int) -> bytes:
        """A whole file. Raises Missing, and Unreadable for anything but a regular file."""
        with self.opened(name) as (file, size):
            if size > max_bytes:
                raise Unreadable(f"a file over {max_bytes} bytes")
            self._work.spend(size)
            return file.read(size)

    @contextmanager
    def opened(self, name: str) -> Iterator[tuple[BinaryIO, int]]:
        """Context manager: a file opened for reading without a buffer, and its size in bytes."""
        file, size = self.open(name)
        with file:
            yield file, size

    def open(self, name: str) -> tuple[BinaryIO, int]:
        """The same; the caller closes the file."""
        self._work.spend()
        path = self.path(name)
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                raise Unreadable("not a regular file")
            descriptor = os.open(path, _FLAGS)
        except _ABSENT:
            raise Missing("a missing file") from None
        except (OSError, ValueError) as error:
            raise Unreadable(f"a file that cannot be read ({type(error).__name__})") from None
        file: BinaryIO = os.fdopen(descriptor, "rb", buffering=0)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            file.close()
            raise Unreadable("not a regular file")
        return file, status.st_size

    def names(self, name: str, max_entries: int) -> list[str]:
        """The sorted names in a folder; none if it does not exist."""
        path = self.path(f"{name}/x").rpartition(os.sep)[0]
        found = []
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    self._work.spend()
                    found.append(entry.name)
                    if len(found) > max_entries:
                        raise Unreadable(f"a folder with over {max_entries} entries")
        except _ABSENT:
            return []
        except OSError as error:
            raise Unreadable(f"a folder that cannot be read ({type(error).__name__})") from None
        return sorted(found)

    def is_folder(self, name: str) -> bool:
        """Whether a folder of this name exists and is no link."""
        try:
            return stat.S_ISDIR(os.lstat(self.path(name)).st_mode)
        except (OSError, ValueError, Unreadable):
            return False

    def path(self, name: str) -> str:
        """The path of a file. Raises Unreadable if it contains a link or a step up."""
        *folders, last = name.split("/")
        if any(part in ("", os.curdir, os.pardir) for part in (*folders, last)) or "\0" in name:
            raise Unreadable("a name that is none")
        holder = os.path.join(self.folder, *folders)
        if not self._is_real(holder):
            raise Unreadable("a link")
        return os.path.join(holder, last)

    def _leads_through_no_link(self, folder: str) -> bool:
        try:
            return Within([self.folder]).real(folder) == folder
        except OSError:  # a link that leads out, which is not followed
            return False


def real_path(path: str, beside: str) -> str:
    """The target of `path` with links resolved, on the machine of `beside`. Raises Unreadable.

    Paths to other machines are refused, also behind a link: even opening one sends the user's
    password hash from a Windows host.
    """
    try:
        return Within(roots_of(path, beside)).real(path)
    except (OSError, ValueError):
        raise Unreadable("a path that leads to another machine, or nowhere") from None


def roots_of(path: str, beside: str, system: ModuleType = os.path) -> list[str]:
    """The roots below which `path` may lead: the root of `beside`, and drives with a letter.

    `system` is `posixpath` or `ntpath`.
    """
    named, own = (system.splitdrive(each)[0] for each in (path, beside))
    has_letter = len(named) == 2 and named[0].isalpha() and named[1] == ":"
    return [drive + system.sep for drive in dict.fromkeys([own, *([named] if has_letter else [])])]
