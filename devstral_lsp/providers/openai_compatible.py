"""Any endpoint that speaks OpenAI's wire: LiteLLM, Ray Serve, vLLM's stacks, company gateways.

Nothing is taken for granted: whether `suffix` is read, whether the control tokens of a template
are tokens there, is found out once; what remains is a conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from devstral_lsp.errors import BadReply, NoFim, Rejected, Unreachable
from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.caller import Caller
from devstral_lsp.providers.failures import has_no_such_path
from devstral_lsp.providers.openai_chat import ChatWay, OpenAiChat
from devstral_lsp.providers.openai_text import PATH, SuffixWay, by_template
from devstral_lsp.providers.served import Served
from devstral_lsp.providers.suffix_proof import read_answer, reads_suffix
from devstral_lsp.providers.template_way import TemplateWay

_REPEATED = 8
_OVERHEAD_TOKENS = 3
"""A mark at the beginning, and what a tokenizer may put around."""


class OpenAiCompatibleProvider(Served):
    """A FimProvider and a ChatProvider for one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = Caller("openai_compatible", endpoint)
        chat = OpenAiChat(caller)
        ways = (
            SuffixWay(caller, seen=partial(reads_suffix, caller, PATH)),
            TemplateWay(caller, partial(by_template, caller), partial(_knows, caller)),
            ChatWay(caller, chat),
        )
        super().__init__(caller, chat, ways)


async def _knows(caller: Caller, tokens: Sequence[str]) -> bool:
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
    except (NoFim, Rejected, BadReply):
        return False
    except Unreachable as error:
        if not has_no_such_path(error):
            raise
        return False
    return 0 < counted <= len(tokens) * _REPEATED + _OVERHEAD_TOKENS
