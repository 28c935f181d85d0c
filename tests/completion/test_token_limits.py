"""Tokens per request: by kind, within the settings."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.token_limits import TokenLimits, token_limits
from devstral_lsp.completion.types import CompletionKind, TriggerKind
from devstral_lsp.config.schema import FimSettings

BY_ITSELF, BY_HAND = TriggerKind.AUTOMATIC, TriggerKind.INVOKED


@pytest.mark.parametrize(
    ("kind", "trigger", "settings", "expected"),
    [
        (CompletionKind.REST_OF_LINE, BY_ITSELF, FimSettings(), TokenLimits(64, None)),
        (CompletionKind.STATEMENT, BY_ITSELF, FimSettings(), TokenLimits(192, None)),
        (CompletionKind.BLOCK, BY_ITSELF, FimSettings(), TokenLimits(256, None)),
        (CompletionKind.REST_OF_LINE, BY_HAND, FimSettings(), TokenLimits(128, 1)),
        (CompletionKind.BLOCK, BY_HAND, FimSettings(), TokenLimits(256, 1)),
        (CompletionKind.BLOCK, BY_ITSELF, FimSettings(max_tokens=20), TokenLimits(20, None)),
        (
            CompletionKind.BLOCK,
            BY_ITSELF,
            FimSettings(max_tokens=20, min_tokens=30),
            TokenLimits(20, 20),
        ),
        (CompletionKind.BLOCK, BY_ITSELF, FimSettings(max_tokens=1000), TokenLimits(256, None)),
        (CompletionKind.BLOCK, BY_HAND, FimSettings(max_tokens=1000), TokenLimits(512, 1)),
        (CompletionKind.BLOCK, BY_HAND, FimSettings(max_tokens=1), TokenLimits(1, 1)),
        (
            CompletionKind.REST_OF_LINE,
            BY_ITSELF,
            FimSettings(min_tokens=100),
            TokenLimits(100, 100),
        ),
        (CompletionKind.STATEMENT, BY_ITSELF, FimSettings(min_tokens=4), TokenLimits(192, 4)),
        (CompletionKind.STATEMENT, BY_HAND, FimSettings(min_tokens=4), TokenLimits(256, 4)),
    ],
)
def test_bounds(
    kind: CompletionKind, trigger: TriggerKind, settings: FimSettings, expected: TokenLimits
) -> None:
    assert token_limits(kind, trigger, settings) == expected
