"""The schema describes settings that can be made, and providers that exist."""

from __future__ import annotations

import dataclasses
import re

import pytest

from devstral_lsp.config.schema import (
    ANYONE,
    PERSONAL,
    SECTIONS,
    SETTINGS,
    TRUSTED,
    Kind,
    Settings,
)
from devstral_lsp.config.values import value_of
from devstral_lsp.providers import PROVIDERS


def test_every_field_is_described_once_and_in_order() -> None:
    keys = [f"{name}.{f.name}" for name, made in SECTIONS.items() for f in dataclasses.fields(made)]
    assert list(SETTINGS) == keys


@pytest.mark.parametrize("key", SETTINGS)
def test_a_default_is_a_value_of_its_own_kind(key: str) -> None:
    setting = SETTINGS[key]
    if setting.default is None:
        assert setting.optional
    else:
        assert value_of(setting, setting.default) == setting.default


@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_can_be_documented(key: str) -> None:
    setting = SETTINGS[key]
    assert setting.doc.endswith((".", "?"))
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", key)
    assert setting.layers in (ANYONE, PERSONAL, TRUSTED)


def test_settings_never_change() -> None:
    settings = Settings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.fim = settings.fim  # type: ignore[misc]
    assert hash(settings) == hash(Settings())


def test_the_providers_that_can_be_chosen_are_those_of_the_registry() -> None:
    assert SETTINGS["fim.provider"].choices == ("auto", *PROVIDERS)
    chatting = [name for name, spec in PROVIDERS.items() if spec.build_chat is not None]
    assert SETTINGS["chat.provider"].choices == ("auto", *chatting)


@pytest.mark.parametrize("key", SETTINGS)
def test_only_trusted_layers_choose_commands_hosts_of_trust_and_files(key: str) -> None:
    setting = SETTINGS[key]
    if setting.kind in (Kind.COMMAND, Kind.HOSTS) or key == "log.file":
        assert setting.layers == TRUSTED
    if setting.kind in (Kind.URL, Kind.VARIABLE):
        assert setting.layers == PERSONAL
