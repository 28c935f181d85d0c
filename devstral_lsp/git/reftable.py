"""Read references from a reftable (git's Documentation/technical/reftable.txt)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from struct import Struct, error

from devstral_lsp.git.files import Files
from devstral_lsp.git.pack import parse_offset
from devstral_lsp.git.work import Missing, Unreadable, Work

_MAX_LIST_BYTES = 64_000
_MAX_TABLE_BYTES = 64_000_000
_TABLE = re.compile(r"0x[0-9a-f]+-0x[0-9a-f]+-[0-9a-f]+\.ref")
_HEADER_BYTES = {1: 24, 2: 28}
_FOOTER_BYTES = {1: 68, 2: 72}
_POSITIONS = Struct(">QQQQQ")
_DELETED, _ONE, _PEELED, _SYMBOLIC = range(4)


class Reftables:
    """The tables of one git folder; the newest takes precedence."""

    def __init__(self, files: Files, hash_bytes: int, work: Work) -> None:
        self._files = files
        self._hash_bytes = hash_bytes
        self._work = work

    def value(self, name: bytes) -> bytes:
        """The value of a reference, as in a file: "ref: …", or a hexadecimal object id.

        Raises Missing if there is none.
        """
        listed = self._files.read("reftable/tables.list", _MAX_LIST_BYTES).decode(
            "ascii", "replace"
        )
        for table in reversed(listed.split()):
            if not _TABLE.fullmatch(table):
                raise Unreadable("a list of something else than tables")
            data = self._files.read(f"reftable/{table}", _MAX_TABLE_BYTES)
            try:
                found = self._find(data, name)
            except (IndexError, error):
                raise Unreadable("a table that is cut off") from None
            if found is not None:
                return found
        raise Missing("a missing reference")

    def _find(self, data: bytes, name: bytes) -> bytes | None:
        if data[:4] != b"REFT" or data[4] not in _HEADER_BYTES:
            raise Unreadable("a table of an unknown version")
        header_bytes, end = _HEADER_BYTES[data[4]], len(data) - _FOOTER_BYTES[data[4]]
        footer = data[max(0, end) :]
        checksum = zlib.crc32(footer[:-4]).to_bytes(4, "big")
        if footer[:header_bytes] != data[:header_bytes] or footer[-4:] != checksum:
            raise Unreadable("a table that is cut off")
        positions = _POSITIONS.unpack_from(footer, header_bytes)
        index, objects, _, log, _ = (positions[0], positions[1] >> 5, *positions[2:])
        end = min((each for each in (index, objects, log) if each), default=end)
        block_size = int.from_bytes(data[5:8], "big")
        start, header = 0, header_bytes
        while start + header < end and data[start + header] == ord("r"):
            length = int.from_bytes(data[start + header + 1 : start + header + 4], "big")
            # The length of the first block includes the header of the table.
            last = start + length
            if length < header + 6 or last > len(data):
                raise Unreadable("a table that is cut off")
            for key, value in self._records(data, start + header + 4, last):
                if key == name and not value:
                    raise Missing("a deleted reference")
                if key == name:
                    return value
            start, header = start + max(length, block_size), 0
        return None

    def _records(self, data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
        """The references of a block, which ends with its restart positions."""
        end -= 2 + 3 * int.from_bytes(data[end - 2 : end], "big")
        key = b""
        while at < end:
            self._work.spend()
            shared, at = parse_offset(data, at)
            packed, at = parse_offset(data, at)
            key = key[:shared] + data[at : at + (packed >> 3)]
            _, at = parse_offset(data, at + (packed >> 3))
            value, at = self._value(data, at, packed & 7)
            yield key, value

    def _value(self, data: bytes, at: int, kind: int) -> tuple[bytes, int]:
        if kind == _SYMBOLIC:
            length, at = parse_offset(data, at)
            return b"ref: " + data[at : at + length], at + length
        if kind in (_ONE, _PEELED):
            end = at + self._hash_bytes
            return data[at:end].hex().encode(), at + kind * self._hash_bytes
        if kind == _DELETED:
            return b"", at
        raise Unreadable("a reference of an unknown kind")
