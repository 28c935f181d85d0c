"""LM Studio: gaps by a template on its text completions, which apply none of their own.

`suffix` stands nowhere in its documentation, and it has no route that tells how a text is
tokenized: the model's name decides.
"""

from __future__ import annotations

from functools import partial

from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.template_strategy import TemplateStrategy
from devstral_lsp.providers.openai_chat import ChatStrategy, OpenAiChat
from devstral_lsp.providers.openai_completions import complete_with_template


class LmStudioProvider(CompositeProvider):
    """A FimProvider and a ChatProvider for one server."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = EndpointClient("lmstudio", endpoint)
        chat = OpenAiChat(caller)
        template = TemplateStrategy(caller, partial(complete_with_template, caller))
        super().__init__(caller, chat, (template, ChatStrategy(caller, chat)))
