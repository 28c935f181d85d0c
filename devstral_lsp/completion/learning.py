"""What `local` is taught: documents that were worked in, and the files of the workspace.

Next edits look at the same files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Container, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from devstral_lsp.config.schema import LocalSettings
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.providers.base import FimProvider, LearnsFromText
from devstral_lsp.text import Snapshot, Text


def learn(local: FimProvider | None, snapshot: Snapshot | None) -> None:
    """Teach it a document that was left."""
    if snapshot is not None and isinstance(local, LearnsFromText):
        local.learn(_name_of(snapshot.uri), str(snapshot.text))


def forget(local: FimProvider | None, uri: str) -> None:
    """Have it forget a document that it sees whole now, or that it must not say elsewhere."""
    if isinstance(local, LearnsFromText):
        local.forget(_name_of(uri))


class WorkspaceReading:
    """Teaches `local` the files of the workspace folders, in the background."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._folders: Sequence[Path] = ()
        self._settings = LocalSettings()
        self._opened: Collection[str] = ()

    def start(
        self,
        local: FimProvider | None,
        folders: Sequence[Path],
        settings: LocalSettings,
        opened: Collection[str],
    ) -> None:
        """Begin anew; files whose URIs are in `opened` by then are left out."""
        self._cancel()
        self._folders, self._settings, self._opened = folders, settings, opened
        if folders and settings.workspace and isinstance(local, LearnsFromText):
            self._task = asyncio.ensure_future(_read(local, folders, settings, opened))

    async def unopened(self, languages: Container[str]) -> list[Snapshot]:
        """The files in languages, by their LSP ids, that are not open; [] where `local.workspace`
        is off. Those that are not UTF-8 are left out: an edit would be off by some bytes.
        """
        if not self._settings.workspace:
            return []
        files = await asyncio.to_thread(list, _files(self._folders, self._settings, languages))
        names = set(map(_name_of, self._opened))
        return [
            Snapshot(Path(path).as_uri(), None, language_id_of_path(path), Text.of(text))
            for path, text in files
            if path not in names and "\ufffd" not in text
        ]

    async def wait(self) -> None:
        """Wait until it is done, failed or cancelled."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def close(self) -> None:
        """Cancel it."""
        self._cancel()
        await self.wait()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


async def _read(
    learner: LearnsFromText,
    folders: Sequence[Path],
    settings: LocalSettings,
    opened: Collection[str],
) -> None:
    files = _files(folders, settings)
    while (file := await asyncio.to_thread(next, files, None)) is not None:
        path, text = file
        if not any(_name_of(uri) == path for uri in opened):
            learner.learn(path, text)


def _files(
    folders: Sequence[Path], settings: LocalSettings, languages: Container[str] | None = None
) -> Iterator[tuple[str, str]]:
    """Paths and texts. Blocks: reads the disk."""
    # Imported here: a session that has no folder needs none of it.
    from devstral_lsp.context.workspace_files import WalkBounds, walk_workspace

    bounds = WalkBounds(files=settings.max_files, bytes=settings.max_bytes)
    return walk_workspace(folders, bounds, languages=languages)


def _name_of(uri: str) -> str:
    """One name for a document and the file it is: editors escape URIs each in their own way."""
    parts = urlsplit(uri)
    # With a fragment it is no file, but a cell within one.
    return unquote(parts.path) if parts.scheme == "file" and not parts.fragment else uri
