"""Find secrets by name: values assigned to a password, a token, a key.

Searches for the stem of a name (`passw`, `token`, …): `DB_PASSWORD=…`, `"apiKey": "…"`,
`setPassword("…")`, `<password>…</password>`, `--token …`. The names follow gitleaks'
`generic-api-key` and the keyword plug-in of detect-secrets; the rules for values are our own.
Expressions are tried only at a stem, with possessive repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from devstral_lsp.secrets.values import (
    count_transitions,
    is_filled_in_later,
    is_noise,
    is_plain,
    is_random,
    is_reference,
    is_uuid,
)


class _Name(Enum):
    """How strong the evidence of a name is."""

    PASSWORD = 1
    """Secrets that people choose: any value but a plain word."""
    SECRET = 2
    """Secrets that are usually generated."""
    KEY = 3
    """May also be the key of a table."""


_STEMS: dict[str, _Name] = {
    **dict.fromkeys(("pass", "pwd", "identified by"), _Name.PASSWORD),
    **dict.fromkeys(("secret", "token", "cred", "jwt", "bearer", "psk", "_pat"), _Name.SECRET),
    **dict.fromkeys(
        ("key", "salt", "sig", "auth", "seed", "dsn", "cookie", "hmac", "webhook", "session"),
        _Name.KEY,
    ),
}
_PASSWORDS = ("password", "passwd", "passphrase", "passcode", "passwort")
"""Words that begin with `pass` and name a password; `pass` itself must be a word of its own."""
_KEYS_OF = tuple(
    f"{what}{join}"
    for what in ("api", "app", "access", "private", "auth", "account", "encryption", "signing",
                 "master", "shared", "storage", "license", "secret", "subscription", "service")
    for join in ("_", "-", " ", "")
)  # fmt: skip
"""Words that make a `key` secret; any other may be the key of a table."""

_NEXT_FIELD = (
    r"[\"']?+\s{0,40}+(?:</[\w-]{1,20}+>\s{0,40}+){0,2}+[,;:]?+\s{0,40}+(?:-\s++)?+<?+[\"']?+"
    r"(?:\{\s{0,40}+)?+(?:(?!(?i:value|string|content|default))[A-Za-z][\w:-]{0,30}+="
    r"\"[^\"\n]{0,100}+\"[ \t]{1,8}+){0,3}+"
    r"(?:(?i:type|description|sensitive|nullable|noecho)[\"']?+[ \t]{0,12}+[=:][^\n]{0,200}+"
    r"\n\s{0,40}+[\"']?+){0,4}+"
    r"(?i:value|string|content|default)[\"']?+\s{0,4}+[=:>]\s{0,4}+"
)
"""`name: X` and the value after it, as in Kubernetes, XML, property lists, JSON, Terraform and
CloudFormation, with lines of a type in between."""
_TYPE = (
    r"(?:\{ {0,2}get;[^}\"]{0,30}\}[ \t]{0,4}+="
    r"|:[ \t]{0,4}+(?:&'[a-z]++ )?+[&\w.<>\[\]|?*: ]{1,48}+(?<=[ \t>])=(?![=>])"
    r"|[Aa]s[ \t]{1,4}+[\w.]{1,40}+[ \t]{0,4}+=)"
)
_OPERATOR = (
    r"(?::=|=>|->|===?|!==?|\?[=:]|\+=|=|:{1,2}|\|\|=?|\|(?=[ \t]{1,20}`)|\?\?|<<-?"
    r"|\bor\b|\bis\b|,|\(|>|\{(?=[\"']))"
)
_WRAP = (
    r"(?:(?:new\s++)?+[A-Za-z_][\w.:&<>]{0,40}+\(\s{0,4}+(?:(?:default|value)[ \t]?=[ \t]?)?+"
    r"|\(\s{1,40}+(?=[\"'])|<!\[CDATA\[|[([{@&*]{1,2}+"
    r"|[bBrRuUfFLN]{1,2}+(?=[\"'])){0,2}+"
)
"""Text around a value: a call, a list, the prefix of a string."""
_REST = re.compile(
    r"(?P<rest>[\w.-]{0,40}+)(?P<closed>(?:\[\w{0,16}+\])?+[\\\"'`\])}!?*]{0,5}+)"
    rf"(?:(?P<field>{_NEXT_FIELD})"
    rf"|[ \t]{{0,20}}+(?:{_TYPE}|(?P<op>{_OPERATOR})[ \t]{{0,20}}+(?:(?:==?|,)[ \t]{{0,4}}+)?+)"
    r"[ \t]{0,20}+(?:\n[ \t]{0,40}+(?=[\"'])|[|>][-+]?\n[ \t]{1,40}+|&\w{1,40}+[ \t]{1,4}+)?+"
    r"|(?P<space>[ \t]{1,20}+(?:(?:to|as|with|by|is)[ \t]{1,4}+)?+)"
    r"|(?P<touch>(?=[\"'])))"
)
_VALUE = re.compile(
    _WRAP + r"(?:"
    r"\\[\"'`](?P<escaped>[^\"'`\\\s]{4,512}+)"
    r"|\"\"\"?(?P<long>[^\"\\\s]{4,2000}+)"
    r"|\"(?P<double>(?:[^\"\\\s]|\\[^\s]){4,2000}+)(?=\"|[ \t]*$|\\)"
    r"|'(?P<single>(?:[^'\\\s]|\\[^\s]){4,2000}+)(?='|[ \t]*$|\\)"
    r"|`{1,2}+(?P<tick>[^`\\\s]{4,2000}+)"
    r"|(?P<bare>[^\s\"'`<>{}\[\],;|\\]{6,4000}+))",
    re.MULTILINE,
)
_NAME_BEFORE = re.compile(r"[\w.-]*+$")
_WHOLE_LINE = re.compile(r"[ \t]*+(?:\#.*|//.*|\*/)?+$", re.MULTILINE)
_LINE_START = re.compile(
    r"(?:[ \t]*+\d{1,7}+│|[^\s:]{1,100}+:\d{1,7}+:)?+"
    r"[ \t]*+(?:[#/;*%-]++[ \t]++(?:[\w.]++[ \t]++){0,3}+)?+[ \t#/;*+-]*+"
    r"(?:(?:export|set|setx|ENV|ARG|env|local|declare|readonly|-[eDx])[ \t]++)*+"
    r"[\"']?+[\w.-]*+$"
)
_OF_A_FORM = re.compile(r"[A-Za-z0-9+/=_.~$%!@#^&*-]++")
_METHOD = re.compile(
    r"(?i:(?:scram|hmac|pbkdf2)?[-_]?(?:base|utf|sha|aes|rsa|ecdsa|md|hs|rs|es|ps|argon)[-_]?\d{1,4})"
    r"(?:[-_][A-Za-z0-9]{1,6}){0,2}"
)
"""Names of hashes, signatures and encodings: `md5`, `HS256`, `base64`, `scram-sha-256`."""
_INDEXED = re.compile(r"[A-Za-z_]\w*+(?:\[[-\w*?]{0,20}+\]|\.[A-Za-z_]\w*+)*+")
"""A path into a response, as in API documentation: `Shards[-1].ShardId`."""
_LOOKUP = re.compile(r"(?:[gG]et|GET|[eE]nv|ENV)[\w<>]{0,24}+\([\"']?+\Z")
"""A call with the name of a value as its argument."""
_PUBLIC = ("public", "public_", "public-", "public ")
_CURSORS = (
    *("next", "page", "pagination", "continuation", "idempotency"),
    *("client_request", "clientrequest"),
)
"""Words that make a `token` one for pagination or idempotency."""
_MAX_LEAD_LENGTH = 200
"""Code points of a line before a name."""
_MAX_NAMES = 6
"""Maximum names of one value: `token=token=…` is checked as often, then skipped."""
_CALL = re.compile(r"[A-Za-z_&*!][\w.:>-]{0,80}+[()]|[()]")
_IN_WORDS = frozenset({"pass", "pwd", "jwt", "psk", "_pat"})
"""Stems that are also part of other words."""
_JOINED = (
    "db",
    "user",
    "root",
    "admin",
    "sql",
    "redis",
    "mail",
    "smtp",
    "ftp",
    "http",
    "pg",
    "proxy",
    "store",
    "key",
)
"""Letters right before such a stem, as in `dbpass`."""
_COUNTS = re.compile(
    r"_?(?:count|limit|len|size|index|idx|type|name|kind|max|min|ttl|s|id|ids)\b", re.I
)
"""Names about secrets: `max_tokens`, `token_count`, `password_length`."""


def named_secrets(text: str, lower: str) -> Iterator[tuple[int, int]]:
    """Start and end of each value whose name says that it is secret.

    `lower` is the text in lower case, of the same length.
    """
    seen, last, tries = -1, -1, 0
    for at, end, name in _find_stems(lower):
        match = _REST.match(text, end) if at >= seen else None
        value = _VALUE.match(text, match.end()) if match is not None else None
        if match is None or value is None:
            continue
        tries = tries + 1 if at < last else 0
        last = max(last, value.end())
        if tries > _MAX_NAMES:
            seen, tries = last, 0
            continue
        group = value.lastgroup or ""
        if lower[at:end] in _IN_WORDS and not _is_part_of_name(text, at, match):
            continue
        if _is_secret(text, at, name, match, value):
            seen = value.end(group)
            yield value.span(group)


def _find_stems(lower: str) -> list[tuple[int, int, _Name]]:
    """Start and end of each stem, in order, with its evidence."""
    found = []
    for stem, name in _STEMS.items():
        at = lower.find(stem)
        while at >= 0:
            end = at + len(stem)
            if stem == "_pat" and lower[end : end + 1].isalpha():
                at = lower.find(stem, end)  # `_path`, `_pattern`
                continue
            if stem == "pass" and lower.startswith(_PASSWORDS, at):
                end += next(len(each) for each in _PASSWORDS if lower.startswith(each, at)) - 4
            found.append((at, end, _of_key(lower, at) if stem == "key" else name))
            at = lower.find(stem, end)
    found.sort(key=lambda each: each[0])
    return found


def _of_key(lower: str, at: int) -> _Name:
    is_secret = lower[max(0, at - 13) : at].endswith(_KEYS_OF)
    return _Name.SECRET if is_secret else _Name.KEY


def _is_secret(text: str, at: int, name: _Name, rest: re.Match[str], found: re.Match[str]) -> bool:
    group = found.lastgroup or ""
    value = found[group].rstrip(".,:")
    if is_filled_in_later(value) or not _OF_A_FORM.search(value) or _METHOD.fullmatch(value):
        return False
    if _is_cursor(text, at):
        return False
    if _LOOKUP.search(text, rest.end(), found.start(group)) and is_reference(
        value.replace("-", "_")
    ):
        return False
    if name is _Name.KEY:
        if is_uuid(value) or _is_public(text, at, rest, value):
            return False
        is_setting = rest["op"] == "," and "=" in value.rstrip("=")
        is_code = group == "bare" and (is_reference(value) or is_setting or _CALL.match(value))
        return _is_part_of_name(text, at, rest) and is_random(value) and not is_code
    if group == "bare":
        return _is_bare_secret(text, at, name, rest, found)
    if rest["space"] is not None and not rest["closed"] and name is not _Name.PASSWORD:
        return is_random(value)
    return _is_quoted_secret(value, name, rest)


def _is_cursor(text: str, at: int) -> bool:
    before = text[max(0, at - 16) : at].lower().rstrip("_-")
    return before.endswith(_CURSORS) and text[at : at + 5].lower() == "token"


def _is_public(text: str, at: int, rest: re.Match[str], value: str) -> bool:
    """A public key, a fingerprint, the target of a link, or the expected result of a function
    for a key."""
    is_compared = ")" in rest["closed"] and (rest["op"] or "").startswith("==")
    is_link = rest["op"] == "(" and "://" in value
    is_print = rest["rest"].lower().startswith(("fingerprint", "_fingerprint"))
    return is_compared or is_link or is_print or text[max(0, at - 7) : at].lower().endswith(_PUBLIC)


def _is_part_of_name(text: str, at: int, rest: re.Match[str]) -> bool:
    """Whether `key` is a word, or at either end of a name: not the middle of `monkeys`."""
    before = text[at - 1 : at]
    starts = not before.isalpha() or not text[at : at + 1].islower() or before.isupper()
    starts = starts or text[max(0, at - 5) : at].lower().endswith(_JOINED)
    after = rest["rest"][:1]
    return starts and (not after.isalpha() or after.isupper())


def _is_quoted_secret(value: str, name: _Name, rest: re.Match[str]) -> bool:
    if _COUNTS.fullmatch(rest["rest"]) and not is_random(value):
        return False
    if "[" in value and _INDEXED.fullmatch(value):
        return False
    if rest["op"] == "," and value == value.upper() and not is_random(value):
        return False  # in a list of names
    if is_uuid(value):
        return True
    if name is _Name.PASSWORD and not rest["rest"].strip("_-0123456789"):
        return is_made_up(value)
    if is_plain(value):
        return False
    return is_random(value, shortest=12) or (_is_mixed(value) and len(value) >= 8)


def is_made_up(value: str) -> bool:
    """Whether a value may be a password that a person chose: more than words."""
    if len(value) < 6 or value.isalpha() or "://" in value:
        return False
    if any(c.isdigit() for c in value) and any(c.isalpha() for c in value):
        return not (is_plain(value) and ("_" in value or "." in value or "/" in value))
    return not is_plain(value) and _is_mixed(value)


def _is_mixed(value: str) -> bool:
    """Whether it mixes letters with digits, or with signs that do not occur in words."""
    digits = any(c.isdigit() for c in value)
    letters = any(c.isalpha() for c in value)
    signs = any(not c.isalnum() and c not in "-_./: " for c in value)
    return letters + digits + signs >= 2 and len(set(value)) >= 5 and (digits or letters)


def _is_bare_secret(
    text: str, at: int, name: _Name, rest: re.Match[str], found: re.Match[str]
) -> bool:
    """Without quotes most values are code, so the evidence must be strong."""
    value = found["bare"].rstrip(".,:")
    end = found.end()
    setting = _setting(text, at, rest, end)
    needed = _Setting.LINE if name is _Name.PASSWORD else _Setting.TIGHT
    if (rest["op"] == ">" or rest["field"]) and text[end : end + 1] in ("<", "]"):
        return _is_quoted_secret(value, name, rest)
    if "." in value and "passw" in value.lower() and is_reference(value):
        return False  # `var.smtp_password`
    is_jumble = setting is _Setting.TIGHT and (
        count_transitions(value) * 4 >= len(value) or is_noise(value)
    )
    if (_CALL.match(value) and not is_jumble) or (
        is_reference(value) and setting.value < needed.value
    ):
        return False
    if rest["op"] in ("(", ",", "or", "is", "->", "+=", "<<"):
        return is_random(value) and "." not in value and "=" not in value.rstrip("=")
    if is_random(value, shortest=20) and not is_plain(value):
        return text[end : end + 1] not in ("(", "[")
    if is_plain(value) and not (name is _Name.PASSWORD and any(c.isdigit() for c in value)):
        return False
    return setting is not _Setting.NONE and (
        is_made_up(value) if name is _Name.PASSWORD else _is_mixed(value) and len(value) >= 8
    )


class _Setting(Enum):
    """How likely an unquoted value is a setting and not code."""

    NONE = 0
    LINE = 1
    """The line only sets a value, as in YAML and INI files."""
    TIGHT = 2
    """The same without whitespace, as in `.env` files, addresses and connection strings."""


def _setting(text: str, at: int, rest: re.Match[str], end: int) -> _Setting:
    start = text.rfind("\n", max(0, at - _MAX_LEAD_LENGTH), at) + 1 or max(0, at - _MAX_LEAD_LENGTH)
    before = text[start:at]
    inside = text[at - len(_name_before(before)) - 1 : at - len(_name_before(before))]
    is_closed = text[end : end + 1] in (";", inside) and inside in ('"', "'")
    if inside in ("?", "&", ";") or (is_closed and rest["op"] in ("=", ":")):
        return _Setting.TIGHT
    if rest["field"]:
        return _Setting.LINE if _WHOLE_LINE.match(text, end) else _Setting.NONE
    if rest["op"] is None:
        is_option = "login" in before or "machine" in before or before.rstrip().endswith("-")
        is_option = is_option or _name_before(before).startswith("-")
        is_option = is_option or before.lstrip().startswith(("ENV ", "setx "))
        return _Setting.TIGHT if is_option else _Setting.NONE
    is_tight = text[rest.start("op") - 1] not in " \t" and rest["op"] == "="
    if not _LINE_START.match(before) or not _WHOLE_LINE.match(text, end):
        is_argument = is_tight and inside in ("", " ", "\t") and text[end : end + 1] in ("", " ")
        return _Setting.LINE if is_argument else _Setting.NONE
    if is_tight:
        return _Setting.TIGHT
    return _Setting.LINE if rest["op"] in (":", "=", ":=") else _Setting.NONE


def _name_before(before: str) -> str:
    match = _NAME_BEFORE.search(before[-64:])
    return match[0] if match else ""
