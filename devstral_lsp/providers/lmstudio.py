"""LM Studio: gaps by a template on its text completions, which apply none of their own.

`suffix` stands nowhere in its documentation, and it has no route that tells how a text is
tokenized: the model's name decides.
"""

from __future__ import annotations

from functools import partial

from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.caller import Caller
from devstral_lsp.providers.openai_chat import ChatWay, OpenAiChat
from devstral_lsp.providers.openai_text import by_template
from devstral_lsp.providers.served import Served
from devstral_lsp.providers.template_way import TemplateWay


class LmStudioProvider(Served):
    """A FimProvider and a ChatProvider for one server."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = Caller("lmstudio", endpoint)
        chat = OpenAiChat(caller)
        template = TemplateWay(caller, partial(by_template, caller))
        super().__init__(caller, chat, (template, ChatWay(caller, chat)))
