"""Where completion is switched off."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.availability import (
    LARGEST_DOCUMENT,
    disabled_reason,
    status_by_settings,
)
from devstral_lsp.completion.status import StatusKind
from devstral_lsp.config.merge import SettingsLayer, resolve
from devstral_lsp.config.problem import Effect, Problem
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.config.setting_spec import Layer
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
    reason = disabled_reason(Settings(completion=settings), snapshot)
    assert words in reason
    assert bool(reason) is bool(words)


@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        (Effect.LEFT_OUT, None),
        (Effect.KEEPS, None),
        (Effect.WAITS, StatusKind.NORMAL),
        (Effect.NARROWS, StatusKind.WARNING),
    ],
)
def test_the_status_says_why_nothing_is_sent(effect: Effect, kind: StatusKind | None) -> None:
    problem = Problem(Layer.USER, "", "It is broken.", effect)
    resolved = resolve([SettingsLayer(Layer.USER, "user", problems=(problem,))])
    status = status_by_settings(resolved, document())
    assert (status and status.kind) is kind
    assert status is None or "It is broken." in status.message


def test_that_it_is_switched_off_comes_first() -> None:
    values = {"completion.enabled": False, "context.enabled": "no"}
    status = status_by_settings(resolve([SettingsLayer(Layer.USER, "user", values)]), document())
    assert status is not None
    assert status.kind is StatusKind.INACTIVE
