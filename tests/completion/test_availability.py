"""Where completion is switched off."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.availability import (
    MAX_DOCUMENT_LENGTH,
    disabled_reason,
    silence_of_settings,
    status_by_settings,
)
from devstral_lsp.completion.status import StatusKind
from devstral_lsp.completion.types import TriggerKind
from devstral_lsp.config.merge import SettingsLayer, resolve
from devstral_lsp.config.problem import Effect, Problem
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.syntax.reparser import Reparser
from devstral_lsp.text import Snapshot, Text
from tests.support.scripted import request_at

ON, OFF = CompletionSettings(), CompletionSettings(enabled=False)
MODE_OFF = CompletionSettings(mode="off")
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
        (MODE_OFF, None, "switched off"),
        (CompletionSettings(mode="on request"), document(), ""),
        (NOT_GO, None, ""),
        (NOT_GO, document("python"), ""),
        (NOT_GO, document("go"), "switched off for go"),
        (ON, document(text="x" * MAX_DOCUMENT_LENGTH), ""),
        (ON, document(text="x" * (MAX_DOCUMENT_LENGTH + 1)), "5,000,000 characters"),
    ],
)
def test_why_not(settings: CompletionSettings, snapshot: Snapshot | None, words: str) -> None:
    reason = disabled_reason(Settings(completion=settings), snapshot)
    assert words in reason
    assert bool(reason) is bool(words)


BESIDE_CODE = CompletionSettings(disabled_in=("comments", "strings"))
NO_COMMENTS = CompletionSettings(disabled_in=("comments",))
ON_REQUEST = CompletionSettings(mode="on request")


@pytest.mark.parametrize(
    ("settings", "marked", "language", "silent"),
    [
        (ON, "# say│\n", "python", False),
        (NO_COMMENTS, "# say│\n", "python", True),
        (NO_COMMENTS, "x = 1│\n", "python", False),
        (NO_COMMENTS, "x = 'say│'\n", "python", False),
        (BESIDE_CODE, "x = 'say│'\n", "python", True),
        (BESIDE_CODE, "x = 'say│\n", "python", True),
        (BESIDE_CODE, "x = f'{va│}'\n", "python", False),
        (BESIDE_CODE, '"""Module│\n"""\n', "python", True),
        (BESIDE_CODE, "const x = `say│`;\n", "typescript", True),
        (BESIDE_CODE, "const x = `say ${va│}`;\n", "typescript", False),
        (BESIDE_CODE, "/* say│ */ int x;\n", "c", True),
        (BESIDE_CODE, "/* said */│ int x;\n", "c", False),
        (BESIDE_CODE, "int x; // say│\n", "rust", True),
        (BESIDE_CODE, "say│\n", "plaintext", False),
        (ON_REQUEST, "x = │\n", "python", True),
        (OFF, "x = │\n", "python", True),
    ],
)
def test_where_nothing_comes_unasked(
    settings: CompletionSettings, marked: str, language: str, silent: bool
) -> None:
    request = request_at(marked, language=language)
    assert bool(silence_of_settings(Settings(completion=settings), request, Reparser())) is silent
    by_hand = request_at(marked, language=language, trigger=TriggerKind.INVOKED)
    is_off = settings is OFF
    assert bool(silence_of_settings(Settings(completion=settings), by_hand, Reparser())) is is_off


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
