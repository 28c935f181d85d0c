"""What "auto" comes to."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from devstral_lsp.config.auto_provider import resolve_chat_provider, resolve_fim_provider
from devstral_lsp.config.schema import ChatSettings, FimSettings

M, C = {"MISTRAL_API_KEY": "m"}, {"CODESTRAL_API_KEY": "c"}

FIM: list[tuple[FimSettings, Mapping[str, str], str]] = [
    (FimSettings(), {}, "local"),
    (FimSettings(), {"MISTRAL_API_KEY": " "}, "local"),
    (FimSettings(), M, "mistral"),
    (FimSettings(), C, "codestral"),
    (FimSettings(), {**M, **C}, "mistral"),
    (FimSettings(), {"MISTRAL_API_KEY": "<your-key>", **C}, "codestral"),
    (FimSettings(provider="local"), {**M, **C}, "local"),
    (FimSettings(provider="mistral"), C, "mistral"),
    (FimSettings(base_url="http://localhost:8080"), {}, "mistral"),
    (FimSettings(base_url="http://localhost:8080"), C, "mistral"),
    (FimSettings(base_url="https://CODESTRAL.mistral.ai/v1"), M, "codestral"),
    (FimSettings(base_url="https://api.eu.mistral.ai"), C, "mistral"),
    (FimSettings(api_key_env="CORP"), {"CORP": "x", **C}, "mistral"),
    (FimSettings(api_key_env="CORP"), C, "codestral"),
    (FimSettings(api_key_env="MISTRAL_API_KEY"), {**M, **C}, "mistral"),
    (FimSettings(api_key_command=("pass",)), {}, "mistral"),
    (FimSettings(api_key_command=("pass",)), C, "codestral"),
]


@pytest.mark.parametrize(("fim", "environ", "provider"), FIM)
def test_fim(fim: FimSettings, environ: Mapping[str, str], provider: str) -> None:
    assert resolve_fim_provider(fim, environ) == provider


CHAT: list[tuple[ChatSettings, Mapping[str, str], str | None]] = [
    (ChatSettings(), {}, None),
    (ChatSettings(), C, "codestral"),
    (ChatSettings(), {**M, **C}, "mistral"),
    (ChatSettings(provider="codestral"), M, "codestral"),
    (ChatSettings(base_url="http://localhost:8080"), C, "mistral"),
]


@pytest.mark.parametrize(("chat", "environ", "provider"), CHAT)
def test_chat(chat: ChatSettings, environ: Mapping[str, str], provider: str | None) -> None:
    assert resolve_chat_provider(chat, environ) == provider


def test_the_keyring_is_asked_last() -> None:
    asked: list[str] = []

    def is_stored(provider: str) -> bool:
        asked.append(provider)
        return provider == "mistral"

    assert resolve_fim_provider(FimSettings(), C, is_stored) == "codestral"
    assert asked == []
    assert resolve_fim_provider(FimSettings(), {}, is_stored) == "mistral"
    assert asked == ["mistral"]
