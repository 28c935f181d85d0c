"""Queries and sources for the tests of context."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from devstral_lsp.context.base import ContextQuery, Snippet
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.text import Snapshot, Text

CURSOR = "│"


def snapshot_of(path: Path | str, text: str, *, version: int = 1, language: str = "") -> Snapshot:
    """A document on the disk, whether it is there or not."""
    path = Path(path)
    language = language or language_id_of_path(path.as_posix())
    return Snapshot(path.as_uri(), version, language, Text.of(text))


def query_at(path: Path | str, marked: str, **more: object) -> ContextQuery:
    """A query at the CURSOR in `marked`."""
    text = marked.replace(CURSOR, "")
    language = str(more.pop("language", ""))
    snapshot = snapshot_of(path, text, language=language)
    return ContextQuery(snapshot=snapshot, offset=marked.index(CURSOR), **more)  # type: ignore[arg-type]


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def snippet(text: str, path: str = "a.py", **more: object) -> Snippet:
    known = {"source": "imports", "score": 5, **more}
    return Snippet(path, text, **known)  # type: ignore[arg-type]


class Scripted:
    """A source that says what it is told to, when the test lets it."""

    def __init__(self, name: str, *said: Snippet, error: Exception | None = None) -> None:
        self.name = name
        self.said = said
        self.error = error
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = self.finished = 0

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        self.asked += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.finished += 1
        return self.said
