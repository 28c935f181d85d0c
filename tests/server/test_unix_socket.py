"""Where a Unix socket may be made, and who finds one there."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstral_lsp.errors import ConfigError
from devstral_lsp.server.unix_socket import MAX_PATH_BYTES, is_of_this_user, listening_socket

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no Unix sockets")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the user's own, with a path that is short enough for a socket."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name).resolve()


def refusal(path: Path | str) -> str:
    with pytest.raises(ConfigError) as caught, listening_socket(str(path)):
        pass
    return str(caught.value)


def test_it_is_for_its_user_alone_and_removed_at_the_end(folder: Path) -> None:
    path, umask = folder / "socket", os.umask(0)
    try:
        with listening_socket(str(path)) as listener:
            assert path.stat().st_mode & 0o777 == 0o600
            assert path.is_socket()
            assert listener.getsockname() == str(path)
            assert os.umask(0) == 0, "others' files are not for us to narrow"
        assert not path.exists()
    finally:
        os.umask(umask)


def test_a_process_of_the_same_user_is_known(folder: Path) -> None:
    with listening_socket(str(folder / "s")) as listener, socket.socket(socket.AF_UNIX) as client:
        client.connect(str(folder / "s"))
        connection, _ = listener.accept()
        with connection:
            assert is_of_this_user(connection)


def test_a_socket_that_took_its_place_is_left_alone(folder: Path) -> None:
    path = folder / "s"
    with listening_socket(str(path)):
        path.unlink()
        path.write_text("the user's")
    assert path.read_text() == "the user's"


def test_the_socket_of_an_ended_server_is_replaced(folder: Path) -> None:
    path = folder / "s"
    with socket.socket(socket.AF_UNIX) as ended:
        ended.bind(str(path))
    with listening_socket(str(path)), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_the_socket_of_a_live_server_is_not(folder: Path) -> None:
    path = folder / "s"
    with listening_socket(str(path)):
        assert "Another server listens" in refusal(path)
        assert path.is_socket()


def test_a_server_with_a_full_queue_is_live(folder: Path) -> None:
    path = folder / "s"
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as first:
        busy.bind(str(path))
        busy.listen(0)
        first.connect(str(path))
        assert "Another server listens" in refusal(path)


@pytest.mark.parametrize(
    "kind", ["file", "folder", "fifo", "link", "link to a socket", "lost link"]
)
def test_whatever_else_is_there_stays(folder: Path, kind: str) -> None:
    path, target = folder / "s", folder / "target"
    if kind == "file":
        path.write_text("notes")
    elif kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(target)
        if kind == "link":
            target.write_text("notes")
        elif kind == "link to a socket":
            with socket.socket(socket.AF_UNIX) as ended:
                ended.bind(str(target))
    assert "remove it, or name another path" in refusal(path)
    assert os.path.lexists(path)
    assert target.exists() == (kind in ("link", "link to a socket"))


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722, 0o702])
def test_a_folder_that_others_may_write_in_is_refused(folder: Path, mode: int) -> None:
    inner = folder / "inner"
    (inner / "mine").mkdir(parents=True, mode=0o700)
    inner.chmod(mode)
    assert "chmod go-w" in refusal(inner / "s")
    assert "chmod go-w" in refusal(inner / "mine" / "s"), "they could replace the folder itself"
    assert list(inner.iterdir()) == [inner / "mine"]


def test_a_shared_folder_where_others_cannot_replace_it_will_do(folder: Path) -> None:
    folder.chmod(0o1777)
    with listening_socket(str(folder / "s")):
        pass


def test_a_link_on_the_way_is_followed_before_the_folder_is_judged(folder: Path) -> None:
    shared = folder / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (folder / "way").symlink_to(shared)
    assert "chmod go-w" in refusal(folder / "way" / "s")


@pytest.mark.parametrize("name", ["/none/s", "/", "..", "/etc/passwd/s", "\0"])
def test_what_is_no_place_for_a_socket_is_refused(name: str) -> None:
    assert refusal(name)


def test_a_path_is_as_long_as_the_system_takes(folder: Path) -> None:
    room = MAX_PATH_BYTES - len(os.fsencode(folder)) - 1
    with listening_socket(str(folder / ("x" * room))):
        pass
    assert "too long" in refusal(folder / ("x" * (room + 1)))
    assert "too long" in refusal(folder / ("é" * (room // 2 + 1)))


def test_a_second_server_that_starts_there_waits_its_turn(folder: Path) -> None:
    from fcntl import LOCK_EX, flock

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flock(descriptor, LOCK_EX)
        assert "Try again" in refusal(folder / "s")
    finally:
        os.close(descriptor)
