"""Parse addresses in settings strictly, compare them by origin, and advise on malformed ones.

Parsing is so strict that no two parsers can disagree on the host. Only `HttpOrigin` values are
compared to decide where a key may go, letter by letter and ignoring case: a trailing dot, another
port or a look-alike letter makes another host. Advice repeats only the scheme and host of an
address, because a query or a user name may contain a key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_HOST = r"(?P<host>[a-z0-9_](?:[a-z0-9_.-]*)|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?"
_ADDRESS = re.compile(rf"(?P<scheme>https?)://{_HOST}(?:/[!-~]*)?", re.IGNORECASE | re.ASCII)
_NAMED = re.compile(rf"(?:(?P<scheme>https?)://)?{_HOST}/?", re.IGNORECASE | re.ASCII)
_OUTSIDE_PATH = re.compile(r"[?#\\]")
_API_VERSION = re.compile(r"\?api-version=[a-z0-9.-]{1,40}\Z", re.IGNORECASE | re.ASCII)
"""Azure's query, part of all of its addresses, contains no key."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class HttpOrigin:
    """Scheme, host (lower case) and port of an address."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, in a spelling that every resolver interprets in the same
        way."""
        if self.host in ("localhost", "[::1]"):
            return True
        return re.fullmatch(r"127(\.(0|[1-9]\d{0,2})){3}", self.host) is not None

    def __str__(self) -> str:
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def parse_origin(address: str) -> HttpOrigin:
    """The origin of an http or https address; ValueError for anything unusual.

    Unusual are user names, queries except Azure's `api-version`, fragments, backslashes, whitespace
    and non-ASCII letters. An internationalized host must be in its ASCII form ("xn--…").
    """
    address = _API_VERSION.sub("", address)
    if _OUTSIDE_PATH.search(address):
        raise ValueError("a base address has no query, fragment or backslash")
    return _origin(_ADDRESS.fullmatch(address))


def parse_host(name: str) -> HttpOrigin:
    """The origin that a user means by "host", "host:port" or "http://host"; ValueError if none.

    Without a scheme it is https: sending a key unencrypted must be explicit.
    """
    return _origin(_NAMED.fullmatch(name))


def _origin(match: re.Match[str] | None) -> HttpOrigin:
    if match is None:
        raise ValueError("not the address of a host")
    scheme = (match["scheme"] or "https").lower()
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS[scheme]
    if not 0 < port < 65_536:
        raise ValueError("there is no such port")
    return HttpOrigin(scheme, match["host"].lower(), port)


_BARE = re.compile(
    r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:/\S*)?", re.IGNORECASE
)
_MAX_SUGGESTED, _MAX_EXAMINED = 60, 2000
"""Code points."""
_THIS_MACHINE = re.compile(r"(?:localhost|127\.|\[::1\]|0\.0\.0\.0)", re.IGNORECASE)


def address_advice(address: str, *, is_proxy: bool = False) -> str:
    """Further sentences about a malformed address for its author; "" if there is no advice."""
    text = address.strip()
    if not text or len(text) > _MAX_EXAMINED:
        return ""
    user_advice = _PROXY_USER if is_proxy else _WITHOUT_USER
    for applies, advice in (
        (not text.isascii(), "It holds a letter beyond ASCII: write the host in its ASCII form."),
        (any(c.isspace() for c in text), "There is whitespace in it."),
        ("\\" in text, "Write `/` for each backslash."),
        ("@" in re.split(r"[/?#]", text.partition("://")[2] or text)[0], user_advice),
        ("?" in text, "Leave out the query, from the `?` on."),
        ("#" in text, "Leave out the fragment, from the `#` on."),
    ):
        if applies:
            return f" {advice}"
    return _on_scheme(text, is_proxy=is_proxy)


_WITHOUT_USER = (
    "Leave out what stands before the `@`: a key belongs into a variable, such as the one that "
    "`api_key_env` names."
)


_PROXY_USER = (
    "Leave out what stands before the `@`, or set HTTPS_PROXY, where a user name and password may "
    "stand, in place of this."
)


def _on_scheme(text: str, *, is_proxy: bool) -> str:
    is_host = any(mark in text for mark in ".:") or text == "localhost"
    if len(text) <= _MAX_SUGGESTED and is_host and _BARE.fullmatch(text):
        scheme = "http" if is_proxy or _THIS_MACHINE.match(text) else "https"
        return f' Did you mean "{scheme}://{text}"?'
    if text.lower().startswith(("http://", "https://")):
        return _on_host(text)
    return ' It must begin with "https://", or with "http://" for a server without TLS.'


def _on_host(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return " What follows the host's `:` must be a port."
    return " The host is missing." if not parts.hostname else ""
