"""DeepSeek's API, and whoever fills gaps as it does: prompt and suffix on /beta/completions."""

from __future__ import annotations

from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.openai_chat import ChatStrategy, OpenAiChat
from devstral_lsp.providers.openai_completions import SuffixStrategy

FIM_PATH = "/beta/completions"


class DeepSeekProvider(CompositeProvider):
    """A FimProvider and a ChatProvider for one account."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = EndpointClient("deepseek", endpoint)
        chat = OpenAiChat(caller)
        super().__init__(
            caller, chat, (SuffixStrategy(caller, FIM_PATH), ChatStrategy(caller, chat))
        )
