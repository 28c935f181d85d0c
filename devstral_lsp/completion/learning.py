"""What `local` is taught: documents that were worked in, and the files of the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from devstral_lsp.config.schema import LocalSettings
from devstral_lsp.providers.base import FimProvider, LearnsFromText
from devstral_lsp.text import Snapshot


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

    def start(
        self,
        local: FimProvider | None,
        folders: Sequence[Path],
        settings: LocalSettings,
        opened: Collection[str],
    ) -> None:
        """Begin anew; files whose URIs are in `opened` by then are left out."""
        self._cancel()
        if folders and settings.workspace and isinstance(local, LearnsFromText):
            self._task = asyncio.ensure_future(_read(local, folders, settings, opened))

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
    from devstral_lsp.context.workspace_files import WalkBounds, walk_workspace

    files = walk_workspace(folders, WalkBounds(files=settings.max_files, bytes=settings.max_bytes))
    while (file := await asyncio.to_thread(next, files, None)) is not None:
        path, text = file
        if not any(_name_of(uri) == path for uri in opened):
            learner.learn(path, text)


def _name_of(uri: str) -> str:
    """One name for a document and the file it is: editors escape URIs each in their own way."""
    parts = urlsplit(uri)
    # With a fragment it is no file, but a cell within one.
    return unquote(parts.path) if parts.scheme == "file" and not parts.fragment else uri
