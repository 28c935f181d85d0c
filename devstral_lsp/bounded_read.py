"""Read files and folders that the user did not open, so that none of them can hang or flood us.

A cloned folder may contain a FIFO, a link to a device or to another user's share, an endless file,
or a folder with a million entries. Only regular files are opened, at most `max_bytes` of one are
held, and no component of a path may leave `within` by a link. Such a path is refused before
anything outside is touched: even a lookup may mount a share, or send a Windows host's password
hash. Blocking: call it in a thread.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

MAX_ENTRIES = 10_000
"""Maximum entries of a folder; people keep fewer in one."""
_MAX_LINKS = 40
"""Maximum links in one path, as on Linux (path_resolution(7))."""
_MAX_STEPS = 2_048
"""Maximum names in one path with its links: as many as fit in 4,096 bytes, the longest path on
Linux, which allows that again in each link."""
_CHUNK = 64 * 1024
_PLAIN = re.compile(r"(?:/[\w-][\w.-]*)+" if os.sep == "/" else r"(?!)", re.ASCII)
"""A path in normal form; `os.path` takes several times as long to see that."""
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO without a writer returns at once
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOINHERIT", 0)
)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_WINDOWS_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:[. ].*)?|[^:]*+:.*",
    re.IGNORECASE,
)
"""Names that Windows treats as devices in every folder (learn.microsoft.com, "Naming Files"),
and names with a drive or a stream."""


class UnreadableFile(OSError):
    """A file that must not be read, although it may exist: not regular, too large, or outside."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(None, reason, str(path))


class NotAFile(UnreadableFile):
    """A folder, FIFO, socket or device."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(path, "not a file")


class LeadsOutside(UnreadableFile):
    """The path leads out of the folders, by its name or by a link."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(path, "outside of the workspace")


def read_bytes(
    path: str | Path, *, max_bytes: int, within: Within | Sequence[str | Path] | None = None
) -> bytes:
    """The content of the regular file at `path`.

    `within` are the folders that must contain it, after resolving links; None for a path that the
    user named. Raises OSError if it does not exist, UnreadableFile if it must not be read.
    """
    real, status = _regular(path, within)
    descriptor = os.open(real, _FLAGS | (_NOFOLLOW if within is not None else 0))
    try:
        opened = os.fstat(descriptor)
        if not stat.S_ISREG(opened.st_mode) or not os.path.samestat(opened, status):
            raise NotAFile(path)
        if opened.st_size > max_bytes:
            raise _too_large(path, max_bytes)
        return _read(descriptor, opened.st_size, max_bytes, path)
    finally:
        os.close(descriptor)


def read_text(
    path: str | Path,
    *,
    max_bytes: int,
    within: Within | Sequence[str | Path] | None = None,
    encoding: str = "utf-8",
    errors: str = "replace",
) -> str:
    """The text of the regular file at `path`, with its line ends.

    Raises what `read_bytes` does, and UnicodeDecodeError if `errors` is "strict".
    """
    return read_bytes(path, max_bytes=max_bytes, within=within).decode(encoding, errors)


def stat_of_file(
    path: str | Path, *, within: Within | Sequence[str | Path] | None = None
) -> os.stat_result:
    """Times and size of the regular file at `path`. Raises what `read_bytes` does."""
    return _regular(path, within)[1]


def is_file(path: str | Path, *, within: Within | Sequence[str | Path] | None = None) -> bool:
    """Whether `read_bytes` would open the file at `path`, whatever its size."""
    try:
        _regular(path, within)
    except OSError:
        return False
    return True


def entries_of(
    folder: str | Path,
    *,
    max_entries: int = MAX_ENTRIES,
    within: Within | Sequence[str | Path] | None = None,
) -> list[os.DirEntry[str]]:
    """The entries of a folder, sorted by name; at most `max_entries`.

    Raises what `read_bytes` does.
    """
    real = _native(folder) if within is None else _within(within).real(folder)
    with os.scandir(real) as entries:
        return sorted(islice(entries, max_entries), key=lambda entry: entry.name)


def real_path(path: str | Path, within: Within | Iterable[str | Path]) -> Path:
    """The target of `path` with links resolved, without touching anything outside of `within`.

    Missing components are taken literally. Raises LeadsOutside, and OSError if the target cannot be
    determined.
    """
    return Path(_within(within).real(path))


class Within:
    """Folders that paths must not leave, by a name or by a link.

    Caches resolved folders, which is most of the work. Pass one instance to several calls, but only
    within one task.
    """

    def __init__(self, folders: Iterable[str | Path]) -> None:
        given = [_native(folder) for folder in folders]
        real = [_real_root(folder) for folder in given]
        self._roots = [*zip(given, real, strict=True), *((each, each) for each in real)]
        """The folders as written, with their real paths."""
        self._parents: dict[str, str] = {}

    def real(self, path: str | Path) -> str:
        """The same result as `real_path`."""
        return _PathWalk(path, self._roots).end(_native(path))

    def status(self, path: str | Path) -> tuple[str, os.stat_result]:
        """The target of `path` and its status. Raises what `read_bytes` does."""
        native = _native(path)
        parent, name = os.path.split(native)
        if all(_below(parent, folder) is None for folder, _ in self._roots):
            raise LeadsOutside(path)
        if parent not in self._parents:
            self._parents[parent] = self.real(parent)
        here = os.path.join(self._parents[parent], name)
        if not _is_device(name):
            status = os.lstat(here)
            if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):
                return here, status
        here = self.real(native)
        return here, os.lstat(here)


