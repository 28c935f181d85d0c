"""Progress of one piece of work in the editor, with its button to cancel.

The client gives the token, or is asked to make one. Knows nothing of the work: it is told how far
it is, and who cancels goes by the token.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from devstral_lsp.refactor.types import Progress
from devstral_lsp.server.plain_text import label_text

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server

Token = int | str

_EVERY_S = 0.1
"""A stream brings tokens far more often than anybody can read."""


class WorkDoneProgress:
    """One `$/progress`. Without an ability of the client's to show it, nothing is sent.

    No percentage is ever given: nobody knows it, and VS Code would show no words beside it.
    """

    def __init__(self, server: Server, title: str, token: Token | None = None) -> None:
        """`token` is the client's own, valid until its request is answered."""
        self.token = token if token is not None else f"devstral-{uuid4().hex}"
        self._server = server
        self._title = label_text(title)
        self._is_open = False
        self._has_ended = False
        self._told_s = 0.0
        self._last: Progress | None = None
        if token is not None:
            self._begin()
        elif server.client.edits.progress:
            server.create_background_task("progress", self._create())

    def report(self, progress: Progress) -> None:
        """Tell how far it is, unless that was done a moment ago."""
        self._last = progress
        now_s = asyncio.get_running_loop().time()
        if self._is_open and now_s - self._told_s >= _EVERY_S:
            self._told_s = now_s
            message = _words(progress)
            self._send(types.WorkDoneProgressReport(cancellable=True, message=message))

    def end(self) -> None:
        """The work is done, or was given up."""
        if self._is_open:
            self._send(types.WorkDoneProgressEnd())
        self._is_open, self._has_ended = False, True

    async def _create(self) -> None:
        """Have the client make the token. A client that refuses, or is late, shows nothing."""
        wanted = types.WorkDoneProgressCreateParams(self.token)
        try:
            await self._server.protocol.send_request(types.WINDOW_WORK_DONE_PROGRESS_CREATE, wanted)
        except JsonRpcException:
            return
        if not self._has_ended:
            self._begin()

    def _begin(self) -> None:
        self._is_open = True
        message = _words(self._last) if self._last else None
        self._send(
            types.WorkDoneProgressBegin(title=self._title, cancellable=True, message=message)
        )

    def _send(self, value: Any) -> None:
        self._server.protocol.notify(types.PROGRESS, types.ProgressParams(self.token, value))


def _words(progress: Progress) -> str:
    words = label_text(progress.message)
    return f"{words}, {progress.tokens} tokens" if progress.tokens else words
