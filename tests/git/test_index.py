"""An index that is damaged, or made to be read for ever, ends with an error and soon.

What a sound one says: tests/git/test_unified.py.
"""

from __future__ import annotations

import os
import struct
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from devstral_lsp.git.files import Files
from devstral_lsp.git.index import read_index
from devstral_lsp.git.work import Unreadable
from tests.git.repositories import Git, work


def read(folder: Path, seconds: float = 20.0) -> object:
    return read_index(Files(os.path.realpath(folder), work(seconds)), "index", 20, work(seconds))


@pytest.fixture(params=["2", "4", "split"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> bytes:
    """A sound one of some kind."""
    git = Git(tmp_path)
    git("init", "-q")
    git.commit({f"d{number % 3}/f{number}": "x\n" for number in range(9)})
    git("update-index", "--index-version", "4" if request.param == "4" else "2")
    git("write-tree")
    if request.param == "split":
        git("update-index", "--split-index")
        git.stage({"d0/f0": "y\n", "new": "z\n"})
    for path in (tmp_path / ".git").glob("sharedindex.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return (tmp_path / ".git/index").read_bytes()


def test_it_is_cut_off_or_damaged(tmp_path: Path, index: bytes) -> None:
    target = tmp_path / "index"
    target.write_bytes(index)
    read(tmp_path)
    for place in range(0, len(index) - 21, 5):
        target.write_bytes(index[:place])
        with suppress(Unreadable):
            read(tmp_path, 5)
        for byte in (b"\xff", b"\0"):
            target.write_bytes(index[:place] + byte + index[place + 1 :])
            with suppress(Unreadable):
                read(tmp_path, 5)


def header(version: int, count: int) -> bytes:
    return b"DIRC" + struct.pack(">II", version, count)


ENTRY_4 = bytes(62)
HOSTILE = {
    "a count without entries": header(2, 0xFFFFFFFF),
    "paths that grow": header(4, 700_000) + (ENTRY_4 + b"\0a\0") * 700_000,
    "a number without end": header(4, 1) + ENTRY_4 + b"\xff" * 10_000_000,
    "an unknown version": header(9, 1),
    "an extension that must be known": header(2, 0) + b"evil" + struct.pack(">I", 0) + bytes(20),
    "an extension past the end": header(2, 0) + b"TREE" + struct.pack(">I", 1 << 31) + bytes(20),
    "trees that are nested": header(2, 0)
    + b"TREE" + struct.pack(">I", 5_000_000) + b"a\0-1 1\n" * 714_285 + bytes(5) + bytes(20),
    "no index": b"spam" * 100,
    "too large": bytes(65_000_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_one_that_is_made_to_be_read_for_ever(tmp_path: Path, name: str) -> None:
    (tmp_path / "index").write_bytes(HOSTILE[name])
    start = time.monotonic()
    tracemalloc.start()
    with pytest.raises(Unreadable):
        read(tmp_path, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.monotonic() - start < 20
    assert peak < 200_000_000


def link_extension(bits: bytes) -> bytes:
    content = b"\1" * 20 + bits
    return header(2, 0) + b"link" + struct.pack(">I", len(content)) + content + bytes(20)


RUN = struct.pack(">Q", (0xFFFFFFFF << 1) | 1)


@pytest.mark.parametrize(
    "bits",
    [
        struct.pack(">II", 1 << 31, 100_000) + RUN * 100_000 + bytes(4),
        struct.pack(">II", 64, 1 << 30),
        struct.pack(">II", 64, 2) + struct.pack(">Q", 0x7FFFFFFF << 33) + b"\xff" * 8 + bytes(4),
    ],
)
def test_a_split_one_whose_bits_have_no_end(tmp_path: Path, bits: bytes) -> None:
    (tmp_path / f"sharedindex.{'01' * 20}").write_bytes(header(2, 0) + bytes(20))
    (tmp_path / "index").write_bytes(link_extension(bits))
    with suppress(Unreadable):
        read(tmp_path, 5)


@pytest.mark.parametrize("shared", ["fifo", "missing", "link", "itself"])
def test_a_split_one_without_the_other(tmp_path: Path, shared: str) -> None:
    path = tmp_path / f"sharedindex.{'01' * 20}"
    (tmp_path / "index").write_bytes(link_extension(b""))
    if shared == "fifo":
        os.mkfifo(path)
    elif shared == "link":
        path.symlink_to("/dev/zero")
    elif shared == "itself":
        path.symlink_to("index")
    with pytest.raises(Unreadable):
        read(tmp_path)
