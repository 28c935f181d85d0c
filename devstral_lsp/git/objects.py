"""Reads a repository's objects, loose or packed, by their names.

Objects of other repositories that this one borrows from (`objects/info/alternates`) are missing
here: a hostile one could borrow from any repository of its user's. So are those that a partial
clone would fetch. That an object has the name of its content is not checked.
"""

from __future__ import annotations

import re
import zlib
from collections import OrderedDict
from contextlib import suppress
from types import TracebackType
from typing import Self

from devstral_lsp.git.files import Files
from devstral_lsp.git.pack import KINDS, OFFSET_DELTA, REFERENCE_DELTA, Pack, inflated, patched
from devstral_lsp.git.work import Missing, TooLarge, Unreadable, Work

_MAX_PACKS = 5_000
_MAX_CHAIN = 4_095
"""Deltas upon deltas: what git itself allows (git-config(1), pack.depth)."""
_CACHED_BYTES = 16_000_000
"""Of what deltas were applied to: neighbours in a tree share it."""
_HEADER = re.compile(rb"(commit|tree|blob|tag) (\d{1,15})\0")
_PACK_NAME = re.compile(r"(pack-[0-9a-f]{40,64})\.idx")
_FIRST_BYTES = 4_096


class Objects:
    """The objects below one `objects` folder; a context manager that closes what it has opened."""

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

        Raises Missing if it is not here, TooLarge, and Unreadable if it is of another kind or
        damaged.
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
            whole = inflated(file, data, header.end() + size, self._work)
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
            data = patched(data, delta, max_bytes, self._work)
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
            self._packs = self._opened()
        for number, pack in enumerate(self._packs):
            if (offset := pack.find(oid)) is not None:
                # What is looked for next is mostly in the same pack.
                self._packs.insert(0, self._packs.pop(number))
                return pack, offset
        raise Missing("a missing object")

    def _opened(self) -> list[Pack]:
        packs: list[Pack] = []
        for name in self._files.names("pack", _MAX_PACKS * 6):
            if (found := _PACK_NAME.fullmatch(name)) and len(packs) < _MAX_PACKS:
                with suppress(Unreadable):  # one may be damaged, or just being written
                    packs.append(
                        Pack(self._files, f"pack/{found[1]}", self._hash_bytes, self._work)
                    )
        return packs
