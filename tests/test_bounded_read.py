"""What may be read of a folder that a stranger made: regular files of it, up to a size."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devstral_lsp.bounded_read import (
    UnreadableFile,
    Within,
    entries_of,
    is_file,
    read_bytes,
    read_text,
    real_path,
    stat_of_file,
)
from tests.support.looks import looked_at


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (root / "in" / "a.txt").write_bytes(b"caf\xc3\xa9\r\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_text("not yours")
    return root


def read(path: Path, root: Path) -> bytes:
    return read_bytes(path, max_bytes=100, within=[root])


def is_refused(act: Callable[..., object], *args: object, **named: object) -> bool:
    try:
        act(*args, **named)
    except OSError:
        return True
    return False


def test_a_file_is_read_as_it_is(root: Path) -> None:
    file = root / "in" / "a.txt"
    assert read(file, root) == b"caf\xc3\xa9\r\n"
    assert read_bytes(file, max_bytes=7) == b"caf\xc3\xa9\r\n"
    assert read_text(file, max_bytes=100) == "café\r\n"
    assert stat_of_file(file, within=[root]).st_size == 7
    assert is_file(file, within=[root])
    assert not is_file(root / "in", within=[root])


def test_bytes_that_are_no_text(root: Path) -> None:
    file = root / "a"
    file.write_bytes(b"\xef\xbb\xbfa\xff")
    assert read_text(file, max_bytes=9, encoding="utf-8-sig") == "a\ufffd"
    with pytest.raises(UnicodeDecodeError):
        read_text(file, max_bytes=9, errors="strict")


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        folder = os.open(path.parent, os.O_RDONLY)
        listening.bind(f"/proc/self/fd/{folder}/{path.name}")
        os.close(folder)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10_000_000_000)


def _loop(path: Path) -> None:
    other = path.with_name("other")
    other.symlink_to(path)
    path.symlink_to(other)


def _through_a_folder(path: Path) -> None:
    (path.parent / "link").symlink_to(path.parents[1] / "outside")
    path.symlink_to("link/a.txt")


NOT_READ: dict[str, Callable[[Path], object]] = {
    "a FIFO": _fifo,
    "a socket": _socket,
    "a folder": Path.mkdir,
    "a sparse file of 10 GB": _sparse,
    "a byte too many": lambda path: path.write_bytes(b"x" * 101),
    "a link to an endless device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a terminal": lambda path: path.symlink_to("/dev/tty"),
    "a link to a FIFO": lambda path: (_fifo(path.with_name("f")), path.symlink_to("f")),
    "a link out": lambda path: path.symlink_to("../outside/a.txt"),
    "an absolute link out": lambda path: path.symlink_to(path.parents[1] / "outside/a.txt"),
    "a link out by way of a folder": _through_a_folder,
    "a link to standard input": lambda path: path.symlink_to("/proc/self/fd/0"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a loop of links": _loop,
    "a link into nowhere": lambda path: path.symlink_to("nowhere"),
    "nothing": lambda path: None,
}


@pytest.mark.parametrize("make", NOT_READ.values(), ids=NOT_READ)
def test_what_is_not_read(root: Path, make: Callable[[Path], object]) -> None:
    make(root / "x")
    assert is_refused(read, root / "x", root)


@pytest.mark.parametrize("make", [_fifo, _sparse, Path.mkdir], ids=["FIFO", "sparse", "folder"])
def test_a_file_that_the_user_named_is_bounded_too(
    root: Path, make: Callable[[Path], object]
) -> None:
    make(root / "x")
    assert is_refused(read_bytes, root / "x", max_bytes=100)


@pytest.mark.parametrize(
    "name", ["in/../../outside/a.txt", "in/a.txt/b", "in/\0", "in/\ud800", "x" * 5000, "in/b"]
)
def test_names_that_lead_nowhere(root: Path, name: str) -> None:
    assert is_refused(read, root / name, root)


def test_what_is_outside_is_not_even_looked_at(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To look at /net/host mounts it, and to look at a UNC path sends a password's hash."""
    looked = looked_at(monkeypatch)
    (root / "share").symlink_to("/net/evil.example/share")
    for name in ("share", "share/a.py", "in/../../../net/evil.example/b"):
        assert is_refused(read, root / name, root)
        assert is_refused(entries_of, root / name, within=[root])
    assert [each for each in looked if "/net" in each and not each.startswith(str(root))] == []
    assert looked


