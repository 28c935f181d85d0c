"""Any endpoint that speaks OpenAI's wire: LiteLLM, Ray Serve, vLLM's stacks, company gateways.

Nothing is taken for granted: whether `suffix` is read, whether the control tokens of a template
are tokens there, is found out once; what remains is a conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from devstral_lsp.errors import (
    EndpointUnreachable,
    FimNotSupported,
    InvalidRequest,
    InvalidResponse,
)
from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.suffix_probe import read_answer, supports_suffix
from devstral_lsp.providers.fim.template_strategy import TemplateStrategy
from devstral_lsp.providers.http.error_mapping import is_unknown_route
from devstral_lsp.providers.openai_chat import ChatStrategy, OpenAiChat
from devstral_lsp.providers.openai_completions import PATH, SuffixStrategy, complete_with_template

_REPEATED = 8
_OVERHEAD_TOKENS = 3
"""A mark at the beginning, and what a tokenizer may put around."""


class OpenAiCompatibleProvider(CompositeProvider):
    """A FimProvider and a ChatProvider for one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = EndpointClient("openai_compatible", endpoint)
        chat = OpenAiChat(caller)
        ways = (
            SuffixStrategy(caller, seen=partial(supports_suffix, caller, PATH)),
            TemplateStrategy(
                caller, partial(complete_with_template, caller), partial(_knows, caller)
            ),
            ChatStrategy(caller, chat),
        )
        super().__init__(caller, chat, ways)


async def _knows(caller: EndpointClient, tokens: Sequence[str]) -> bool:
    """Whether each string is one token there, by the count of a prompt that is made of them.

    Where they are mere letters, or a conversation is made of the prompt, there are far more.
    """
    body = {
        "model": await caller.model(for_fim=True),
        "prompt": "".join(tokens) * _REPEATED,
        "max_tokens": 1,
        "temperature": 0,
    }
    try:
        _, counted = read_answer(await caller.http.post(PATH, body))
    except (FimNotSupported, InvalidRequest, InvalidResponse):
        return False
    except EndpointUnreachable as error:
        if not is_unknown_route(error):
            raise
        return False
    return 0 < counted <= len(tokens) * _REPEATED + _OVERHEAD_TOKENS
