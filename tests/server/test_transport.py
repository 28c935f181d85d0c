"""Where the server may listen."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from devstral_lsp.errors import ConfigError
from devstral_lsp.server.transport import ListenAddress, serve_tcp
from devstral_lsp.server.websocket import serve_ws


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("2087", "127.0.0.1", 2087),
        (":0", "127.0.0.1", 0),
        ("localhost:2087", "localhost", 2087),
        ("127.9.9.9:1", "127.9.9.9", 1),
        ("[::1]:65535", "::1", 65535),
    ],
)
def test_addresses_of_the_loopback(text: str, host: str, port: int) -> None:
    assert ListenAddress.of(text) == ListenAddress(host, port)


@pytest.mark.parametrize("text", ["", "x", "1:x", "65536", "-1", "2087/tcp", "²"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="not a port"):
        ListenAddress.of(text)


@pytest.mark.parametrize(
    "text", ["0.0.0.0:1", "[::]:1", "192.168.0.1:1", "example.com:1", "localhost.evil.com:1"]
)
def test_other_hosts_are_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(ConfigError, match=r"loopback only.*SSH tunnel"):
        ListenAddress.of(text)


@pytest.mark.parametrize("serve", [serve_tcp, serve_ws])
def test_a_port_that_is_taken_is_told(serve: Callable[[ListenAddress], int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port}: Address already in use"):
            serve(ListenAddress("127.0.0.1", port))