def test_a_path_of_very_many_steps(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty links of a thousand steps each: what a system would follow in one call."""
    for index in range(30):
        (root / f"chain{index}").symlink_to("in/../" * 600 + f"chain{index + 1}")
    (root / "chain30").write_text("x")
    looked = looked_at(monkeypatch)
    assert is_refused(read, root / "chain0", root)
    assert len(looked) < 5_000


def test_links_within_are_followed(root: Path) -> None:
    (root / "to file").symlink_to("in/a.txt")
    (root / "to folder").symlink_to(root / "in")
    (root / "in" / "up").symlink_to("../to folder")
    (root / "out and in").symlink_to("../root/in/a.txt")
    for name in ("to file", "out and in", "to folder/a.txt", "in/up/a.txt", "in/up/up/up/a.txt"):
        assert read(root / name, root) == b"caf\xc3\xa9\r\n"
        assert real_path(root / name, [root]) == (root / "in/a.txt").resolve()


def test_a_root_may_be_a_link_itself(root: Path, tmp_path: Path) -> None:
    alias = tmp_path / "alias"
    alias.symlink_to(root)
    for path, folder in ((alias, alias), (alias, root), (root, alias)):
        if path != alias or folder != root:
            assert read(path / "in/a.txt", folder) == b"caf\xc3\xa9\r\n"
    assert is_refused(read, tmp_path / "outside" / "a.txt", alias)


def test_a_link_from_one_folder_of_the_workspace_into_another(root: Path, tmp_path: Path) -> None:
    (root / "x").symlink_to("../outside/a.txt")
    both = [root, tmp_path / "outside"]
    assert read_bytes(root / "x", max_bytes=100, within=both) == b"not yours"


def test_a_file_that_is_exchanged_between_the_look_and_the_opening(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, file = os.open, root / "in" / "a.txt"

    def exchange(path: str, flags: int) -> int:
        file.unlink()
        os.mkfifo(file)
        return real(path, flags)

    monkeypatch.setattr(os, "open", exchange)
    with pytest.raises(UnreadableFile):
        read(file, root)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux's own")
def test_a_file_whose_size_is_not_told_is_bounded_while_it_is_read() -> None:
    assert stat_of_file("/proc/self/maps").st_size == 0
    with pytest.raises(UnreadableFile):
        read_bytes("/proc/self/maps", max_bytes=100)
    assert read_bytes("/proc/self/maps", max_bytes=10_000_000)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(root: Path) -> None:
    (root / "in" / "a.txt").chmod(0)
    with pytest.raises(PermissionError):
        read(root / "in" / "a.txt", root)


def test_a_folder_is_listed_by_name_and_up_to_a_number(root: Path) -> None:
    for name in ("c", "b", "a"):
        (root / name).touch()
    assert [each.name for each in entries_of(root, within=[root])] == ["a", "b", "c", "in"]
    assert len(entries_of(root, max_entries=2)) == 2
    (root / "out").symlink_to("../outside")
    for name in ("a", "out", "nowhere"):
        assert is_refused(entries_of, root / name, within=[root])


def test_nothing_waits(root: Path) -> None:
    """A hang guard around all of the above: a FIFO would wait for ever."""
    os.mkfifo(root / "x")
    since = time.monotonic()
    for _ in range(100):
        assert not is_file(root / "x", within=[root])
    assert time.monotonic() - since < 10


def test_one_piece_of_work_remembers_its_folders(root: Path) -> None:
    within = Within([root])
    (root / "to folder").symlink_to("in")
    for name in ("in/a.txt", "to folder/a.txt", "to folder/../in/a.txt"):
        assert read_bytes(root / name, max_bytes=100, within=within) == b"caf\xc3\xa9\r\n"
    (root / "in" / "out").symlink_to("../../outside/a.txt")
    for name in ("in/out", "in/out/b", "in/b", "missing/b", "missing/c", "../outside/a.txt", "."):
        assert is_refused(read_bytes, root / name, max_bytes=100, within=within)
