"""Shows Markdown results: as a document where the client can, otherwise as hover text.

Documents are files in a temporary folder, which is removed at the end of the session. Hover text is
shown at the explained lines until the document changes.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from devstral_lsp.server.context import ServerContext
from devstral_lsp.text import Snapshot, Span

_NOT_IN_A_NAME = re.compile(r"[^\w]+")
_MAX_NAME_LENGTH = 60


class Explanations:
    """The explanations of one session."""

    def __init__(self, server: ServerContext) -> None:
        self._server = server
        self._hovers: dict[str, tuple[Span, str]] = {}
        self._folder: Path | None = None
        self._written = 0

    async def show(self, snapshot: Snapshot, span: Span, title: str, markdown: str) -> None:
        """Show `markdown`, which explains `span`."""
        can_show = self._server.client.edits.shows_documents
        if can_show and await (await self.show_document(title, markdown, ".md")):
            return
        if self._server.session.snapshot(snapshot.uri) is not snapshot:
            self._server.messages.show(types.MessageType.Info, markdown)
            return
        self._hovers[snapshot.uri] = (span, markdown)
        self._server.messages.show(
            types.MessageType.Info, f"{title}: ask for the hover text at these lines to read it."
        )

    async def show_alone(self, title: str, markdown: str) -> None:
        """Show `markdown` that belongs to no lines, as a document or else as a message."""
        can_show = self._server.client.edits.shows_documents
        if not (can_show and await (await self.show_document(title, markdown, ".md"))):
            self._server.messages.show(types.MessageType.Info, markdown)

    async def show_file(self, title: str, text: str, suffix: str) -> None:
        """Show `text` as a document, or else the path of its file."""
        path = await asyncio.to_thread(self._write, title, text, suffix)
        if not (self._server.client.edits.shows_documents and await self._request_show(path)):
            message = f"{title}: see {path}, until the editor is closed."
            self._server.messages.show(types.MessageType.Info, message)

    def hover_at(self, uri: str, offset: int) -> str | None:
        """The explanation at `offset`, if there is one."""
        span, markdown = self._hovers.get(uri, (Span(-1, -1), None))
        return markdown if span.start <= offset <= span.end else None

    def forget(self, uri: str) -> None:
        """Drop the explanation of a document that was edited or closed."""
        self._hovers.pop(uri, None)

    def close(self) -> None:
        """Remove the files."""
        folder, self._folder = self._folder, None
        if folder is not None:
            import shutil  # Here, like `tempfile` below: most sessions need neither.

            shutil.rmtree(folder, ignore_errors=True)

    async def show_document(self, title: str, text: str, suffix: str) -> asyncio.Future[bool]:
        """Ask the editor to show a file with this text. The future says whether it does."""
        return self._request_show(await asyncio.to_thread(self._write, title, text, suffix))

    def _request_show(self, path: Path) -> asyncio.Future[bool]:
        params = types.ShowDocumentParams(uri=path.as_uri(), external=False, take_focus=True)
        response = self._server.protocol.send_request(types.WINDOW_SHOW_DOCUMENT, params)
        return asyncio.ensure_future(_is_shown(response))

    def _write(self, title: str, text: str, suffix: str) -> Path:
        import tempfile

        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="devstral-"))
        self._written += 1
        name = _NOT_IN_A_NAME.sub("-", title).strip("-")[:_MAX_NAME_LENGTH] or "explanation"
        path = self._folder / f"{name}-{self._written}{suffix}"
        path.write_text(text, encoding="utf-8", newline="")
        return path


async def _is_shown(response: asyncio.Future[Any]) -> bool:
    try:
        answer = await response
    except JsonRpcException:
        return False
    return isinstance(answer, dict) and answer.get("success") is True
