"""Which way of asking works at an endpoint, kept across sessions: a file for each verdict.

A file of its own for each makes writing safe while several editors run: one is replaced whole and
touches no other. What cannot be read or written is as if it were not known, since a verdict can
always be found anew. Holds no key and no user name; what the names of the ways mean is the
business of the providers.
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

MOST = 200
"""Verdicts kept; whoever tries out many models leaves the oldest behind."""

TTL_S = 30 * 24 * 3600.0
"""A server that was updated meanwhile may know a better way: look again once a month."""

_MOST_BYTES = 4096
_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class CachedStrategy:
    """`path` is the way of asking that works, `how` says in words how that was found.

    `found_s` are seconds since 1970.
    """

    base_url: str
    model: str
    path: str
    how: str
    found_s: float


class StrategyCache:
    """The verdicts in `folder`, which need not exist. `clock` gives seconds since 1970."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._clock = clock

    def get(self, base_url: str, model: str) -> str | None:
        """The path that works for this address and model, None if that is not known."""
        verdict = self.verdict(base_url, model)
        return verdict.path if verdict else None

    def verdict(self, base_url: str, model: str) -> CachedStrategy | None:
        """The same, with how and when it was found."""
        address = _without_user(base_url)
        verdict = self._read(self._file(address, model))
        # The name of the file is a hash; only its text says what it is about.
        if verdict is None or (verdict.base_url, verdict.model) != (address, model):
            return None
        return verdict

    def put(self, base_url: str, model: str, path: str, how: str = "") -> None:
        """Keep `path` for this address and model, in the place of what was known."""
        address = _without_user(base_url)
        entry = {"base_url": address, "model": model, "path": path, "how": how}
        data = json.dumps({**entry, "found_s": self._clock()}).encode()
        if len(data) > _MOST_BYTES:
            return
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(self._file(address, model), data)
            self._prune()

    def drop(self, base_url: str, model: str) -> None:
        """Forget what is known of this address and model."""
        with suppress(OSError):
            self._file(_without_user(base_url), model).unlink()

    def clear(self) -> int:
        """Forget everything; gives how many verdicts that were."""
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
        """The verdict in a file that is whole, of our making, and not too old."""
        try:
            with file.open("rb") as opened:
                entry = json.loads(opened.read(_MOST_BYTES + 1))
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
        """Leave MOST files, the newest ones."""
        files = self._files()
        if len(files) > MOST:
            for _, file in sorted(_dated(files))[: len(files) - MOST]:
                with suppress(OSError):
                    file.unlink()


def _dated(files: list[Path]) -> Iterator[tuple[float, Path]]:
    for file in files:
        with suppress(OSError):  # another process may be pruning as well
            yield file.stat().st_mtime, file


def _replace(file: Path, data: bytes) -> None:
    """Write a file so that whoever reads it finds the old text or the new, never a part."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
        os.replace(name, file)
    except OSError:
        os.unlink(name)
        raise


def _without_user(base_url: str) -> str:
    """The address as far as it tells one server from another: no user name, no query."""
    try:
        parts = urlsplit(base_url.strip())
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme.lower()}://{host}{parts.path.rstrip('/')}"
