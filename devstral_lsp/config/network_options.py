"""Build the options to reach an address by the network settings: proxy, certificates, headers,
timeouts.

A header's value is sent only to the hosts that the header names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from devstral_lsp.config.addresses import parse_origin
from devstral_lsp.config.endpoint_settings import Header, NetworkSettings
from devstral_lsp.config.key_policy import is_trusted_host
from devstral_lsp.providers.base import ConnectionOptions, Notice, Notify, Secret

LITERAL_HEADER_SOURCE = "network.headers"
"""Origin of a value written in the settings, which is therefore not secret."""


def network_options_for(
    address: str,
    network: NetworkSettings,
    whole_ms: int,
    environ: Mapping[str, str],
    notify: Notify,
) -> ConnectionOptions:
    """Options to reach `address`. `whole_ms` limits a response; a missing variable is a notice."""
    password = network.client_key_password_env
    return ConnectionOptions(
        proxy=network.proxy,
        ca_file=os.path.expanduser(network.ca_file),
        client_certificate=os.path.expanduser(network.client_certificate),
        client_key=os.path.expanduser(network.client_key),
        client_key_password=_variable(password, environ, notify) if password else None,
        headers=tuple(_headers(address, network.headers, environ, notify)),
        connect_ms=network.connect_timeout_ms,
        read_timeout_ms=network.pause_timeout_ms,
        total_timeout_ms=whole_ms,
    )


def _headers(
    address: str, headers: tuple[Header, ...], environ: Mapping[str, str], notify: Notify
) -> Iterator[tuple[str, Secret]]:
    origin = parse_origin(address)
    for header in headers:
        if is_trusted_host(origin, header.hosts):
            if header.value:
                yield header.name, Secret(header.value, LITERAL_HEADER_SOURCE)
            elif value := _variable(header.value_env, environ, notify):
                yield header.name, value


def _variable(name: str, environ: Mapping[str, str], notify: Notify) -> Secret | None:
    if value := environ.get(name, "").strip():
        return Secret(value, name)
    notify(Notice(f"variable {name}", f"The variable {name}, named in `network`, is not set."))
    return None
