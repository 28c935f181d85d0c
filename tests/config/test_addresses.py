"""Where an address leads is read as the HTTP client will read it, or not at all."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.config.addresses import HttpOrigin, parse_host, parse_origin

_HOSTS = ["api.mistral.ai", "evil.example", "[::1]", "127.0.0.1", "localhost", "xn--", "USER"]
_TAILS = ["@", ":", "/", "\\", "?", "#", "..", ".", "%2f", "%40", ":443", ":80", ":8080", "//", "_",
          "\t", " ", "\u3002", "ａ", "а", "-", ";", "&", "\x00"]  # fmt: skip
_ADDRESSES = st.builds(
    lambda scheme, host, rest: scheme + host + "".join(rest),
    st.sampled_from(["http://", "HTTPS://"]),
    st.sampled_from(_HOSTS),
    st.lists(st.sampled_from(_TAILS + _HOSTS), max_size=4),
)


@given(_ADDRESSES)
def test_the_http_client_goes_where_we_say(address: str) -> None:
    try:
        ours = parse_origin(address)
    except ValueError:
        return  # it is never asked
    split = urlsplit(address)
    assert split.hostname == ours.host.strip("[]")
    assert (split.port or ours.port) == ours.port
    try:
        theirs = httpx.URL(address)
    except httpx.InvalidURL:
        return  # it goes nowhere
    named = theirs.raw_host.decode("ascii")
    host = f"[{named}]" if ":" in named else named
    port = theirs.port or (443 if theirs.scheme == "https" else 80)
    assert HttpOrigin(theirs.scheme, host, port) == ours
    assert not theirs.userinfo


@pytest.mark.parametrize(
    ("query", "is_taken"),
    [
        ("?api-version=2024-06-01", True),
        ("?api-version=preview", True),
        ("?api-version=", False),
        ("?key=abc", False),
        ("?api-version=1&key=abc", False),
        ("?key=abc&api-version=1", False),
        ("?api-version=1#x", False),
        ("?api-version=1\n", False),
    ],
)
def test_the_only_query_is_azures_version(query: str, is_taken: bool) -> None:
    address = f"https://r.azure.com/openai/deployments/gpt{query}"
    if is_taken:
        assert str(parse_origin(address)) == "https://r.azure.com"
    else:
        with pytest.raises(ValueError, match="no query"):
            parse_origin(address)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Gateway.Corp", "https://gateway.corp"),
        ("gateway.corp:443", "https://gateway.corp"),
        ("http://gateway.corp:443/", "http://gateway.corp:443"),
        ("llm_server:8080", "https://llm_server:8080"),
    ],
)
def test_a_host_is_meant_with_tls_unless_said_otherwise(name: str, shown: str) -> None:
    assert str(parse_host(name)) == shown
    assert parse_host(shown) == parse_host(name)


@pytest.mark.parametrize(
    ("address", "is_loopback"),
    [
        ("http://localhost", True),
        ("http://LOCALHOST:1", True),
        ("http://127.0.0.1", True),
        ("http://127.255.1.9:80", True),
        ("http://[::1]:8080", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://127.1", False),
        ("http://0127.0.0.1", False),
        ("http://127.0.0.01", False),
        ("http://2130706433", False),
        ("http://0.0.0.0", False),
        ("http://[::ffff:127.0.0.1]", False),
        ("http://localhost.", False),
        ("http://mylocalhost", False),
    ],
)
def test_loopback_is_only_what_every_resolver_agrees_on(address: str, is_loopback: bool) -> None:
    assert parse_origin(address).is_loopback is is_loopback
