"""Vercel's AI Gateway: conversations alone, gaps included. Its ids are `vendor/model`."""

from __future__ import annotations

from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.openai_chat import ChatStrategy, OpenAiChat


class VercelProvider(CompositeProvider):
    """A FimProvider and a ChatProvider for one account."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = EndpointClient("vercel", endpoint)
        chat = OpenAiChat(caller)
        super().__init__(caller, chat, (ChatStrategy(caller, chat),))
