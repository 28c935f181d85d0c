"""Find secrets in addresses, headers and command lines: `user:password@host`, `Authorization: Basic
…`, `curl -u user:password`.

Each expression is tried only after a literal lead, within a bounded length.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterator

from devstral_lsp.secrets.named import is_made_up
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
_LOGIN = re.compile(
    r"(?:[^\n]{0,200}?[ \t]|[ \t]{1,8}+\S{1,200}+\s{1,40}+login\s{1,8}+\S{1,128}+\s{1,40}+)"
    r"password[ \t]{1,8}+(?P<value>\S{3,128}+)"
)
_AUTH = re.compile(r"[ \t]{1,4}+[\"']?+(?P<value>[^\s\"';,)]{6,128}+)")
_QUOTED = r"[\"'](?P<value>[^\s\"'\\]{4,128}+)[\"']"
_SECURE_STRING = re.compile(r"[ \t]{1,4}+(?:-string[ \t]{1,4}+)?+" + _QUOTED, re.IGNORECASE)
_ORACLE = re.compile(r"[a-z0-9]{1,12}+:[\w$#]{1,64}+/(?P<value>[^\s\"'@/]{3,128}+)@")
_HTPASSWD = re.compile(
    r"(?:[ \t]{0,4}+-[a-zA-Z]{1,8}+){1,6}+(?:[ \t]{1,4}+[^\s-]\S{0,200}+){1,2}+"
    r"[ \t]{1,4}+[\"']?+(?P<value>[^\s\"']{3,128}+)"
)
_NET_USE = re.compile(r"/user:\S{1,128}+[ \t]{1,4}+(?P<value>[^\s/][^\s]{3,128}+)", re.I)
_STDIN = re.compile(
    r"[ \t]{0,4}+[\"']?+(?P<value>[^\s\"'|$]{4,512}+)[\"']?+[ \t]{0,4}+\|[^\n]{0,120}?-stdin"
)
"""Text piped to a command's standard input: `echo … | docker login --password-stdin`."""
_SIGNED = re.compile(r"(?P<value>[0-9A-Fa-f]{32,1024}+)")
_PGPASS = re.compile(r"[\w*-]{1,64}+:[\w*.-]{1,64}+:(?P<value>[^\s\"':]{3,128}+)(?=\s|$)")
_PGPASS_OF_ALL = re.compile(r"[\w*.-]{1,64}+:(?P<value>[^\s\"':]{3,128}+)(?=\s|$)")
_SHA = re.compile(r"(?P<value>[A-Za-z0-9+/]{27,}+=*+)")
_OF_COMPOSER = re.compile(
    r"[\"']\s{0,8}+:\s{0,8}+\{\s{0,80}+[\"'][\w.-]{1,80}+[\"']\s{0,8}+:\s{0,8}+"
    r"[\"'](?P<value>[\w-]{20,128}+)[\"']"
)
_BEFORE_HOST = re.compile(r"(?<![\w.-])[\w.-]{1,64}+:(?P<value>[^\s\"'`:/@]{3,128}+)@\Z")
_ARGUMENT = re.compile(r"[\"'](?P<value>[^\"'\n\\]{0,200}+)[\"']")
_MAX_CALL_LENGTH = 300
_EXAMPLES = frozenset(
    {"pass", "password", "passwd", "passw", "pwd", "pw", "secret", "token", "user", "xxx", "foo"}
)
"""Example passwords in documentation."""


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


def _right_after(pattern: re.Pattern[str]) -> Callable[[str, int], re.Match[str] | None]:
    def look(text: str, at: int) -> re.Match[str] | None:
        match = pattern.match(text, at)
        return None if match is None or is_filled_in_later(match["value"]) else match

    return look


def _of_auth(text: str, at: int) -> re.Match[str] | None:
    match = _AUTH.match(text, at)
    return match if match is not None and not is_plain(match["value"]) else None


def _of_call(text: str, at: int) -> re.Match[str] | None:
    """The password among the arguments of a login or connection: `login("me", "…")`."""
    ends = (each for each in (text.find("\n", at), text.find(")", at)) if each >= 0)
    end = min(at + _MAX_CALL_LENGTH, *ends, len(text))
    arguments = list(_ARGUMENT.finditer(text, at, end))
    return next((each for each in arguments[1:] if _is_password(each["value"])), None)


def _is_password(value: str) -> bool:
    is_word = " " in value or "=" in value or is_plain(value)
    return not is_filled_in_later(value) and is_made_up(value) and not is_word


_CONNECTING = (
    *("getconnection(", "new pdo(", "mysqli_connect(", "new mysqli(", ".login(", "auth=("),
    *("credential(", "credentials(", "basicauth(", "basic_auth(", "passwordauthentication("),
)
"""Calls whose arguments are a user and then a password."""


def _of_data_source(text: str, at: int) -> re.Match[str] | None:
    """`user:password` before `@tcp(host:3306)`, as in Go's drivers."""
    end = text.rfind("@", 0, at) + 1
    match = _BEFORE_HOST.search(text, max(0, end - 200), end)
    return None if match is None or is_filled_in_later(match["value"]) else match


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
    ("machine ", _right_after(_LOGIN)),
    ("requirepass", _of_auth),
    ("masterauth", _of_auth),
    ("jdbc:oracle:", _by(_ORACLE)),
    ("@tcp(", _of_data_source),
    ("@unix(", _of_data_source),
    (":5432:", _by(_PGPASS)),
    (":*:*:", _PGPASS_OF_ALL.match),
    ("{sha}", _SHA.match),
    ("{ssha}", _SHA.match),
    ("github-oauth", _OF_COMPOSER.match),
    ("gitlab-token", _OF_COMPOSER.match),
    ("-setcookie ", _of_auth),
    ("htpasswd ", _by(_HTPASSWD)),
    ("net use ", _by(_NET_USE)),
    ("echo ", _right_after(_STDIN)),
    ("-signature=", _by(_SIGNED)),
    ("convertto-securestring", _by(_SECURE_STRING)),
    *((lead, _of_call) for lead in _CONNECTING),
)


def secrets_in_addresses(text: str, lower: str) -> Iterator[tuple[int, int]]:
    """Start and end of each secret. `lower` is the text in lower case."""
    for lead, look in _AFTER:
        at = lower.find(lead)
        while at >= 0:
            at += len(lead)
            # The space at the end of a lead is part of the expression.
            match = look(text, at - (lead[-1] == " "))
            if match is not None:
                yield match.span("value")
            at = lower.find(lead, at)
