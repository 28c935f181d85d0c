"""The registry is read by the settings layer, so it must be cheap and complete."""

from __future__ import annotations

import subprocess
import sys

import pytest

from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint


def test_reading_the_registry_loads_no_http_client() -> None:
    code = "import sys, devstral_lsp.providers; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", PROVIDERS)
async def test_every_provider_can_be_made_and_goes_by_its_name(name: str) -> None:
    provider = PROVIDERS[name].build_fim(Endpoint())
    assert provider.name == PROVIDERS[name].name == name
    await provider.close()


@pytest.mark.parametrize("name", [name for name, spec in PROVIDERS.items() if spec.build_chat])
async def test_every_chat_can_be_made(name: str) -> None:
    build_chat = PROVIDERS[name].build_chat
    assert build_chat is not None
    chat = build_chat(Endpoint())
    assert chat.name == name
    await chat.close()


def test_no_host_and_no_key_variable_belongs_to_two_providers() -> None:
    hosts = [host for spec in PROVIDERS.values() for host in spec.own_hosts]
    variables = [name for spec in PROVIDERS.values() for name in spec.key_variables]
    assert len(hosts) == len(set(hosts))
    assert len(variables) == len(set(variables))


def test_a_default_address_is_one_of_the_providers_own_hosts() -> None:
    defaults = {spec.name: spec.default_base_url for spec in PROVIDERS.values()}
    for name, address in defaults.items():
        own = [f"https://{host}" for host in PROVIDERS[name].own_hosts]
        assert address in own or (address == "" and not own)
