"""Read the contents of staged files as lines, within limits."""

from __future__ import annotations

from collections import OrderedDict

from devstral_lsp.git.index import Blob
from devstral_lsp.git.objects import Objects
from devstral_lsp.git.work import TooLarge, Work

MAX_BLOB_BYTES = 2_000_000
"""Size limit of a file to compare; a larger one is only reported as different, like a binary
file."""
_MAX_LINES = 60_000
_BINARY_BYTES = 8_000
"""Bytes in which a zero byte makes a file binary, as in git."""
_SUBMODULE = 0o160000
_HELD_BLOBS = 8


class Contents:
    """Reads files by mode and object id, and caches the latest."""

    def __init__(self, objects: Objects, work: Work) -> None:
        self._objects = objects
        self._work = work
        self._held: OrderedDict[Blob, list[bytes] | None] = OrderedDict()

    def lines(self, blob: Blob | None) -> list[bytes] | None:
        """The lines with their line ends; () for no file; None for a file that is not text.

        Raises Unreadable, and Missing if a partial clone does not have it.
        """
        if blob is None:
            return []
        if blob not in self._held:
            self._held[blob] = self._read(blob)
            if len(self._held) > _HELD_BLOBS:
                self._held.popitem(last=False)
        return self._held[blob]

    def _read(self, blob: Blob) -> list[bytes] | None:
        mode, oid = blob
        if mode == _SUBMODULE:
            return [b"Subproject commit " + oid.hex().encode() + b"\n"]
        try:
            data = self._objects.read(oid, "blob", MAX_BLOB_BYTES)
        except TooLarge:
            return None
        if b"\0" in data[:_BINARY_BYTES] or data.count(b"\n") > _MAX_LINES:
            return None
        self._work.spend(len(data))
        *lines, last = data.split(b"\n")
        return [*(line + b"\n" for line in lines), *([last] if last else [])]
