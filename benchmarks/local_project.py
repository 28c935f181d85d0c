"""A package as the `local` provider meets it: all of its files learnt but the open one.

Knows no measure and no result.
"""

from __future__ import annotations

import asyncio
import random

from benchmarks.local_places import Place
from devstral_lsp.local.provider import LocalProvider
from devstral_lsp.providers.base import FimRequest

MAX_FILES = 600
MAX_CHARS = 3_300_000
"""What the provider can keep: of a larger package, one run of neighbouring files is used."""


def neighbours(files: dict[str, str], seed: int) -> dict[str, str]:
    """All files, or a run of them in the order of their paths that fits into the corpus."""
    if len(files) <= MAX_FILES and sum(map(len, files.values())) <= MAX_CHARS:
        return files
    paths = sorted(files)
    first = random.Random(seed).randrange(len(paths))
    kept: dict[str, str] = {}
    chars = 0
    for path in paths[first:] + paths[:first]:
        chars += len(files[path])
        if chars > MAX_CHARS or len(kept) == MAX_FILES:
            break
        kept[path] = files[path]
    return kept


class Project:
    """The provider with all of a package's files learnt, but for the open one."""

    def __init__(self, files: dict[str, str]) -> None:
        self.provider = LocalProvider()
        self._files = files
        self._open = ""
        for path, text in files.items():
            self.provider.learn(path, text)
        asyncio.run(self.provider.warm())

    def open(self, path: str) -> None:
        """Make `path` the open document: forgotten, and the one before learnt again."""
        if path == self._open:
            return
        if self._open:
            self.provider.learn(self._open, self._files[self._open])
            asyncio.run(self.provider.warm())
        self.provider.forget(path)
        self._open = path


def request_at(place: Place) -> FimRequest:
    """What the engine would send at `place`."""
    return FimRequest(prompt=place.before, suffix=place.after, max_tokens=64, language="python")
