"""Bodies for Mistral's FIM and chat endpoints.

Both schemas forbid members they do not list, and most may not be null: what is not set is left
out. Pure; it takes the strings as they are, and knows no endpoint.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from devstral_lsp.providers.base import ChatRequest, FimRequest
from devstral_lsp.providers.stop_sequences import stop_sequences_for_request


def fim_body(request: FimRequest, model: str) -> dict[str, Any]:
    """The body of POST /v1/fim/completions, streamed.

    An empty prompt is sent as a line feed: what Mistral does with an empty one is not documented.
    """
    body = {
        "model": model,
        "prompt": request.prompt or "\n",
        "suffix": request.suffix or None,
        "min_tokens": request.min_tokens,
    }
    return _present(body | _common(request))


def chat_body(request: ChatRequest, model: str, *, without: Collection[str] = ()) -> dict[str, Any]:
    """The body of POST /v1/chat/completions, streamed; `without` these of its members."""
    foretold = request.prediction
    body = {
        "model": model,
        "messages": [dict(message) for message in request.messages],
        "response_format": request.response_format,
        "tools": list(request.tools) or None,
        "tool_choice": request.tool_choice,
        "prediction": {"type": "content", "content": foretold} if foretold else None,
    }
    body = _present(body | _common(request))
    return {name: value for name, value in body.items() if name not in without}


def _common(request: FimRequest | ChatRequest) -> dict[str, Any]:
    return {
        "max_tokens": max(request.max_tokens, 0),
        "stop": stop_sequences_for_request(request.stop),
        "temperature": _clamped(request.temperature),
        "top_p": _share(request.top_p),
        "random_seed": request.random_seed,
        "prompt_cache_key": request.cache_key,
        "stream": True,
    }


def _clamped(temperature: float | None) -> float | None:
    """Within 0 to 1: the schema allows 1.5, Mistral's error glossary only 1."""
    return None if temperature is None else min(max(temperature, 0.0), 1.0)


def _share(top_p: float | None) -> float | None:
    """The schema wants more than 0 and at most 1."""
    return min(top_p, 1.0) if top_p is not None and top_p > 0 else None


def _present(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
