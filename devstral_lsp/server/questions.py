"""Asks the user a question with buttons, by `window/showMessageRequest`."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcMethodNotFound

from devstral_lsp.errors import DevstralError
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.plain_text import label_text

USER_DECISION_TIMEOUT_S = 600.0
"""How long a preview or a question waits for the user. Some editors never answer."""


class CannotAsk(DevstralError):
    """The editor cannot show questions, like Helix. The message says what the user can do."""


async def ask(
    server: ServerContext, kind: types.MessageType, question: str, *answers: str
) -> str | None:
    """The answer that the user chose; None if the question was closed or not answered.

    Raises CannotAsk.
    """
    response = server.protocol.send_request(
        types.WINDOW_SHOW_MESSAGE_REQUEST,
        types.ShowMessageRequestParams(
            type=kind,
            message=label_text(question),
            actions=[types.MessageActionItem(each) for each in answers],
        ),
    )
    with suppress(TimeoutError, JsonRpcException):
        try:
            async with asyncio.timeout(USER_DECISION_TIMEOUT_S):
                chosen = await response
        except JsonRpcMethodNotFound:
            raise CannotAsk(
                "This needs your confirmation, and the editor cannot ask you. Nothing has been "
                "changed: `devstral.exportPatch` gives the edit as a patch."
            ) from None
        if isinstance(chosen, dict) and chosen.get("title") in answers:
            return str(chosen["title"])
    return None
