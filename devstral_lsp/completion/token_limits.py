"""How many tokens an answer may have, chosen by the kind of request and limited by the settings.

Rate limiters charge `max_tokens` up front (seen in Mistral's query-cost header), so a bound close
to what will be shown keeps an eager user inside the limit. Pure; knows no wire.
"""

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.completion.types import CompletionKind, TriggerKind
from devstral_lsp.config.schema import FimSettings

WANTED_TOKENS = {
    CompletionKind.REST_OF_LINE: 64,
    CompletionKind.STATEMENT: 192,
    CompletionKind.BLOCK: 256,
}
"""A long line has about 40 tokens, a statement of ten lines about 130, a function body
about 200; Mistral's advice for snappy completions is 128 to 256."""

INVOKED_FACTOR = 2
"""A manual request may return more."""


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """Tokens: `max_tokens` always, `min_tokens` None where the model may say nothing."""

    max_tokens: int
    min_tokens: int | None


def token_limits(kind: CompletionKind, trigger: TriggerKind, settings: FimSettings) -> TokenLimits:
    """The bounds for one request; `fim.max_tokens` is a hard limit, and `fim.min_tokens` within it.

    A minimum is sent only where it was asked for, by hand or by a setting: forcing a model to
    speak where nothing fits makes it invent something.
    """
    wanted = WANTED_TOKENS[kind]
    least = settings.min_tokens
    if trigger is TriggerKind.INVOKED:
        wanted *= INVOKED_FACTOR
        least = max(least, 1)
    least = min(least, settings.max_tokens)
    most = max(least, min(wanted, settings.max_tokens))
    return TokenLimits(max_tokens=most, min_tokens=least or None)
