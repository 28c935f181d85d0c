"""Secrets in addresses, headers and command lines: `user:password@host`, `Authorization: Basic …`,
`curl -u user:password`.

Each expression is tried where a fixed text was found, and is bounded from there.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterator

from devstral_lsp.secrets.values import is_filled_in_later, is_plain, is_random

_USER = re.compile(r"[^\s\"'`<>/@:\\]{0,128}+:(?P<value>[^\s\"'`<>/\\]{1,256})@[^\s\"'`/@:]")
_USER_ALONE = re.compile(r"(?P<value>[A-Za-z0-9_-]{20,128}+)@[A-Za-z0-9]")
_SCHEME = re.compile(r"[ \t]{1,4}+[\"']?+(?P<value>[A-Za-z0-9+/=_.~%-]{8,4000}+)")
_CURL = re.compile(
    r"(?<![\w-])(?:-u|--user|--proxy-user)[ \t=]{0,4}+[\"']?+[^\s:\"']{1,64}+:"
    r"(?P<value>[^\s\"']{3,128}+)"
)
_MYSQL = re.compile(r"(?<![\w-])-p[\"']?+(?P<value>[^\s\"'=-][^\s\"']{4,128}+)")
_DASH_P = re.compile(
    r"(?<![\w-])(?:-p|-a|-w|-W|--pass)[ \t=]{0,4}+[\"']?+(?P<value>[^\s\"'=-][^\s\"']{4,128}+)"
)
_LOGIN = re.compile(r"[^\n]{0,200}?[ \t]password[ \t]{1,8}+(?P<value>\S{3,128}+)")
_AUTH = re.compile(r"[ \t]{1,4}+[\"']?+(?P<value>[^\s\"';,)]{6,128}+)")
_EXAMPLES = frozenset(
    {"pass", "password", "passwd", "passw", "pwd", "pw", "secret", "token", "user", "xxx", "foo"}
)
"""What documentation writes in the place of a password."""


def _of_address(text: str, at: int) -> re.Match[str] | None:
    match = _USER.match(text, at)
    if match is None:
        alone = _USER_ALONE.match(text, at)
        return alone if alone is not None and is_random(alone["value"]) else None
    value = match["value"]
    is_example = value.lower().strip("0123456789*_-") in _EXAMPLES and len(value) < 10
    return None if is_example or is_filled_in_later(value) else match


def _of_basic(text: str, at: int) -> re.Match[str] | None:
    """`user:password` in base64."""
    match = _SCHEME.match(text, at)
    if match is None:
        return None
    try:
        return match if b":" in b64decode(match["value"] + "===", validate=False) else None
    except (Error, ValueError):
        return None


def _of_bearer(text: str, at: int) -> re.Match[str] | None:
    match = _SCHEME.match(text, at)
    if match is None or is_filled_in_later(match["value"]):
        return None
    value = match["value"]
    has_digit = any(c.isdigit() for c in value)
    return match if has_digit and not is_plain(value) and len(set(value)) > 5 else None


def _by(pattern: re.Pattern[str]) -> Callable[[str, int], re.Match[str] | None]:
    def look(text: str, at: int) -> re.Match[str] | None:
        end = text.find("\n", at)
        match = pattern.search(text, at, min(len(text) if end < 0 else end, at + 400))
        return None if match is None or is_filled_in_later(match["value"]) else match

    return look


def _of_login(text: str, at: int) -> re.Match[str] | None:
    match = _LOGIN.match(text, at)
    return None if match is None or is_filled_in_later(match["value"]) else match


def _of_auth(text: str, at: int) -> re.Match[str] | None:
    match = _AUTH.match(text, at)
    return match if match is not None and not is_plain(match["value"]) else None


_AFTER: tuple[tuple[str, Callable[[str, int], re.Match[str] | None]], ...] = (
    ("://", _of_address),
    ("basic ", _of_basic),
    ("bearer ", _of_bearer),
    ("authorization: token ", _of_bearer),
    ("curl ", _by(_CURL)),
    ("wget ", _by(_CURL)),
    ("http ", _by(_CURL)),
    ("mysql", _by(_MYSQL)),
    ("mariadb", _by(_MYSQL)),
    ("sshpass ", _by(_DASH_P)),
    ("redis-cli ", _by(_DASH_P)),
    ("docker login ", _by(_DASH_P)),
    ("ldapsearch ", _by(_DASH_P)),
    ("machine ", _of_login),
    ("requirepass", _of_auth),
    ("masterauth", _of_auth),
)


def secrets_in_addresses(text: str, lower: str) -> Iterator[tuple[int, int]]:
    """Where a text holds them: start and end of each. `lower` is it in small letters."""
    for lead, look in _AFTER:
        at = lower.find(lead)
        while at >= 0:
            at += len(lead)
            # A blank at the lead's end belongs to what is looked for.
            match = look(text, at - (lead[-1] == " "))
            if match is not None:
                yield match.span("value")
            at = lower.find(lead, at)
