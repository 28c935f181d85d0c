"""Creates the httpx client of an endpoint (proxy, TLS, connections), and maps its errors."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Callable, Iterator
from functools import cache

import httpx

from devstral_lsp.errors import EndpointUnreachable, ProviderError, Unauthorized
from devstral_lsp.providers.base import ConnectionOptions, Secret
from devstral_lsp.providers.http.cancellation import install_stream_reset
from devstral_lsp.providers.http.proxy import is_this_machine, proxy_for

_GARBLED = re.compile("illegal|malformed|no response line|Receive buffer too long")
"""How h11, which reads HTTP/1.1 for httpx, begins to say that it is none."""

_IN_BETWEEN = (
    "If that goes on, check the network and what stands in between: a VPN, a proxy, a firewall."
)

KEEP_ALIVE_S = 240.0
"""How long an idle connection is kept: as long as a developer pauses between edits."""

_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def create_client(base_url: str, link: ConnectionOptions, connect_s: float) -> httpx.AsyncClient:
    """A client for `base_url` alone, whose only timeout is `connect_s` seconds for a connection.

    Raises EndpointUnreachable where a file for TLS or a proxy cannot be used, and InvalidURL.
    """
    try:
        return _client(parse_url(base_url), link, connect_s)
    except (ValueError, ImportError):  # the latter for SOCKS, which httpx knows as an extra
        raise EndpointUnreachable(
            "The proxy that is set cannot be used: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY or "
            "network.proxy must be an address that begins with http://, https:// or socks5://."
        ) from None
    except OSError as error:
        raise EndpointUnreachable(
            "The certificate authorities to trust cannot be read "
            f"({type(error).__name__}): check SSL_CERT_FILE and SSL_CERT_DIR."
        ) from None


def _client(url: httpx.URL, link: ConnectionOptions, connect_s: float) -> httpx.AsyncClient:
    proxy = proxy_for(url.scheme, url.host, url.port, link.proxy)
    has_tls = url.scheme == "https" or proxy.startswith("https:")
    context = _tls(link, is_local=is_this_machine(url.host)) if has_tls else _trusting_none()
    return httpx.AsyncClient(
        http2=install_stream_reset(),
        verify=context,
        proxy=httpx.Proxy(proxy, ssl_context=_for_proxy(proxy, context)) if proxy else None,
        # The proxy has been chosen above.
        trust_env=False,
        timeout=httpx.Timeout(None, connect=connect_s, pool=connect_s),
        limits=httpx.Limits(max_keepalive_connections=4, keepalive_expiry=KEEP_ALIVE_S),
        # A key must not travel to wherever an endpoint points.
        follow_redirects=False,
    )


def _for_proxy(proxy: str, context: ssl.SSLContext) -> ssl.SSLContext | None:
    """The proxy's own TLS, which a proxy without TLS must not be given."""
    return context if proxy.startswith("https:") else None


def _tls(link: ConnectionOptions, *, is_local: bool) -> ssl.SSLContext:
    """The authorities to trust, and the client certificate.

    A server on this machine whose authority is named does without the store of public ones.
    """
    if not (link.ca_file or link.client_certificate):
        return _default_context(*(os.environ.get(name, "") for name in _AUTHORITIES))
    try:
        context = httpx.create_ssl_context()
    except OSError:
        if not (is_local and link.ca_file):
            raise
        context = _trusting_none()
    if link.ca_file:
        _load("network.ca_file", lambda: context.load_verify_locations(link.ca_file))
    if link.client_certificate:
        _load("network.client_certificate", lambda: _load_client_certificate(context, link))
    return context


def _trusting_none() -> ssl.SSLContext:
    """A context that verifies certificates and knows no authority: reading them takes 20 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


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


def map_transport_error(
    error: Exception, base_url: str, link: ConnectionOptions, connect_s: float
) -> ProviderError:
    """The error for a failure to reach the host of `base_url`, without httpx's own text."""
    host = display_host(base_url)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) and not _has_tls_cause(error):
        url = parse_url(base_url)
        if proxy_for(url.scheme, url.host, url.port, link.proxy):
            return EndpointUnreachable(
                f"No connection to the proxy on the way to {host}: check HTTPS_PROXY, HTTP_PROXY, "
                "ALL_PROXY or network.proxy, or add the host to NO_PROXY."
            )
    return EndpointUnreachable(_sentence(error, base_url, host, connect_s))


