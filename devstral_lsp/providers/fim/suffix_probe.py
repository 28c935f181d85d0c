"""Finds out whether a completions endpoint reads `suffix` or silently ignores it.

llama.cpp and many gateways answer 200 to a `suffix` that they never look at; the answer is then a
plain continuation, which neither its status nor its shape tells from a filled gap. So the probe
sends one gap of its own, whose right answer is a word that stands in the suffix alone. If that word
comes back, the suffix was read. A small model may miss it; then the count of prompt tokens decides,
since the suffix is much longer than the prompt: a low count means that it was ignored, a high one
is compared with the count of the same prompt without suffix (a gateway may wrap everything into a
long prompt of its own). Without counts nothing is proven. This takes one request of some 60 tokens,
at most two, and none once the result is remembered.
"""

from __future__ import annotations

from typing import Any

from devstral_lsp.errors import (
    EndpointUnreachable,
    FimNotSupported,
    InvalidRequest,
    InvalidResponse,
)
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.http.error_mapping import is_unknown_route

WORD = "quetzal_7351"
"""A word that no model says by chance."""

PROMPT = 'name = "'
SUFFIX = f'"\n\n\ndef check():\n    # name is exactly "{WORD}" here\n' + "".join(
    f'    assert name[{at}] == "{letter}"\n' for at, letter in enumerate(WORD)
)
MIN_SUFFIX_TOKENS = 40
"""Every tokenizer makes more tokens than these of SUFFIX, and fewer of PROMPT."""

_ANSWER_TOKENS = 16


async def supports_suffix(client: EndpointClient, path: str) -> bool:
    """Whether the endpoint's model sees the suffix. Raises ProviderError if it cannot be asked."""
    answer = await probe_completion(client, path, PROMPT, SUFFIX, _ANSWER_TOKENS)
    if answer is None:
        return False
    text, tokens = answer
    if WORD in text or tokens < MIN_SUFFIX_TOKENS:
        return WORD in text
    alone = await probe_completion(client, path, PROMPT)
    return alone is not None and tokens - alone[1] >= MIN_SUFFIX_TOKENS


async def probe_completion(
    client: EndpointClient, path: str, prompt: str, suffix: str = "", max_tokens: int = 1
) -> tuple[str, int] | None:
    """Text and prompt tokens of a completion, None if the endpoint has no such route or member.

    Raises ProviderError where that is undecided: it was refused for another reason, or what came is
    no completion, as while a server starts.
    """
    body: dict[str, Any] = {
        "model": await client.model(for_fim=True),
        "prompt": prompt,
        "max_tokens": max_tokens,
        "temperature": 0,
    }
    if suffix:
        body["suffix"] = suffix
    try:
        answer = await client.http.post(path, body)
    except FimNotSupported:
        return None
    except InvalidRequest as error:
        if not set(error.fields) & {"suffix", "prompt"}:
            raise
        return None
    except EndpointUnreachable as error:
        if not is_unknown_route(error):
            raise
        return None
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not isinstance(choices, list) or not choices:
        raise InvalidResponse(f"{client.name} sent no completion in answer to a probe.")
    return parse_answer(answer)


def parse_answer(answer: Any) -> tuple[str, int]:
    """Text and prompt tokens of a completion that was not streamed; "" and 0 where missing.

    >>> parse_answer({"choices": [{"text": "a"}], "usage": {"prompt_tokens": 3}})
    ('a', 3)
    """
    whole = answer if isinstance(answer, dict) else {}
    choices = whole.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    text = first.get("text") if isinstance(first, dict) else None
    usage = whole.get("usage")
    tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return text if isinstance(text, str) else "", tokens if isinstance(tokens, int) else 0
