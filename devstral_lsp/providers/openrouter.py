"""OpenRouter: conversations alone, gaps included; that it fills any otherwise is not established.

It tells itself whom a request comes from by two headers of its own. Its errors come inside a 200,
too, and comments in its streams, which `http.py` and `sse.py` expect of everybody.
"""

from __future__ import annotations

from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.openai_chat import ChatStrategy, OpenAiChat

ATTRIBUTION = {"HTTP-Referer": "https://pypi.org/project/devstral-lsp/", "X-Title": "devstral-lsp"}


class OpenRouterProvider(CompositeProvider):
    """A FimProvider and a ChatProvider for one account."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = EndpointClient("openrouter", endpoint, headers=ATTRIBUTION)
        chat = OpenAiChat(caller)
        super().__init__(caller, chat, (ChatStrategy(caller, chat),))