def broken_answer_error(host: str) -> EndpointUnreachable:
    """The error for a connection that broke after `host` had sent a part of its answer."""
    return EndpointUnreachable(f"The connection to {host} broke within its answer. {_IN_BETWEEN}")


def _has_tls_cause(error: Exception) -> bool:
    return any(isinstance(each, ssl.SSLError) for each in _causes(error))


def _sentence(error: Exception, base_url: str, host: str, connect_s: float) -> str:
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return "base_url is not an address: it must begin with https:// or http://."
    if isinstance(error, httpx.TimeoutException):
        asked = ", and does the server speak TLS" if base_url.lower().startswith("https:") else ""
        return f"No connection to {host} within {connect_s:g} s: is the network up{asked}?"
    if isinstance(error, httpx.ProxyError):
        return _proxy_sentence(str(error), host)
    tls = next((each for each in _causes(error) if isinstance(each, ssl.SSLError)), None)
    if tls is not None:
        return _tls_sentence(tls, host)
    if isinstance(error, httpx.ConnectError):
        if is_this_machine(parse_url(base_url).host):
            return (
                f"No server listens at {host}, which is this machine: start it, or set base_url to "
                "where it listens."
            )
        return f"No connection to {host}: check the network and base_url."
    is_garbled = isinstance(error, httpx.RemoteProtocolError) and _GARBLED.match(str(error))
    what = f"The connection to {host} broke."
    if is_garbled:
        what = f"{host} did not answer in HTTP: check the port in base_url."
    other_scheme = ""
    if base_url.lower().startswith("http:"):
        other_scheme = " Or the server speaks TLS: base_url must begin with https:// then."
    return f"{what} {_IN_BETWEEN}{other_scheme}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


_EXPIRED, _NOT_YET_VALID = 10, 9
_OTHER_NAME = (62, 64)
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED, _CERT_NOT_YET_VALID, _HOSTNAME_MISMATCH and
_IP_ADDRESS_MISMATCH."""


def _tls_sentence(error: ssl.SSLError, host: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_sentence(error.verify_code, host)
    reason = error.reason or ""
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return f"{host} does not speak TLS: base_url must begin with http:// there."
    if "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason:
        return (
            f"{host} refused the TLS connection. If it asks for a certificate of yours, name it as "
            "network.client_certificate."
        )
    return (
        f"No TLS connection to {host}: check base_url, and whether a proxy or a firewall stands in "
        "between."
    )


def _certificate_sentence(verify_code: int, host: str) -> str:
    if verify_code == _EXPIRED:
        return (
            f"The certificate of {host} has expired: its operator must renew it. If it has not, "
            "this machine's clock is wrong."
        )
    if verify_code == _NOT_YET_VALID:
        return (
            f"The certificate of {host} is not valid yet: is this machine's clock right? If it is, "
            "the server's operator must replace the certificate."
        )
    if verify_code in _OTHER_NAME:
        return (
            f"The certificate that came from {host} is for another name: set base_url to the name "
            "in the certificate, or check whether a login page or a proxy answers in its place."
        )
    return (
        f"The certificate of {host} is not trusted here. If your company's proxy opens TLS, or "
        "the server has a certificate of its own making, name its authority's certificate as "
        "network.ca_file."
    )


def _proxy_sentence(status_line: str, host: str) -> str:
    """From httpcore's "407 Proxy Authentication Required", or what a SOCKS proxy replied."""
    status = status_line.partition(" ")[0]
    if status == "407":
        return (
            f"The proxy on the way to {host} asks for a user name and password: set HTTPS_PROXY to "
            "http://user:password@host:port."
        )
    if status == "403":
        return (
            f"The proxy does not allow connections to {host}: ask its operator to allow that host."
        )
    if status in ("502", "503", "504"):
        return (
            f"The proxy cannot reach {host} (status {status}): check base_url, or add the host to "
            "NO_PROXY if it is in your own network."
        )
    return f"The proxy on the way to {host} refused: check HTTPS_PROXY, or network.proxy."


def header_value(key: Secret, *, allows_spaces: bool = False) -> str:
    """The key as a header can carry it. Raises Unauthorized, without the key."""
    value = key.reveal().strip()
    if value.isascii() and value.isprintable() and (allows_spaces or " " not in value):
        return value
    raise Unauthorized(
        f"The key from {key.source} holds characters that no key has: copy it again, alone."
    )
