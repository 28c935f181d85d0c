"""The schema describes settings that can be made, and providers that exist."""

from __future__ import annotations

import dataclasses
import re

import pytest

from devstral_lsp.config import setting_types as types
from devstral_lsp.config.parse_value import parse_value
from devstral_lsp.config.schema import SECTIONS, SETTING_SPECS, Settings
from devstral_lsp.config.setting_spec import NOT_PROJECT, TRUSTED_LAYERS, Layer, SettingSpec
from devstral_lsp.providers import PROVIDERS

FILES = ("log.file", "network.ca_file", "network.client_certificate", "network.client_key")


def test_every_field_is_described_once_and_in_order() -> None:
    keys = [f"{name}.{f.name}" for name, made in SECTIONS.items() for f in dataclasses.fields(made)]
    assert list(SETTING_SPECS) == keys


@pytest.mark.parametrize("key", SETTING_SPECS)
def test_a_default_is_a_value_of_its_own_kind(key: str) -> None:
    setting = SETTING_SPECS[key]
    if setting.default is None:
        assert setting.optional
    else:
        assert parse_value(setting, setting.default) == (setting.default, [])


@pytest.mark.parametrize("key", SETTING_SPECS)
def test_a_setting_can_be_documented(key: str) -> None:
    setting = SETTING_SPECS[key]
    assert setting.doc.endswith((".", "?"))
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", key)
    assert setting.layers in (frozenset(Layer) - {Layer.DEFAULT}, NOT_PROJECT, TRUSTED_LAYERS)


def test_settings_never_change() -> None:
    settings = Settings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.fim = settings.fim  # type: ignore[misc]
    assert hash(settings) == hash(Settings())


def test_the_providers_that_can_be_chosen_are_those_of_the_registry() -> None:
    assert SETTING_SPECS["fim.provider"].choices == ("auto", *PROVIDERS)
    assert SETTING_SPECS["fim.fallbacks"].item_fields["provider"].choices == (*PROVIDERS,)
    chatting = [name for name, spec in PROVIDERS.items() if spec.build_chat is not None]
    assert SETTING_SPECS["chat.provider"].choices == ("auto", *chatting)
    assert SETTING_SPECS["chat.fallbacks"].item_fields["provider"].choices == (*chatting,)


@pytest.mark.parametrize("key", SETTING_SPECS)
def test_only_trusted_layers_choose_commands_hosts_of_trust_and_files(key: str) -> None:
    setting = SETTING_SPECS[key]
    if setting.value_type in (types.COMMAND, types.HOSTS) or key in FILES:
        assert setting.layers == TRUSTED_LAYERS
    if setting.value_type in (
        types.URL,
        types.PROXY_URL,
        types.URLS,
        types.VARIABLE,
    ):
        assert setting.layers <= NOT_PROJECT


@pytest.mark.parametrize("key", ["network.proxy", "network.headers", *FILES])
def test_only_trusted_layers_say_which_way_requests_go(key: str) -> None:
    assert SETTING_SPECS[key].layers == TRUSTED_LAYERS


TABLES = [setting for setting in SETTING_SPECS.values() if setting.value_type is types.TABLES]


@pytest.mark.parametrize("setting", TABLES, ids=lambda setting: setting.key)
def test_a_table_sets_nothing_that_could_not_be_set_by_itself(setting: SettingSpec) -> None:
    assert setting.item_fields
    for name, inner in setting.item_fields.items():
        alone = SETTING_SPECS.get(f"{setting.section}.{name}")
        assert inner.layers <= setting.layers
        assert alone is None or inner.layers <= alone.layers
        assert inner.value_type is not types.TABLES
        assert setting.shorthand_field in ("", *setting.item_fields)
