"""HEAD's commit, from files that git has written and from such as nobody should."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from devstral_lsp.git.refs import resolve_head
from devstral_lsp.git.repository import Repository
from devstral_lsp.git.work import Unreadable
from tests.git.repositories import Git, opened, work

TABLE = bytes.fromhex(
    "52454654010010000000000000000001000000000000000772000093002348454144000f726566732f68656164732f6d"
    "61696e0079726566732f68656164732f6d61696e0164f68f272f0c195037ed20e679e2ad00c19abe87053a746167732f"
    "76310564a3f52624e96289da222e0c6e552f31ad5d3d7d64f68f272f0c195037ed20e679e2ad00c19abe8700001c0000"
    "330002670000c678da63c8f470757461f80f017f19b080946ffdeafa3c9201e66f159e553e5acb7070d6be76c644c6a4"
    "d695e71e02a54592f37373334b143432f3324b32137334ad142ab8181a1c8b52d38af5335213538af5731333f3a86f05"
    "030b0343340313006275403a524546540100100000000000000000010000000000000007000000000000000000000000"
    "000000000000000000000000000000000000009300000000000000005845e074"
)
"""Written by git 2.47.3: a branch, a tag, log entries, and no deleted branches any more."""
OID = "64f68f272f0c195037ed20e679e2ad00c19abe87"
NAME = "0x000000000001-0x000000000007-a6f98150.ref"


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = Git(tmp_path)
    git("init", "-q")
    return git


def head_of(folder: Path) -> str | None:
    commit = resolve_head(opened(folder), work())
    return commit.hex() if commit else None


def reftable(folder: Path, *tables: tuple[str, bytes]) -> Repository:
    (folder / "reftable").mkdir()
    for name, data in tables:
        (folder / "reftable" / name).write_bytes(data)
    (folder / "reftable/tables.list").write_text("".join(f"{name}\n" for name, _ in tables))
    return Repository(str(folder), str(folder), has_reftable=True)


def test_a_reftable(tmp_path: Path) -> None:
    assert resolve_head(reftable(tmp_path, (NAME, TABLE)), work()) == bytes.fromhex(OID)


def test_a_newer_table_has_the_last_word(tmp_path: Path) -> None:
    newer = TABLE.replace(bytes.fromhex(OID), b"\x01" * 20)
    tables = (NAME, TABLE), (NAME.replace("a6f98150", "00000001"), newer)
    assert resolve_head(reftable(tmp_path, *tables), work()) == b"\x01" * 20


@pytest.mark.parametrize("length", [*range(0, 320, 7)])
def test_a_table_that_is_cut_off(tmp_path: Path, length: int) -> None:
    with pytest.raises(Unreadable):
        resolve_head(reftable(tmp_path, (NAME, TABLE[:length])), work())


@pytest.mark.parametrize("from_end", [1, 4, 5, 30, 44, 45, 68])
def test_a_footer_that_is_damaged(tmp_path: Path, from_end: int) -> None:
    place = len(TABLE) - from_end
    damaged = TABLE[:place] + b"\xff" + TABLE[place + 1 :]
    with pytest.raises(Unreadable):
        resolve_head(reftable(tmp_path, (NAME, damaged)), work(2))


@pytest.mark.parametrize("place", [*range(0, 320, 3)])
def test_a_table_that_is_damaged(tmp_path: Path, place: int) -> None:
    damaged = TABLE[:place] + b"\xff" + TABLE[place + 1 :]
    with suppress(Unreadable):
        resolve_head(reftable(tmp_path, (NAME, damaged)), work(2))


@pytest.mark.parametrize("name", ["../x.ref", "/etc/passwd", "x"])
def test_a_table_elsewhere(tmp_path: Path, name: str) -> None:
    repository = reftable(tmp_path)
    (tmp_path / "reftable/tables.list").write_text(f"{name}\n")
    with pytest.raises(Unreadable):
        resolve_head(repository, work())


def test_packed_and_unborn(git: Git) -> None:
    assert head_of(git.folder) is None
    git.commit({"a": "1\n"})
    oid = git("rev-parse", "HEAD").strip()
    assert head_of(git.folder) == oid
    git("pack-refs", "--all", "--prune")
    assert not (git.folder / ".git/refs/heads/main").exists()
    assert head_of(git.folder) == oid


@pytest.mark.parametrize(
    "head",
    [
        "ref: refs/../../secret",
        "ref: refs/heads/../../../x",
        "ref: refs/heads/.hidden",
        "ref: refs//etc/passwd",
        "ref: refs/heads/loop",
        "ref: refs/heads/long",
        "ref: refs/heads/fifo",
        "ref: refs/heads/link",
        "ref: refs/outside/secret",
        "0" * 41,
    ],
)
def test_a_head_that_leads_astray(git: Git, tmp_path: Path, head: str) -> None:
    git.commit({"a": "1\n"})
    oid = git("rev-parse", "HEAD").strip()
    heads = git.folder / ".git/refs/heads"
    (tmp_path / "secret").write_text(oid)
    (git.folder / ".git/secret").write_text(oid)
    (heads / "loop").write_text("ref: refs/heads/loop\n")
    (heads / "long").write_text("x" * 10_000)
    os.mkfifo(heads / "fifo")
    (heads / "link").symlink_to("main")
    (git.folder / ".git/refs/outside").symlink_to(tmp_path)
    (git.folder / ".git/HEAD").write_text(f"{head}\n")
    with pytest.raises(Unreadable):
        head_of(git.folder)
