"""Requests definitions from the editor's other language servers, through our extension."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from devstral_lsp.context.members.editor import EditorAnswer, EditorPlace
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.positions import position_at
from devstral_lsp.server.session import is_valid_uri
from devstral_lsp.text import Snapshot

DEFINITION = "devstral/definition"
"""Request to an editor that can ask other language servers: {textDocument: {uri, version},
position, cursor}; `position` is on the name.

It answers {types, definitions, signature} or null: `types` and `definitions` are arrays of
{uri, line}, with lines counted from 0, and `signature` is a string or null. Sent only to clients
that declare `experimental.devstralDefinition`."""

TIMEOUT_S = 0.06
"""How long a keystroke waits for the response."""
MAX_TIMEOUTS = 3
"""Consecutive timeouts after which no request is sent for PAUSE_S: each delays a keystroke."""
PAUSE_S = 60.0
MAX_PLACES = 4
"""Elements of each array that are read."""
MAX_SIGNATURE = 500
"""Code points."""


class EditorDefinitions:
    """The requests of one session."""

    def __init__(self, server: ServerContext) -> None:
        self._server = server
        self._timeouts = 0
        self._resumes_s = 0.0

    async def ask(self, snapshot: Snapshot, at: int, cursor: int) -> EditorAnswer:
        """The editor's answer; an empty one if it times out or the document has changed since."""
        server, now_s = self._server, asyncio.get_running_loop().time
        if server.session.snapshot(snapshot.uri) is not snapshot or now_s() < self._resumes_s:
            return EditorAnswer()
        encoding = server.client.encoding
        params = {
            "textDocument": {"uri": snapshot.uri, "version": snapshot.version},
            "position": position_at(snapshot.text, at, encoding),
            "cursor": position_at(snapshot.text, cursor, encoding),
        }
        request = server.protocol.send_request(DEFINITION, params)
        try:
            answer = await asyncio.wait_for(request, TIMEOUT_S)
        except JsonRpcException:
            return EditorAnswer()
        except TimeoutError:
            self._timeouts += 1
            if self._timeouts >= MAX_TIMEOUTS:
                self._timeouts, self._resumes_s = 0, now_s() + PAUSE_S
            return EditorAnswer()
        self._timeouts = 0
        return _parse_answer(answer)


def _parse_answer(answer: Any) -> EditorAnswer:
    """The valid parts of an answer."""
    if not isinstance(answer, dict):
        return EditorAnswer()
    signature = answer.get("signature")
    return EditorAnswer(
        types=tuple(_places(answer.get("types"))),
        definitions=tuple(_places(answer.get("definitions"))),
        signature=" ".join(signature[:MAX_SIGNATURE].split()) if isinstance(signature, str) else "",
    )


def _places(raw: Any) -> Iterator[EditorPlace]:
    for each in raw[:MAX_PLACES] if isinstance(raw, list) else ():
        match each:
            case {"uri": str(uri), "line": int(line)} if line >= 0:
                is_file = uri.startswith("file:") and is_valid_uri(uri)
                if is_file and (path := to_fs_path(uri)):
                    yield EditorPlace(Path(path), line)
