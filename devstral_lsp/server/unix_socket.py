"""Opens a Unix socket that only its user can connect to.

No other user may be able to replace it in its folder. Only the socket of a server that has ended is
overwritten.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from devstral_lsp.errors import ConfigError

MAX_PATH_BYTES = 107 if sys.platform == "linux" else 103
"""`sun_path` has 108 bytes on Linux and 104 on macOS and the BSDs, the last of which is zero."""

_PEER_CREDENTIALS = struct.Struct("3i")
"""`struct ucred` of Linux: process, user, group."""

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def listening_socket(named: str) -> Iterator[socket.socket]:
    """A socket bound to the path `named`, whose file is removed at the end.

    Raises ConfigError if it cannot be made, or could be reached or replaced by other users.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise ConfigError(
            "--socket needs Unix sockets, which Python does not have on this system. Use "
            "--tcp PORT, whose clients present a token."
        )
    path = _checked(Path(named))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        with _locked(path.parent):
            _make_room(path)
            _bind(listener, path)
            made = path.lstat()
        try:
            yield listener
        finally:
            with suppress(OSError):
                if os.path.samestat(path.lstat(), made):
                    path.unlink()


def is_of_this_user(connection: socket.socket) -> bool:
    """Whether the client's process runs as the same user.

    Known only on Linux; elsewhere True, and the socket's mode is the only protection.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    size = _PEER_CREDENTIALS.size
    _, user, _ = _PEER_CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    )
    return bool(user == os.geteuid())


def _checked(path: Path) -> Path:
    """`path` with its folder's links followed. Raises ConfigError if its folder is not safe."""
    if path.name in ("", "..") or "\0" in path.name:
        raise ConfigError(f'"{path}" is not a name for a socket.')
    try:
        folder = Path(os.path.expanduser(path)).parent.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a circle of links
        folder = None
    if folder is None or not folder.is_dir():
        raise ConfigError(
            f'There is no folder for the socket "{path}": create it for yourself alone, by '
            "`mkdir -m 700`."
        )
    for each in (folder, *folder.parents):
        _check_folder(each)
    whole = folder / path.name
    if len(os.fsencode(whole)) > MAX_PATH_BYTES:
        raise ConfigError(
            f"The socket's path is too long: the system takes {MAX_PATH_BYTES} bytes, and "
            f'"{whole}" has {len(os.fsencode(whole))}. Name one in a folder nearer to the root, '
            "such as $XDG_RUNTIME_DIR."
        )
    return whole


def _check_folder(folder: Path) -> None:
    """Raises ConfigError if another user could rename or replace what is in the folder."""
    found = folder.stat()
    if found.st_uid not in (0, os.geteuid()):
        raise ConfigError(
            f"The folder {folder} belongs to another user, who could replace the socket by "
            "another. Name a path in a folder of your own, such as $XDG_RUNTIME_DIR."
        )
    if found.st_mode & _OTHERS_WRITE and not found.st_mode & stat.S_ISVTX:
        raise ConfigError(
            f"Other users may write in the folder {folder}, and could replace the socket by "
            "another. Prevent it by `chmod go-w`, or name a path in another folder."
        )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Prevent another server from using the same path at the same time."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
        except OSError:
            raise ConfigError(
                f"Another process holds a lock on the folder {folder}, such as a server that is "
                "starting there. Try again, or name a path in another folder."
            ) from None
        yield
    finally:
        os.close(descriptor)


def _make_room(path: Path) -> None:
    """Remove the socket of a server that has ended. Raises ConfigError for anything else there."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        kind = "a link" if stat.S_ISLNK(found.st_mode) else "a file or a folder"
        raise ConfigError(f"{path} is {kind}, not a socket: remove it, or name another path.")
    if found.st_uid != os.geteuid():
        raise ConfigError(f"The socket {path} belongs to another user: name another path.")
    if is_served(path):
        raise ConfigError(
            f"Another server listens on {path}: end it, connect to it, or name another path."
        )
    path.unlink()


def is_served(path: Path) -> bool:
    """Whether a process listens on the socket at `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError:  # Such as a full queue, which a listening server has.
            return True
    return True


def _bind(listener: socket.socket, path: Path) -> None:
    """Bind with a restrictive mode from the start, not only after a `chmod`."""
    former = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "unknown"
        raise ConfigError(f"The socket {path} cannot be created: {why}.") from None
    finally:
        os.umask(former)
    listener.listen()
