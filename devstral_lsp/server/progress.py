"""Progress of one piece of work in the editor, with a button that cancels it.

The token is the client's, or the server requests one. `window/workDoneProgress/cancel` names it.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from devstral_lsp.refactor.types import Progress
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.plain_text import label_text

Token = int | str

MIN_REPORT_INTERVAL_S = 0.1
"""A stream brings tokens far more often than a user can read them."""


class WorkDoneProgress:
    """One `$/progress`. Nothing is sent to a client that cannot show it.

    It has no percentage: none is known, and VS Code would show no message beside it.
    """

    def __init__(self, server: ServerContext, title: str, token: Token | None = None) -> None:
        """`token` is the client's own, valid until its request is answered."""
        self.token = token if token is not None else f"devstral-{uuid4().hex}"
        self._server = server
        self._title = label_text(title)
        self._is_open = False
        self._has_ended = False
        self._reported_s = 0.0
        self._last: Progress | None = None
        if token is not None:
            self._begin()
        elif server.client.edits.progress:
            server.create_background_task("progress", self._create())

    def report(self, progress: Progress) -> None:
        """Send the state of the work, at most every MIN_REPORT_INTERVAL_S."""
        self._last = progress
        now_s = asyncio.get_running_loop().time()
        if self._is_open and now_s - self._reported_s >= MIN_REPORT_INTERVAL_S:
            self._reported_s = now_s
            message = _message(progress)
            self._send(types.WorkDoneProgressReport(cancellable=True, message=message))

    def end(self) -> None:
        """Call this when the work is done or was cancelled."""
        if self._is_open:
            self._send(types.WorkDoneProgressEnd())
        self._is_open, self._has_ended = False, True

    async def _create(self) -> None:
        """Request a token. If the client refuses, or answers after the end, nothing is sent."""
        params = types.WorkDoneProgressCreateParams(self.token)
        try:
            await self._server.protocol.send_request(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)
        except JsonRpcException:
            return
        if not self._has_ended:
            self._begin()

    def _begin(self) -> None:
        self._is_open = True
        message = _message(self._last) if self._last else None
        self._send(
            types.WorkDoneProgressBegin(title=self._title, cancellable=True, message=message)
        )

    def _send(self, value: Any) -> None:
        self._server.protocol.notify(types.PROGRESS, types.ProgressParams(self.token, value))


def _message(progress: Progress) -> str:
    message = label_text(progress.message)
    return f"{message}, {progress.tokens} tokens" if progress.tokens else message
