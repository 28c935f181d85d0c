"""How much an endpoint may send for the tokens that it was asked for.

Whoever is asked for at most so many tokens has no reason to send without an end. The bounds are
far above what any wire needs, and only stop what does not keep to `max_tokens`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devstral_lsp.errors import InvalidResponse

_BYTES_PER_TOKEN = 2_048
"""Each token may come in an event of its own, of 200 to 1,000 bytes in the wires that are known."""
_LEAST_BYTES = 1 << 20
"""For what comes besides: comments that keep a stream alive, usage."""
_USUAL_TOKENS = 32_768
"""Where a request names no limit."""

_NAMES = ("max_tokens", "max_completion_tokens", "n_predict", "num_predict", "max_new_tokens")
_INNER = ("options", "parameters")
"""What Ollama and TGI put the limit into."""


def tokens_wanted(body: Mapping[str, Any]) -> int:
    """The limit that a request names, whatever its wire calls it."""
    for part in (body, *(body.get(name) for name in _INNER)):
        found = [part.get(name) for name in _NAMES] if isinstance(part, Mapping) else []
        for tokens in found:
            if isinstance(tokens, int) and tokens > 0:
                return tokens
    return _USUAL_TOKENS


class AnswerSize:
    """Counts what comes of one answer, in bytes and in code points of its text."""

    def __init__(self, tokens: int, host: str) -> None:
        self._tokens = tokens
        self._host = host
        self._bytes_left = _LEAST_BYTES + _BYTES_PER_TOKEN * tokens

    def take(self, size: int) -> None:
        """So many bytes have come. Raises InvalidResponse beyond the bound."""
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise InvalidResponse(
                f"{self._host} did not stop: it was asked for at most {self._tokens} tokens and "
                "sent far more, so the connection was closed. Check the model, or the server "
                "that stands at base_url."
            )
