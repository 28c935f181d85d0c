"""Finds out whether a completions endpoint reads the `suffix` it is sent, or ignores it silently.

llama.cpp and many gateways answer 200 to a `suffix` and never look at it; the answer is then a
plain continuation, which no status and no shape tells from a filled gap. So one gap of our own is
asked for, whose right answer is a word that stands in the suffix alone. If that word comes back,
the suffix was read. A small model may miss it; then the count of prompt tokens decides, since the
suffix is much longer than the prompt: few tokens mean that it was ignored, many are compared with
those of the same prompt without it (a gateway may put a long prompt of its own around everything).
Without counts nothing is proven. That makes one request of some 60 tokens as a rule, two at most,
and none once the verdict is remembered.
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
"""What no model says by chance."""

PROMPT = 'name = "'
SUFFIX = f'"\n\n\ndef check():\n    # name is exactly "{WORD}" here\n' + "".join(
    f'    assert name[{at}] == "{letter}"\n' for at, letter in enumerate(WORD)
)
LEAST_TOKENS = 40
"""Any tokenizer makes more than these of SUFFIX, and fewer of PROMPT."""

_ANSWER_TOKENS = 16


async def supports_suffix(caller: EndpointClient, path: str) -> bool:
    """Whether the endpoint's model sees the suffix. Raises ProviderError if it cannot be asked."""
    try:
        text, counted = await _ask(caller, path, SUFFIX, _ANSWER_TOKENS)
        if WORD in text:
            return True
        if counted < LEAST_TOKENS:
            return False
        _, alone = await _ask(caller, path, "", 1)
    except (FimNotSupported, InvalidRequest, InvalidResponse):
        return False
    except EndpointUnreachable as error:
        if not is_unknown_route(error):
            raise
        return False
    return counted - alone >= LEAST_TOKENS


async def _ask(caller: EndpointClient, path: str, suffix: str, max_tokens: int) -> tuple[str, int]:
    """The answer's text and the count of prompt tokens, 0 where none is given."""
    body: dict[str, Any] = {
        "model": await caller.model(for_fim=True),
        "prompt": PROMPT,
        "max_tokens": max_tokens,
        "temperature": 0,
    }
    if suffix:
        body["suffix"] = suffix
    return read_answer(await caller.http.post(path, body))


def read_answer(answer: Any) -> tuple[str, int]:
    """Text and prompt tokens of a completion that was not streamed; "" and 0 for what is missing.

    >>> read_answer({"choices": [{"text": "a"}], "usage": {"prompt_tokens": 3}})
    ('a', 3)
    """
    whole = answer if isinstance(answer, dict) else {}
    choices = whole.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    text = first.get("text") if isinstance(first, dict) else None
    usage = whole.get("usage")
    tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return text if isinstance(text, str) else "", tokens if isinstance(tokens, int) else 0
