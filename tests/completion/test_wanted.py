"""Where completion is switched off."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.wanted import LARGEST_DOCUMENT, why_not
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.text import Snapshot, Text

ON, OFF = CompletionSettings(), CompletionSettings(enabled=False)
NOT_GO = CompletionSettings(disabled_languages=("go", "yaml"))


def document(language: str = "go", text: str = "") -> Snapshot:
    return Snapshot("file:///a", 1, language, Text.of(text))


@pytest.mark.parametrize(
    ("settings", "snapshot", "words"),
    [
        (ON, None, ""),
        (ON, document(), ""),
        (OFF, None, "switched off"),
        (OFF, document(), "switched off"),
        (NOT_GO, None, ""),
        (NOT_GO, document("python"), ""),
        (NOT_GO, document("go"), "switched off for go"),
        (ON, document(text="x" * LARGEST_DOCUMENT), ""),
        (ON, document(text="x" * (LARGEST_DOCUMENT + 1)), "5,000,000 characters"),
    ],
)
def test_why_not(settings: CompletionSettings, snapshot: Snapshot | None, words: str) -> None:
    reason = why_not(Settings(completion=settings), snapshot)
    assert words in reason
    assert bool(reason) is bool(words)
