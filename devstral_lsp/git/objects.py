"""Read the objects of a repository, loose or packed, by object id.

Objects borrowed from other repositories (`objects/info/alternates`) count as missing, because a
hostile repository could borrow from any other one of its user. So do objects that a partial clone
would fetch. Object ids are not verified against the content.
"""

from __future__ import annotations

import re
import zlib
from collections import OrderedDict
from contextlib import suppress
from types import TracebackType
from typing import Self

from devstral_lsp.git.files import Files
from devstral_lsp.git.pack import (
    KINDS,
    OFFSET_DELTA,
    REFERENCE_DELTA,
    Pack,
    apply_delta,
    inflate_file,
)
from devstral_lsp.git.work import Missing, TooLarge, Unreadable, Work

_MAX_FILES = 20_000
"""Maximum entries in the folder of packs."""
_MAX_OPEN = 30
"""Maximum packs, of two files each: a process may open few files, on macOS 256."""
_MAX_CHAIN = 4_095
"""Maximum length of a chain of deltas, as in git itself (git-config(1), pack.depth)."""
_CACHED_BYTES = 16_000_000
"""Bytes of cached delta bases, which neighbours in a tree share."""
_HEADER = re.compile(rb"(commit|tree|blob|tag) (\d{1,15})\0")
_PACK_NAME = re.compile(r"(pack-[0-9a-f]{40,64})\.idx")
_FIRST_BYTES = 4_096


class Objects:
    """The objects below one `objects` folder. A context manager that closes its files."""

    def __init__(self, folder: str, hash_bytes: int, work: Work) -> None:
        self._files = Files(folder, work)
        self._hash_bytes = hash_bytes
        self._work = work
        self._packs: list[Pack] | None = None
        self._cache: OrderedDict[tuple[int, int], tuple[int, bytes]] = OrderedDict()
        self._cached_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for pack in self._packs or ():
            pack.close()

    def read(self, oid: bytes, kind: str, max_bytes: int) -> bytes:
        """The content of an object of this kind.

        Raises Missing if it does not exist here, TooLarge, and Unreadable if it is of another kind
        or damaged.
        """
        try:
            found, data = self._loose(oid, max_bytes)
        except Missing:
            found, data = self._packed(oid, max_bytes)
        if found != kind:
            raise Unreadable("an object of another kind")
        return data

    def _loose(self, oid: bytes, max_bytes: int) -> tuple[str, bytes]:
        name = oid.hex()
        with self._files.opened(f"{name[:2]}/{name[2:]}") as (file, _):
            self._work.spend(_FIRST_BYTES)
            data = file.read(_FIRST_BYTES)
            try:
                begin = zlib.decompressobj().decompress(data, 64)
            except zlib.error:
                raise Unreadable("an object that is no zlib stream") from None
            header = _HEADER.match(begin)
            if header is None:
                raise Unreadable("an object of an unknown kind")
            size = int(header[2])
            if size > max_bytes:
                raise TooLarge(f"an object over {max_bytes} bytes")
            whole = inflate_file(file, data, header.end() + size, self._work)
        return header[1].decode(), whole[header.end() :]

    def _packed(self, oid: bytes, max_bytes: int) -> tuple[str, bytes]:
        pack, offset = self._find(oid)
        deltas: list[tuple[Pack, int, bytes]] = []
        seen: set[tuple[int, int]] = set()
        while True:
            self._work.spend()
            if cached := self._cache.get((id(pack), offset)):
                kind, data = cached
                break
            entry = pack.entry(offset)
            if entry.size > max_bytes:
                raise TooLarge(f"an object over {max_bytes} bytes")
            data = pack.inflate(entry)
            if entry.kind not in (OFFSET_DELTA, REFERENCE_DELTA):
                kind = entry.kind
                break
            if (id(pack), offset) in seen or len(deltas) == _MAX_CHAIN:
                raise Unreadable("a delta upon itself, or upon too many others")
            seen.add((id(pack), offset))
            deltas.append((pack, offset, data))
            if isinstance(entry.base, int):
                offset = entry.base
            else:
                assert entry.base is not None
                pack, offset = self._find(entry.base)
        for holder, place, delta in reversed(deltas):
            self._work.spend(len(data))
            data = apply_delta(data, delta, max_bytes, self._work)
            self._keep((id(holder), place), kind, data)
        return KINDS[kind], data

    def _keep(self, key: tuple[int, int], kind: int, data: bytes) -> None:
        if key in self._cache or len(data) > _CACHED_BYTES // 8:
            return
        self._cache[key] = kind, data
        self._cached_bytes += len(data)
        while self._cached_bytes > _CACHED_BYTES:
            _, (_, dropped) = self._cache.popitem(last=False)
            self._cached_bytes -= len(dropped)

    def _find(self, oid: bytes) -> tuple[Pack, int]:
        if self._packs is None:
            self._packs = self._list_packs()
        for number, pack in enumerate(self._packs):
            offset = None
            with suppress(Unreadable):  # it may be damaged, or just being written
                offset = pack.find(oid)
            if offset is not None:
                # The next object is most probably in the same pack.
                self._packs.insert(0, self._packs.pop(number))
                for other in self._packs[_MAX_OPEN : _MAX_OPEN + 1]:
                    other.close()
                return pack, offset
            if number >= _MAX_OPEN:
                pack.close()
            self._work.spend()
        raise Missing("a missing object")

    def _list_packs(self) -> list[Pack]:
        found = (_PACK_NAME.fullmatch(name) for name in self._files.names("pack", _MAX_FILES))
        return [
            Pack(self._files, f"pack/{name[1]}", self._hash_bytes, self._work)
            for name in found
            if name
        ]
