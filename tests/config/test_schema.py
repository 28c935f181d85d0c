"""The schema describes settings that can be made, and providers that exist."""

from __future__ import annotations

import dataclasses
import re

import pytest

from devstral_lsp.config.schema import SECTIONS, SETTINGS, Settings
from devstral_lsp.config.setting import ANYONE, PERSONAL, TRUSTED, Kind, Setting
from devstral_lsp.config.values import value_of
from devstral_lsp.providers import PROVIDERS

FILES = ("log.file", "network.ca_file", "network.client_certificate", "network.client_key")


def test_every_field_is_described_once_and_in_order() -> None:
    keys = [f"{name}.{f.name}" for name, made in SECTIONS.items() for f in dataclasses.fields(made)]
    assert list(SETTINGS) == keys


@pytest.mark.parametrize("key", SETTINGS)
def test_a_default_is_a_value_of_its_own_kind(key: str) -> None:
    setting = SETTINGS[key]
    if setting.default is None:
        assert setting.optional
    else:
        assert value_of(setting, setting.default) == (setting.default, [])


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
    assert SETTINGS["fim.fallbacks"].inner["provider"].choices == (*PROVIDERS,)
    chatting = [name for name, spec in PROVIDERS.items() if spec.build_chat is not None]
    assert SETTINGS["chat.provider"].choices == ("auto", *chatting)
    assert SETTINGS["chat.fallbacks"].inner["provider"].choices == (*chatting,)


@pytest.mark.parametrize("key", SETTINGS)
def test_only_trusted_layers_choose_commands_hosts_of_trust_and_files(key: str) -> None:
    setting = SETTINGS[key]
    if setting.kind in (Kind.COMMAND, Kind.HOSTS) or key in FILES:
        assert setting.layers == TRUSTED
    if setting.kind in (Kind.URL, Kind.URLS, Kind.VARIABLE):
        assert setting.layers <= PERSONAL


@pytest.mark.parametrize("key", ["network.proxy", "network.headers", *FILES])
def test_only_trusted_layers_say_which_way_requests_go(key: str) -> None:
    assert SETTINGS[key].layers == TRUSTED


TABLES = [setting for setting in SETTINGS.values() if setting.kind is Kind.TABLES]


@pytest.mark.parametrize("setting", TABLES, ids=lambda setting: setting.key)
def test_a_table_sets_nothing_that_could_not_be_set_by_itself(setting: Setting) -> None:
    assert setting.inner
    for name, inner in setting.inner.items():
        alone = SETTINGS.get(f"{setting.section}.{name}")
        assert inner.layers <= setting.layers
        assert alone is None or inner.layers <= alone.layers
        assert inner.kind is not Kind.TABLES
        assert setting.lone in ("", *setting.inner)
