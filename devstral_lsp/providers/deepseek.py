"""DeepSeek's API, and whoever fills gaps as it does: prompt and suffix on /beta/completions."""

from __future__ import annotations

from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.caller import Caller
from devstral_lsp.providers.openai_chat import ChatWay, OpenAiChat
from devstral_lsp.providers.openai_text import SuffixWay
from devstral_lsp.providers.served import Served

FIM_PATH = "/beta/completions"


class DeepSeekProvider(Served):
    """A FimProvider and a ChatProvider for one account."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = Caller("deepseek", endpoint)
        chat = OpenAiChat(caller)
        super().__init__(caller, chat, (SuffixWay(caller, FIM_PATH), ChatWay(caller, chat)))