def _within(folders: Within | Iterable[str | Path]) -> Within:
    return folders if isinstance(folders, Within) else Within(folders)


@lru_cache(maxsize=64)
def _real_root(root: str) -> str:
    """The real path of a workspace folder at the first call."""
    return os.path.realpath(root)


class _PathWalk:
    """Resolves a path component by component, and stops before it leaves the folders."""

    def __init__(self, path: str | Path, roots: Sequence[tuple[str, str]]) -> None:
        self._path = path
        self._roots = roots
        self._links = self._steps = 0

    def end(self, path: str) -> str:
        at, todo = self._entered(path)
        while todo:
            name = todo.pop()
            self._steps += 1
            if self._steps > _MAX_STEPS:
                raise UnreadableFile(self._path, "too deep")
            if name == os.pardir:
                at, todo = self._above(os.path.dirname(at), todo)
                continue
            if _is_device(name):
                raise UnreadableFile(self._path, "a device")
            here = os.path.join(at, name)
            target = _link_target(here)
            if target is None:
                at = here
            elif os.path.isabs(target):
                at, more = self._entered(target)
                todo += more
            else:
                todo += _names(target)
            self._links += target is not None
            if self._links > _MAX_LINKS:
                raise UnreadableFile(self._path, "a loop of links")
        return at

    def _entered(self, path: str) -> tuple[str, list[str]]:
        """The folder that `path` begins with, and the remaining names in reverse order."""
        for written, real in self._roots:
            if (rest := _below(path, written)) is not None:
                return real, _names(rest)
        raise LeadsOutside(self._path)

    def _above(self, at: str, todo: list[str]) -> tuple[str, list[str]]:
        """Handle ".."; outside of a folder, the remaining names must lead into one of them."""
        if any(_below(at, real) is not None for _, real in self._roots):
            return at, todo
        return self._entered(os.path.normpath(os.path.join(at, *reversed(todo))))


def _is_device(name: str) -> bool:
    return os.name == "nt" and _WINDOWS_DEVICE.fullmatch(name) is not None


def _below(path: str, folder: str) -> str | None:
    """The part of `path` after `folder`; None if it does not begin with it."""
    if os.path.normcase(path) == os.path.normcase(folder):
        return ""
    prefix = os.path.join(folder, "")
    is_below = os.path.normcase(path).startswith(os.path.normcase(prefix))
    return path[len(prefix) :] if is_below else None


def _names(path: str) -> list[str]:
    """The components of a relative path in reverse order."""
    parts = path.replace(os.altsep, os.sep) if os.altsep else path
    return [name for name in reversed(parts.split(os.sep)) if name not in ("", os.curdir)]


def _link_target(path: str) -> str | None:
    """The target of the link at `path`; None if it is no link or missing. Raises OSError."""
    try:
        target = os.readlink(path)
    except (FileNotFoundError, ValueError):  # ValueError: a reparse point that is not a link
        return None
    except OSError as error:
        if error.errno == errno.EINVAL:  # exists, but is not a link
            return None
        raise
    return target.removeprefix("\\\\?\\") if target[5:6] == ":" else target


def _regular(
    path: str | Path, within: Within | Sequence[str | Path] | None
) -> tuple[str, os.stat_result]:
    """The path and status of a regular file, before it is opened."""
    if within is None:
        real = _native(path)
        status = os.stat(real)
    else:
        real, status = _within(within).status(path)
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(path)
    return real, status


def _native(path: str | Path) -> str:
    """An absolute path that the system accepts."""
    name = os.fspath(path)
    if _PLAIN.fullmatch(name):
        return name
    name = os.path.abspath(name)
    try:
        encoded = os.fsencode(name)
    except UnicodeError:
        raise UnreadableFile(repr(name), "no file name") from None
    if b"\0" in encoded:
        raise UnreadableFile(repr(name), "no file name")
    return name


def _read(descriptor: int, size: int, max_bytes: int, path: str | Path) -> bytes:
    """The whole content of an open file, which may differ from the size in its status."""
    pieces: list[bytes] = []
    length = 0
    for piece in _pieces(descriptor, min(size, max_bytes) + 1):
        pieces.append(piece)
        length += len(piece)
        if length > max_bytes:
            raise _too_large(path, max_bytes)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _pieces(descriptor: int, first: int) -> Iterator[bytes]:
    wanted = first
    while piece := os.read(descriptor, wanted):
        yield piece
        wanted = _CHUNK


def _too_large(path: str | Path, max_bytes: int) -> UnreadableFile:
    return UnreadableFile(path, f"over {max_bytes // 1024} kB")
