"""The registry is read by the settings layer, so it must be cheap and complete."""

from __future__ import annotations

import subprocess
import sys

import pytest

from devstral_lsp.config.addresses import parse_host, parse_origin
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


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_default_address_is_on_this_machine_or_an_own_host(name: str) -> None:
    spec = PROVIDERS[name]
    if not spec.default_base_url:
        return
    origin = parse_origin(spec.default_base_url)
    own = {parse_host(host) for host in spec.own_hosts}
    assert origin.is_loopback or origin in own


@pytest.mark.parametrize("name", [name for name, spec in PROVIDERS.items() if spec.needs_key])
def test_who_needs_a_key_has_a_variable_for_it_and_an_address(name: str) -> None:
    assert PROVIDERS[name].key_variables
    assert PROVIDERS[name].default_base_url
