"""Remembers across sessions which FIM strategy works at an endpoint with a model.

Each pair has its own file, so that several editors can write at the same time: a file is replaced
as a whole and touches no other. What cannot be read or written counts as unknown, since the
strategy can always be selected again. The files hold no key and no user name.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

MAX_ENTRIES = 200
"""Entries kept; beyond that the oldest are deleted."""

TTL_S = 30 * 24 * 3600.0
"""A server may have been updated and support a better strategy: select again once a month."""

_MAX_BYTES = 4096
_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class CachedStrategy:
    """`path` is the name of the strategy that works, `how` says in words how it was found.

    `found_s` are seconds since 1970.
    """

    base_url: str
    model: str
    path: str
    how: str
    found_s: float


class StrategyCache:
    """The entries in `folder`, which need not exist. `clock` gives seconds since 1970."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._clock = clock

    def get(self, base_url: str, model: str) -> str | None:
        """The strategy that works for this address and model, None if unknown."""
        verdict = self.verdict(base_url, model)
        return verdict.path if verdict else None

    def verdict(self, base_url: str, model: str) -> CachedStrategy | None:
        """The entry for this address and model, None if unknown."""
        address = _without_user(base_url)
        verdict = self._read(self._file(address, model))
        # The name of the file is a hash; only its text says what it is about.
        if verdict is None or (verdict.base_url, verdict.model) != (address, model):
            return None
        return verdict

    def put(self, base_url: str, model: str, path: str, how: str = "") -> None:
        """Store `path` for this address and model."""
        address = _without_user(base_url)
        entry = {"base_url": address, "model": model, "path": path, "how": how}
        data = json.dumps({**entry, "found_s": self._clock()}).encode()
        if len(data) > _MAX_BYTES:
            return
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(self._file(address, model), data)
            self._prune()

    def drop(self, base_url: str, model: str) -> None:
        """Delete the entry for this address and model."""
        with suppress(OSError):
            self._file(_without_user(base_url), model).unlink()

    def clear(self) -> int:
        """Delete all entries and return their number."""
        files = self._files()
        for file in files:
            with suppress(OSError):
                file.unlink()
        return len(files)

    def _file(self, address: str, model: str) -> Path:
        digest = sha256(f"{address}\n{model}".encode("utf-8", "replace")).hexdigest()
        return self.folder / (digest[:32] + _SUFFIX)

    def _files(self) -> list[Path]:
        try:
            return [
                Path(entry) for entry in os.scandir(self.folder) if entry.name.endswith(_SUFFIX)
            ]
        except OSError:
            return []

    def _read(self, file: Path) -> CachedStrategy | None:
        """The entry in a file, None if it is invalid or too old."""
        try:
            with file.open("rb") as opened:
                entry = json.loads(opened.read(_MAX_BYTES + 1))
            verdict = CachedStrategy(**entry)
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        texts = (verdict.base_url, verdict.model, verdict.path, verdict.how)
        if not all(isinstance(text, str) for text in texts):
            return None
        if not isinstance(verdict.found_s, int | float):
            return None
        return verdict if abs(self._clock() - verdict.found_s) <= TTL_S else None

    def _prune(self) -> None:
        """Delete all but the newest MAX_ENTRIES files."""
        files = self._files()
        if len(files) > MAX_ENTRIES:
            for _, file in sorted(_dated(files))[: len(files) - MAX_ENTRIES]:
                with suppress(OSError):
                    file.unlink()


def _dated(files: list[Path]) -> Iterator[tuple[float, Path]]:
    for file in files:
        with suppress(OSError):  # another process may be pruning as well
            yield file.stat().st_mtime, file


def _replace(file: Path, data: bytes) -> None:
    """Write a file atomically: readers find the old text or the new one."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
        os.replace(name, file)
    except OSError:
        os.unlink(name)
        raise


def _without_user(base_url: str) -> str:
    """The address without user name and query."""
    try:
        parts = urlsplit(base_url.strip())
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme.lower()}://{host}{parts.path.rstrip('/')}"
