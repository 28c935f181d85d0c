"""Tokens per request: by kind, within the settings."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.bounds import Bounds, bounds_for
from devstral_lsp.completion.request import Kind, Trigger
from devstral_lsp.config.schema import FimSettings

BY_ITSELF, BY_HAND = Trigger.AUTOMATIC, Trigger.INVOKED


@pytest.mark.parametrize(
    ("kind", "trigger", "settings", "expected"),
    [
        (Kind.REST_OF_LINE, BY_ITSELF, FimSettings(), Bounds(64, None)),
        (Kind.STATEMENT, BY_ITSELF, FimSettings(), Bounds(128, None)),
        (Kind.BLOCK, BY_ITSELF, FimSettings(), Bounds(256, None)),
        (Kind.REST_OF_LINE, BY_HAND, FimSettings(), Bounds(128, 1)),
        (Kind.BLOCK, BY_HAND, FimSettings(), Bounds(256, 1)),
        (Kind.BLOCK, BY_ITSELF, FimSettings(max_tokens=20), Bounds(20, None)),
        (Kind.BLOCK, BY_ITSELF, FimSettings(max_tokens=20, min_tokens=30), Bounds(20, 20)),
        (Kind.BLOCK, BY_ITSELF, FimSettings(max_tokens=1000), Bounds(256, None)),
        (Kind.BLOCK, BY_HAND, FimSettings(max_tokens=1000), Bounds(512, 1)),
        (Kind.BLOCK, BY_HAND, FimSettings(max_tokens=1), Bounds(1, 1)),
        (Kind.REST_OF_LINE, BY_ITSELF, FimSettings(min_tokens=100), Bounds(100, 100)),
        (Kind.STATEMENT, BY_ITSELF, FimSettings(min_tokens=4), Bounds(128, 4)),
        (Kind.STATEMENT, BY_HAND, FimSettings(min_tokens=4), Bounds(256, 4)),
    ],
)
def test_bounds(kind: Kind, trigger: Trigger, settings: FimSettings, expected: Bounds) -> None:
    assert bounds_for(kind, trigger, settings) == expected
