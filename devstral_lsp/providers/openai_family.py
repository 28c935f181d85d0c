"""Every vendor, server and gateway that speaks OpenAI's API, told apart by their registry rows.

Gaps are filled by `suffix` where the row names a route for it, by the template of the model's
family where the server completes plain text, and else by chat. For an unknown endpoint (LiteLLM,
Ray Serve, a company's gateway) both ways are probed once before they are used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.strategy import FimStrategy, TemplateStrategy
from devstral_lsp.providers.fim.suffix_probe import probe_completion, supports_suffix
from devstral_lsp.providers.openai_chat import OpenAiChat
from devstral_lsp.providers.openai_completions import PATH, SuffixStrategy, complete_with_template

_REPEATED = 8
_OVERHEAD_TOKENS = 3
"""A token for the beginning of the text, and what a tokenizer may put around it."""


def build(
    name: str,
    endpoint: Endpoint,
    *,
    suffix_path: str = "",
    uses_templates: bool = False,
    is_probed: bool = False,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> CompositeProvider:
    """The provider of one registry row.

    `suffix_path` is the completions route that takes `suffix`, empty for none. `uses_templates`:
    the server completes plain text, so that the model's template works. `is_probed`: verify both
    before using them, as the vendor does not document them. `headers` go with every request.
    """
    client = EndpointClient(name, endpoint, headers=headers)
    strategies: list[FimStrategy] = []
    if suffix_path:
        probe = partial(supports_suffix, client, suffix_path) if is_probed else None
        strategies.append(SuffixStrategy(client, suffix_path, probe))
    if uses_templates:
        knows = partial(_are_single_tokens, client) if is_probed else None
        complete = partial(complete_with_template, client)
        strategies.append(TemplateStrategy(client, complete, knows))
    return CompositeProvider(client, OpenAiChat(client), strategies)


async def _are_single_tokens(client: EndpointClient, tokens: Sequence[str]) -> bool:
    """Whether the server reads each string as one token, judged by the token count of a prompt.

    Where they are plain letters, or the prompt is wrapped into a chat, the count is far higher.
    """
    answer = await probe_completion(client, PATH, "".join(tokens) * _REPEATED)
    if answer is None:
        return False
    _, counted = answer
    return 0 < counted <= len(tokens) * _REPEATED + _OVERHEAD_TOKENS
