"""Reading the addresses in the settings, so strictly that no two parsers can disagree on the host.

Whoever decides where a key may go compares `Origin` values and nothing else. A host is compared
letter by letter, without regard to case: a trailing dot, another port or a look-alike letter makes
another host. Knows no setting, no provider and no key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HOST = r"(?P<host>[a-z0-9_](?:[a-z0-9_.-]*)|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?"
_ADDRESS = re.compile(rf"(?P<scheme>https?)://{_HOST}(?:/[!-~]*)?", re.IGNORECASE | re.ASCII)
_NAMED = re.compile(rf"(?:(?P<scheme>https?)://)?{_HOST}/?", re.IGNORECASE | re.ASCII)
_OUTSIDE_PATH = re.compile(r"[?#\\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host (lower case) and port of an address."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """This machine, in a spelling that every resolver agrees on."""
        if self.host in ("localhost", "[::1]"):
            return True
        return re.fullmatch(r"127(\.(0|[1-9]\d{0,2})){3}", self.host) is not None

    def __str__(self) -> str:
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def parse_origin(address: str) -> Origin:
    """The origin of an http or https address; ValueError for anything out of the ordinary.

    User names, queries, fragments, backslashes, blanks and letters beyond ASCII are out of the
    ordinary. An internationalised host is written in its ASCII form ("xn--…").
    """
    if _OUTSIDE_PATH.search(address):
        raise ValueError("a base address has no query, fragment or backslash")
    return _origin(_ADDRESS.fullmatch(address))


def parse_host(name: str) -> Origin:
    """The origin that a user means by "host", "host:port" or "http://host"; ValueError if none.

    Without a scheme it is https: who wants a key to travel in the clear must say so.
    """
    return _origin(_NAMED.fullmatch(name))


def _origin(match: re.Match[str] | None) -> Origin:
    if match is None:
        raise ValueError("not the address of a host")
    scheme = (match["scheme"] or "https").lower()
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS[scheme]
    if not 0 < port < 65_536:
        raise ValueError("there is no such port")
    return Origin(scheme, match["host"].lower(), port)
