"""Vercel's AI Gateway: conversations alone, gaps included. Its ids are `vendor/model`."""

from __future__ import annotations

from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.caller import Caller
from devstral_lsp.providers.openai_chat import ChatWay, OpenAiChat
from devstral_lsp.providers.served import Served


class VercelProvider(Served):
    """A FimProvider and a ChatProvider for one account."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = Caller("vercel", endpoint)
        chat = OpenAiChat(caller)
        super().__init__(caller, chat, (ChatWay(caller, chat),))
