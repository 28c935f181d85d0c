"""Read one pack: look up an object in its index, and read the object (gitformat-pack(5))."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO

from devstral_lsp.git.files import Files
from devstral_lsp.git.work import Unreadable, Work

KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
OFFSET_DELTA, REFERENCE_DELTA = 6, 7

_MAGIC = b"\377tOc\0\0\0\2"
_FANOUT = len(_MAGIC)
_TABLES = _FANOUT + 256 * 4
_U32 = Struct(">I")
_U64 = Struct(">Q")
_HEADER_BYTES = 64
"""Longer than the header of any object: a size, and an offset or object id."""
_CHUNK_BYTES = 16_384
_MAX_SIZE = 1 << 62
_COMMANDS = 1024
"""Bytes of a delta between two checks of the time limit."""


_File = tuple[BinaryIO, int]
"""An open file and its size in bytes."""
_INDEX, _PACK = 0, 1


@dataclass(frozen=True, slots=True)
class Packed:
    """An object in a pack: `size` bytes, compressed, from `start` on.

    `base` is the base of a delta: an offset in the same pack, or an object id.
    """

    kind: int
    size: int
    start: int
    base: int | bytes | None = None


class Pack:
    """A pack and its index. Opens the files on first use, until `close`."""

    def __init__(self, files: Files, name: str, hash_bytes: int, work: Work) -> None:
        """`name` is the name of the index without its suffix."""
        self._files = files
        self._name = name
        self._work = work
        self._hash_bytes = hash_bytes
        self._count = 0
        self._opened: tuple[_File, _File] | None = None

    def close(self) -> None:
        """Close the files; they are reopened when needed."""
        for file, _ in self._opened or ():
            file.close()
        self._opened = None

    def find(self, oid: bytes) -> int | None:
        """The offset of an object; None if it is not in this pack. Raises Unreadable."""
        first = self._number(_FANOUT + (oid[0] - 1) * 4) if oid[0] else 0
        last = self._number(_FANOUT + oid[0] * 4)
        while first < last:
            middle = (first + last) // 2
            found = self._at(_INDEX, _TABLES + middle * self._hash_bytes, self._hash_bytes)
            if found == oid:
                return self._offset(middle)
            first, last = (middle + 1, last) if found < oid else (first, middle)
        return None

    def entry(self, offset: int) -> Packed:
        """The entry at `offset`. Raises Unreadable."""
        data = self._at(_PACK, offset, _HEADER_BYTES, is_exact=False)
        try:
            return self._entry(offset, data)
        except IndexError:
            raise Unreadable("an object that is cut off") from None

    def inflate(self, entry: Packed) -> bytes:
        """The bytes of an entry. Raises Unreadable if their number does not match."""
        file, _ = self._open()[_PACK]
        file.seek(entry.start)
        return inflate_file(file, b"", entry.size, self._work)

    def _open(self) -> tuple[_File, _File]:
        if self._opened is not None:
            return self._opened
        index = self._files.open(f"{self._name}.idx")
        try:
            self._opened = index, self._files.open(f"{self._name}.pack")
        except Unreadable:
            index[0].close()
            raise
        if self._at(_INDEX, 0, len(_MAGIC)) != _MAGIC:
            self.close()
            raise Unreadable("an index of a pack of an unknown version")
        self._count = self._number(_FANOUT + 255 * 4)
        return self._opened

    def _entry(self, offset: int, data: bytes) -> Packed:
        at, byte = 1, data[0]
        kind, size, shift = byte >> 4 & 7, byte & 15, 4
        while byte & 128:
            byte = data[at]
            size |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
        if kind == OFFSET_DELTA:
            distance, at = parse_offset(data, at)
            if not 0 < distance < offset:
                raise Unreadable("a delta without a base")
            return Packed(kind, size, offset + at, offset - distance)
        if kind == REFERENCE_DELTA:
            end = at + self._hash_bytes
            return Packed(kind, size, offset + end, data[at:end])
        if kind not in KINDS:
            raise Unreadable("an object of an unknown kind")
        return Packed(kind, size, offset + at)

    def _offset(self, position: int) -> int:
        names_end = _TABLES + self._count * (self._hash_bytes + 4)
        offset = self._number(names_end + position * 4)
        if offset < 1 << 31:
            return offset
        large = names_end + self._count * 4 + (offset - (1 << 31)) * 8
        return int(_U64.unpack(self._at(_INDEX, large, 8))[0])

    def _number(self, at: int) -> int:
        return int(_U32.unpack(self._at(_INDEX, at, 4))[0])

    def _at(self, which: int, at: int, count: int, *, is_exact: bool = True) -> bytes:
        self._work.spend(count)
        file, size = self._open()[which]
        if at >= size:
            raise Unreadable("an offset past the end")
        file.seek(at)
        data = file.read(count)
        if is_exact and len(data) != count:
            raise Unreadable("a pack that is cut off")
        return data


def parse_offset(data: bytes, at: int) -> tuple[int, int]:
    """A number in the encoding of offsets, and the offset after it. Raises IndexError,
    Unreadable."""
    byte = data[at]
    value = byte & 127
    while byte & 128:
        at += 1
        byte = data[at]
        value = (value + 1) << 7 | byte & 127
        if value > _MAX_SIZE:
            raise Unreadable("a number without end")
    return value, at + 1


def inflate_file(file: BinaryIO, begun: bytes, size: int, work: Work) -> bytes:
    """Decompress `begun` and the rest of the file to exactly `size` bytes.

    Never holds more than that. Raises Unreadable.
    """
    work.spend(size)
    stream = zlib.decompressobj()
    output = bytearray()
    data = begun or file.read(_CHUNK_BYTES)
    try:
        while data and not stream.eof:
            work.spend()
            output += stream.decompress(data, size + 1 - len(output))
            if len(output) > size:
                raise Unreadable("an object that is longer than it says")
            data = stream.unconsumed_tail or (b"" if stream.eof else file.read(_CHUNK_BYTES))
    except zlib.error:
        raise Unreadable("an object that is no zlib stream") from None
    if len(output) != size:
        raise Unreadable("an object that is shorter than it says")
    return bytes(output)


def apply_delta(base: bytes, delta: bytes, max_bytes: int, work: Work) -> bytes:
    """Apply a delta to `base`. Raises Unreadable."""
    try:
        return _apply_delta(base, delta, max_bytes, work)
    except IndexError:
        raise Unreadable("a delta that is cut off") from None


def _apply_delta(base: bytes, delta: bytes, max_bytes: int, work: Work) -> bytes:
    base_size, at = _size(delta, 0)
    size, at = _size(delta, at)
    if base_size != len(base) or size > max_bytes:
        raise Unreadable("a delta that does not fit")
    parts: list[bytes] = []
    made = 0
    while at < len(delta):
        command = delta[at]
        at += 1
        if command & 128:
            values = [0] * 7
            for bit in range(7):
                if command >> bit & 1:
                    values[bit] = delta[at]
                    at += 1
            start = int.from_bytes(bytes(values[:4]), "little")
            count = int.from_bytes(bytes(values[4:]), "little") or 0x10000
            piece = base[start : start + count]
        else:
            count = command
            piece = delta[at : at + count]
            at += count
        made += count
        if not command or len(piece) != count or made > size:
            raise Unreadable("a delta that does not fit")
        parts.append(piece)
        if not len(parts) % _COMMANDS:
            work.spend(steps=_COMMANDS)
    if made != size:
        raise Unreadable("a delta that does not fit")
    return b"".join(parts)


def _size(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if not byte & 128:
            return value, at
        if value > _MAX_SIZE or shift > 63:
            raise Unreadable("a number without end")
