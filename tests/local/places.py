"""Requests and answers at a marked cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from devstral_lsp.completion.types import CURSOR
from devstral_lsp.local.predict import Prediction
from devstral_lsp.local.provider import LocalProvider
from devstral_lsp.providers.base import FimRequest

PATIENCE_MS = 1e6
"""For guesses that do not depend on how busy the machine is."""


def request(marked: str, max_tokens: int = 64) -> FimRequest:
    """A request at the one cursor in `marked`."""
    before, after = marked.split(CURSOR)
    return FimRequest(prompt=before, suffix=after, max_tokens=max_tokens, language="python")


def answer(marked: str, learnt: Mapping[str, str], max_tokens: int = 64) -> Prediction:
    """What a provider that has learnt these texts says at the cursor in `marked`."""
    provider = LocalProvider(guess_ms=PATIENCE_MS)
    for name, text in learnt.items():
        provider.learn(name, text)
    asyncio.run(provider.warm())
    return provider.guess(request(marked, max_tokens))
