"""Objects are read as git wrote them, and those that nobody should write end with an error."""

from __future__ import annotations

import os
import random
import shutil
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devstral_lsp.git.objects import Objects
from devstral_lsp.git.work import Missing, TooLarge, Unreadable
from tests.git.repositories import Git, objects_of, work

LIMIT = 2_000_000
OID = bytes(range(1, 21))
OTHER = bytes(range(2, 22))


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = Git(tmp_path)
    git("init", "-q")
    return git


def blob(folder: Path, oid: bytes, allowed: float = 20) -> bytes:
    with Objects(f"{folder}/.git/objects", 20, work(allowed)) as objects:
        return objects.read(oid, "blob", LIMIT)


def test_every_object_of_a_repository(git: Git) -> None:
    chance = random.Random(1)
    text = "".join(f"{chance.random()}\n" for _ in range(400))
    for turn in range(30):
        git.commit({"a": text.replace("7", str(turn)), f"d/{turn}": text[turn:]})
        if turn in (10, 20):
            git("repack", "-dq")
    names = git("rev-list", "--objects", "--all").split("\n")
    kinds = 0
    with objects_of(git.folder) as objects:
        for name in (line.split(" ")[0] for line in names if line):
            kind = git("cat-file", "-t", name).strip()
            data = objects.read(bytes.fromhex(name), kind, LIMIT)
            assert len(data) == int(git("cat-file", "-s", name))
            kinds += kind == "tree"
        assert kinds > 20
        for wrong in ("tag", "commit"):
            with pytest.raises(Unreadable):
                objects.read(bytes.fromhex(git("rev-parse", "HEAD:a").strip()), wrong, LIMIT)
        with pytest.raises(Missing):
            objects.read(OID, "blob", LIMIT)


def test_what_another_repository_would_lend_is_missing(git: Git, tmp_path: Path) -> None:
    secret = Git(tmp_path / "secret")
    secret.folder.mkdir()
    secret("init", "-q")
    secret.commit({"plans.txt": "attack at dawn\n"})
    oid = bytes.fromhex(secret("rev-parse", "HEAD:plans.txt").strip())
    alternates = git.folder / ".git/objects/info/alternates"
    alternates.write_text(f"{secret.folder}/.git/objects\n")
    assert git("cat-file", "-p", oid.hex()) == "attack at dawn\n"
    with pytest.raises(Missing):
        blob(git.folder, oid)


