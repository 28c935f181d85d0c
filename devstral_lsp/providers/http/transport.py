"""Creates the httpx client of an endpoint (proxy, TLS, connections), and maps its errors."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from functools import cache

import httpx

from devstral_lsp.errors import EndpointUnreachable, ProviderError
from devstral_lsp.providers.base import ConnectionOptions
from devstral_lsp.providers.http.cancellation import install_stream_reset

KEEP_ALIVE_S = 240.0
"""How long an idle connection is kept: as long as a developer pauses between edits."""

_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


def create_client(link: ConnectionOptions, connect_s: float) -> httpx.AsyncClient:
    """A client whose only timeout is `connect_s` seconds for a connection.

    Raises EndpointUnreachable where a file for TLS or a proxy cannot be used.
    """
    try:
        return _client(link, connect_s)
    except (ValueError, ImportError):  # the latter for SOCKS, which httpx knows as an extra
        raise EndpointUnreachable(
            "The proxy that is set cannot be used: HTTPS_PROXY, ALL_PROXY or network.proxy must "
            "be an address that begins with http:// or https://."
        ) from None
    except OSError as error:
        raise EndpointUnreachable(
            "The certificate authorities to trust cannot be read "
            f"({type(error).__name__}): check SSL_CERT_FILE and SSL_CERT_DIR."
        ) from None


def _client(link: ConnectionOptions, connect_s: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        http2=install_stream_reset(),
        verify=_tls(link),
        proxy=link.proxy or None,
        timeout=httpx.Timeout(None, connect=connect_s, pool=connect_s),
        limits=httpx.Limits(max_keepalive_connections=4, keepalive_expiry=KEEP_ALIVE_S),
        # A key must not travel to wherever an endpoint points.
        follow_redirects=False,
        # A proxy is for the outside, not for this machine.
        mounts=dict.fromkeys(_LOOPBACK),
    )


def _tls(link: ConnectionOptions) -> ssl.SSLContext:
    """The authorities to trust, and the client certificate."""
    if not (link.ca_file or link.client_certificate):
        return _default_context(*(os.environ.get(name, "") for name in _AUTHORITIES))
    context = httpx.create_ssl_context()
    if link.ca_file:
        _load("network.ca_file", lambda: context.load_verify_locations(link.ca_file))
    if link.client_certificate:
        _load("network.client_certificate", lambda: _load_client_certificate(context, link))
    return context


@cache
def _default_context(*_: str) -> ssl.SSLContext:
    """The default context, created once for all endpoints: that takes some 20 ms.

    The arguments are the values of the variables _AUTHORITIES, which httpx reads.
    """
    return httpx.create_ssl_context()


def _load_client_certificate(context: ssl.SSLContext, link: ConnectionOptions) -> None:
    secret = link.client_key_password
    # Without a password OpenSSL would ask for it on the terminal.
    password = secret.reveal() if secret is not None else ""
    context.load_cert_chain(link.client_certificate, link.client_key or None, password)


def _load(setting: str, load: Callable[[], None]) -> None:
    try:
        load()
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise EndpointUnreachable(
            f"The file named by {setting} cannot be used ({type(error).__name__}): it must be a "
            "readable PEM file."
        ) from None


def parse_url(url: str) -> httpx.URL:
    """Parse an address. Raises InvalidURL, also for a host that is no domain, which httpx finds out
    only when the host is read."""
    try:
        address = httpx.URL(url)
        _ = address.host
    except UnicodeError as error:
        raise httpx.InvalidURL(type(error).__name__) from None
    return address


def display_host(base_url: str) -> str:
    """Host and port, for messages; never the credentials that an address may hold."""
    try:
        url = parse_url(base_url)
    except httpx.InvalidURL:
        return "the endpoint"
    return (f"{url.host}:{url.port}" if url.port else url.host) or "the endpoint"


def map_transport_error(error: Exception, host: str, connect_s: float) -> ProviderError:
    """The error for a failure to reach `host`, without httpx's own text."""
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return EndpointUnreachable(
            "base_url is not an address: it must begin with https:// or http://."
        )
    if isinstance(error, httpx.TimeoutException):
        return EndpointUnreachable(
            f"No connection to {host} within {connect_s:g} s: is the network up?"
        )
    if isinstance(error, httpx.ProxyError):
        return EndpointUnreachable(
            f"The proxy on the way to {host} refused: check HTTPS_PROXY, or network.proxy."
        )
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE" in str(error):
        return EndpointUnreachable(
            f"The certificate of {host} is not trusted here. If your company's proxy opens TLS, or "
            "the server has a certificate of its own making, name its authority's certificate as "
            "network.ca_file."
        )
    if isinstance(error, httpx.ConnectError):
        return EndpointUnreachable(f"No connection to {host}: check the network and base_url.")
    return EndpointUnreachable(f"The connection to {host} broke.")
