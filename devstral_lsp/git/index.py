"""Read git's index, the staged files (gitformat-index(5)): versions 2 to 4, split and sparse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct, error

from devstral_lsp.git.files import Files
from devstral_lsp.git.pack import parse_offset
from devstral_lsp.git.work import Missing, Unreadable, Work

FOLDER = 0o040000

_MAX_BYTES = 64_000_000
_MAX_PATH_BYTES = 4_096
_HEADER = Struct(">4sII")
_U16 = Struct(">H")
_U32 = Struct(">I")
_EXTENSION = Struct(">4sI")
_IS_EXTENDED = 0x4000
_STAGE = 0x3000
_NAME_BYTES = 0x0FFF
_INTENT_TO_ADD = 0x2000
_AT_ONCE = 512
"""Entries between two checks of the time limit."""

Blob = tuple[int, bytes]
"""A file's mode and object id."""
_Entry = tuple[bytes, int, bytes, int]
"""Path, mode, object id, and flags: the plain ones, with the extended ones above them."""


@dataclass(slots=True)
class Index:
    """The staged files by path.

    `folders` are those that a sparse index stores as a whole, with their trees; `unmerged` the
    paths in conflict. `trees` are the known trees of folders, whose names end with "/".
    """

    files: dict[bytes, Blob] = field(default_factory=dict)
    folders: dict[bytes, bytes] = field(default_factory=dict)
    unmerged: set[bytes] = field(default_factory=set)
    trees: dict[bytes, bytes] = field(default_factory=dict)


def read_index(files: Files, name: str, hash_bytes: int, work: Work) -> Index:
    """The index of a git folder; empty if the file does not exist. Raises Unreadable."""
    try:
        data = files.read(name, _MAX_BYTES)
    except Missing:
        return Index()
    try:
        return _index(files, data, hash_bytes, work)
    except (IndexError, ValueError, error):
        raise Unreadable("an index that is cut off") from None


def _index(files: Files, data: bytes, hash_bytes: int, work: Work) -> Index:
    entries, end = _entries(data, hash_bytes, work)
    index = Index()
    for name, content in _extensions(data, end, len(data) - hash_bytes):
        if name == b"TREE":
            index.trees = dict(_trees(content, hash_bytes, work))
        elif name == b"link":
            entries = _apply_split(files, entries, content, hash_bytes, work)
        elif name != b"sdir" and not name[:1].isupper():
            raise Unreadable("an index of an unknown kind")
    for path, mode, oid, flags in entries:
        if flags & _STAGE:
            index.unmerged.add(path)
        elif mode == FOLDER:
            index.folders[path] = oid
        elif not flags >> 16 & _INTENT_TO_ADD:
            index.files[path] = (mode, oid)
    return index


def _entries(data: bytes, hash_bytes: int, work: Work) -> tuple[list[_Entry], int]:
    """The entries in order, and the offset after them."""
    magic, version, count = _HEADER.unpack_from(data)
    if magic != b"DIRC" or version not in (2, 3, 4):
        raise Unreadable("an index of an unknown version")
    fixed = Struct(f">24xI12x{hash_bytes}sH")
    entries: list[_Entry] = []
    at, path, length = _HEADER.size, b"", 0
    for number in range(count):
        if not number % _AT_ONCE:
            work.spend(length, _AT_ONCE)
            length = 0
        mode, oid, flags = fixed.unpack_from(data, at)
        start = at + fixed.size
        if flags & _IS_EXTENDED:
            flags |= _U16.unpack_from(data, start)[0] << 16
            start += 2
        if version == 4:
            dropped, start = parse_offset(data, start)
            end = data.index(b"\0", start)
            path = path[: max(0, len(path) - dropped)] + data[start:end]
            at = end + 1
        else:
            end = start + (flags & _NAME_BYTES)
            if flags & _NAME_BYTES == _NAME_BYTES:  # or longer
                end = data.index(b"\0", start)
            path = data[start:end]
            at += (end - at + 8) // 8 * 8  # one to eight zero bytes
        if len(path) > _MAX_PATH_BYTES:
            raise Unreadable("a path without end")
        length += len(path)
        entries.append((path, mode, oid, flags))
    return entries, at


def _extensions(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while at + _EXTENSION.size <= end:
        name, size = _EXTENSION.unpack_from(data, at)
        at += _EXTENSION.size
        if at + size > end:
            raise Unreadable("an index that is cut off")
        yield name, data[at : at + size]
        at += size


def _trees(data: bytes, hash_bytes: int, work: Work) -> Iterator[tuple[bytes, bytes]]:
    """Folders with their trees, from the top down; changed folders have no tree."""
    at = 0
    open_folders: list[tuple[bytes, int]] = []
    while at < len(data):
        work.spend()
        end = data.index(b"\0", at)
        line = data.index(b"\n", end)
        count, inner = map(int, data[end + 1 : line].split(b" "))
        prefix = open_folders[-1][0] if open_folders else b""
        folder = prefix + data[at:end] + b"/" if open_folders else b""
        at = line + 1
        if count >= 0:
            yield folder, data[at : at + hash_bytes]
            at += hash_bytes
        if open_folders:
            open_folders[-1] = prefix, open_folders[-1][1] - 1
        open_folders.append((folder, inner))
        if len(folder) > _MAX_PATH_BYTES:
            raise Unreadable("a path without end")
        while open_folders and open_folders[-1][1] <= 0:
            open_folders.pop()


def _apply_split(
    files: Files, entries: list[_Entry], link: bytes, hash_bytes: int, work: Work
) -> list[_Entry]:
    """The entries of a split index: those of the shared index with the changes applied."""
    shared = link[:hash_bytes]
    if not any(shared):
        return entries
    data = files.read(f"sharedindex.{shared.hex()}", _MAX_BYTES)
    base, _ = _entries(data, hash_bytes, work)
    at = hash_bytes
    changes: list[set[int]] = [set(), set()]
    for each in changes if len(link) > at else ():
        positions, at = _bitmap(link, at, len(base), work)
        each.update(positions)
    deleted, replaced = changes
    own = iter(entries)
    for position in sorted(replaced):
        if (entry := next(own, None)) is None:
            raise Unreadable("an index that is cut off")
        base[position] = (base[position][0], *entry[1:])
    return [*(entry for place, entry in enumerate(base) if place not in deleted), *own]


def _bitmap(data: bytes, at: int, most: int, work: Work) -> tuple[list[int], int]:
    """The positions below `most` of the bits of a compressed bitmap, and the offset after it.

    After the counts of bits and words come words: one says how often a word of equal bits repeats,
    and how many literal words follow (github.com/git/git, ewah/ewok.h).
    """
    words = _U32.unpack_from(data, at + 4)[0]
    at += 8
    end = at + words * 8
    if end + 4 > len(data):
        raise Unreadable("an index that is cut off")
    positions: list[int] = []
    place = 0
    while at < end:
        marker = int.from_bytes(data[at : at + 8], "big")
        at += 8
        run, plain = (marker >> 1 & 0xFFFFFFFF) * 64, marker >> 33
        if marker & 1:
            positions += range(place, min(place + run, most))
        place += run
        work.spend()
        for _ in range(min(plain, (end - at) // 8)):
            work.spend()
            word = int.from_bytes(data[at : at + 8], "big")
            positions += (place + bit for bit in range(64) if word >> bit & 1)
            at, place = at + 8, place + 64
    return [each for each in positions if each < most], end + 4