def loose(folder: Path, data: bytes, oid: bytes = OID) -> Path:
    path = folder / ".git/objects" / oid.hex()[:2] / oid.hex()[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def bomb(size: int) -> bytes:
    """An object that is nothing but zeros, of which only one stretch has to be packed."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    stretch = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = b"\x03\x00" + (size % 65_521 << 16 | 1).to_bytes(4)  # a last block, and the checksum
    return head + stretch * (size // 1_000_000) + end


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not zlib",
        zlib.compress(b"blob 5\0four"),
        zlib.compress(b"blob 3\0four"),
        zlib.compress(b"blob 4\0four")[:-6],
        zlib.compress(b"blob -4\0four"),
        zlib.compress(b"blob " + b"9" * 40 + b"\0x"),
        zlib.compress(b"blob 99999999999\0" + bytes(1_000_000)),
        zlib.compress(b"blob 4"),
        zlib.compress(b"tree 4\0four"),
        zlib.compress(b"spam 4\0four"),
        zlib.compress(b"blob 10\0" + bytes(50_000_000)),
        bomb(300_000_000),
    ],
    ids=range(13),
)
def test_a_loose_object_that_is_none(git: Git, data: bytes) -> None:
    loose(git.folder, data)
    with pytest.raises(Unreadable):
        blob(git.folder, OID)


@pytest.mark.parametrize("kind", ["fifo", "link", "folder", "device", "linked folder"])
def test_a_loose_object_that_is_no_file(git: Git, kind: str) -> None:
    path = loose(git.folder, b"")
    path.unlink()
    good = git.folder / "good"
    good.write_bytes(zlib.compress(b"blob 4\0four"))
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "linked folder":
        path.parent.rmdir()
        (git.folder / "elsewhere").mkdir()
        shutil.copy(good, git.folder / "elsewhere" / path.name)
        path.parent.symlink_to(git.folder / "elsewhere")
    else:
        path.symlink_to({"link": good, "device": Path("/dev/zero")}[kind])
    with pytest.raises(Unreadable):
        blob(git.folder, OID)


def entry(kind: int, data: bytes, size: int | None = None, base: bytes = b"") -> bytes:
    """An object as it stands in a pack."""
    left = len(data) if size is None else size
    header = [kind << 4 | left & 15]
    left >>= 4
    while left:
        header[-1] |= 128
        header.append(left & 127)
        left >>= 7
    return bytes(header) + base + zlib.compress(data)


def pack(folder: Path, objects: dict[bytes, bytes], shift: int = 0) -> None:
    """A pack of these entries, and its index."""
    body, offsets = b"PACK" + struct.pack(">II", 2, len(objects)), {}
    for oid, data in objects.items():
        offsets[oid] = len(body) + shift
        body += data
    names = sorted(offsets)
    fanout = [sum(name[0] <= first for name in names) for first in range(256)]
    index = b"\377tOc" + struct.pack(">I256I", 2, *fanout) + b"".join(names)
    index += bytes(4 * len(names)) + b"".join(struct.pack(">I", offsets[name]) for name in names)
    path = folder / ".git/objects/pack" / f"pack-{'0' * 40}"
    path.with_suffix(".pack").write_bytes(body + bytes(20))
    path.with_suffix(".idx").write_bytes(index + bytes(40))


def number(value: int) -> bytes:
    parts = bytearray()
    while value >= 128:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes((*parts, value))


def copies(base: int, size: int, times: int) -> bytes:
    """A delta that copies the base's first `size` bytes so often."""
    one = bytes((0x80 | 0x10 | 0x20 | 0x40, size & 255, size >> 8 & 255, size >> 16))
    return number(base) + number(size * times) + one * times


BASE = entry(3, b"base" * 100)
BAD_PACKS: dict[str, dict[bytes, bytes]] = {
    "two that are upon each other": {
        OID: entry(7, copies(4, 4, 1), base=OTHER), OTHER: entry(7, copies(4, 4, 1), base=OID),
    },
    "one upon itself": {OID: entry(7, copies(4, 4, 1), base=OID)},
    "one upon itself by its offset": {OID: entry(6, copies(4, 4, 1), base=b"\0")},
    "one upon what stands before the pack": {OID: entry(6, copies(4, 4, 1), base=b"\x7f")},
    "upon a missing one": {OID: entry(7, copies(4, 4, 1), base=OTHER)},
    "longer than its base": {OTHER: BASE, OID: entry(7, copies(400, 500, 1), base=OTHER)},
    "of another base": {OTHER: BASE, OID: entry(7, copies(399, 10, 1), base=OTHER)},
    "a command that is none": {OTHER: BASE, OID: entry(7, number(400) + b"\1\0", base=OTHER)},
    "a delta that is cut off": {OTHER: BASE, OID: entry(7, number(400) + b"\4\4a", base=OTHER)},
    "a delta that is empty": {OTHER: BASE, OID: entry(7, b"", base=OTHER)},
    "a number without end": {OTHER: BASE, OID: entry(7, b"\xff" * 100_000, base=OTHER)},
    "that makes gigabytes": {OTHER: BASE, OID: entry(7, copies(400, 400, 5_000_000), base=OTHER)},
    "that says to be large": {OID: entry(3, b"x", size=1 << 50)},
    "that says to be small": {OID: entry(3, bytes(10_000_000), size=10)},
    "that says to be larger": {OID: entry(3, b"x", size=10)},
    "of an unknown kind": {OID: entry(5, b"x")},
    "of no kind": {OID: b"\x80" * 64},
    "no zlib stream": {OID: b"\x34" + b"spam"},
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_PACKS)
def test_a_packed_object_that_is_none(git: Git, name: str) -> None:
    pack(git.folder, BAD_PACKS[name])
    with pytest.raises(Unreadable):
        blob(git.folder, OID)


def test_a_good_one_is_read_from_such_a_pack(git: Git) -> None:
    delta = copies(400, 400, 3)
    pack(git.folder, {OTHER: BASE, OID: entry(7, delta, base=OTHER)})
    assert blob(git.folder, OID) == b"base" * 300
    pack(git.folder, {OTHER: BASE, OID: entry(6, delta, base=bytes((len(BASE),)))})
    assert blob(git.folder, OID) == b"base" * 300


def chains() -> Iterator[tuple[bytes, bytes]]:
    yield OTHER, entry(3, b"0123" * 250_000)
    last = OTHER
    for step in range(6_000):
        oid = struct.pack(">I", step + 1) * 5
        yield oid, entry(7, copies(1_000_000, 1_000_000, 1), base=last)
        last = oid
    yield OID, entry(7, copies(1_000_000, 1_000_000, 1), base=last)


def test_a_chain_without_end_is_left(git: Git) -> None:
    pack(git.folder, dict(chains()))
    start = time.monotonic()
    with pytest.raises(Unreadable):
        blob(git.folder, OID, 1.0)
    assert time.monotonic() - start < 20


def test_an_offset_past_the_end(git: Git) -> None:
    pack(git.folder, {OID: BASE}, shift=1 << 30)
    with pytest.raises(Unreadable):
        blob(git.folder, OID)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-60])


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(len(path.read_bytes())))


def with_wrong_counts(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:8] + b"\xff" * 1024 + data[1032:])


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


@pytest.mark.parametrize("damage", [cut, zeroed, fifo, link, with_wrong_counts])
@pytest.mark.parametrize("suffix", [".idx", ".pack"])
def test_a_damaged_pack_is_as_if_it_were_not_there(
    git: Git, suffix: str, damage: Callable[[Path], None]
) -> None:
    pack(git.folder, {OID: BASE})
    damage(git.folder / f".git/objects/pack/pack-{'0' * 40}{suffix}")
    if damage is cut and suffix == ".pack":
        pytest.skip("what is cut off is not part of the object")
    if damage is with_wrong_counts and suffix == ".pack":
        pytest.skip("it has none")
    with pytest.raises(Unreadable):
        blob(git.folder, OID)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open files cannot be counted")
def test_more_packs_than_files_may_be_open(git: Git) -> None:
    git.commit({f"f{number}": f"{number}\n" for number in range(70)})
    for line in git("ls-files", "-s").splitlines():
        git("pack-objects", "-q", ".git/objects/pack/pack", data=line.split()[1].encode())
    git("prune-packed")
    before = len(os.listdir("/proc/self/fd"))
    with objects_of(git.folder) as objects:
        for number in range(70):
            oid = bytes.fromhex(git("rev-parse", f"HEAD:f{number}").strip())
            assert objects.read(oid, "blob", LIMIT) == b"%d\n" % number
            assert len(os.listdir("/proc/self/fd")) < before + 80
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_large_object(git: Git) -> None:
    git.stage({"a": "x" * (LIMIT + 1)})
    oid = bytes.fromhex(git("rev-parse", ":a").strip())
    with pytest.raises(TooLarge):
        blob(git.folder, oid)
