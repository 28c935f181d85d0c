"""The types of settings: how each is parsed, described in messages and in a JSON schema.

Values come as parsed TOML or JSON; the text of an environment variable is converted to that form
first. Parsing raises TypeError or ValueError, without the value in its message.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from typing import Any

from devstral_lsp.config.addresses import address_advice, parse_host, parse_origin
from devstral_lsp.secrets.key_like import may_be_key

Command = tuple[str, ...]
"""A program and its arguments, run without a shell. May be written as one string."""
Hosts = tuple[str, ...]
"""Hosts, each as `host`, `host:port` or `http://host`."""
Urls = tuple[str, ...]
"""Addresses, each like a `Url`."""
Languages = tuple[str, ...]
"""LSP language ids, in lower case."""
Surroundings = tuple[str, ...]
"""Kinds of text around a cursor: "comments", "strings"."""
Patterns = tuple[str, ...]
"""Patterns of file and folder names, as in `privacy.exclude`."""
Url = str
"""An http or https address without user, query or fragment; empty for "the provider's own"."""
ProxyUrl = str
"""The same for a proxy; empty for that of the environment."""
FlagOrAuto = bool | str
"""True, False or "auto"."""
Variable = str
"""The name of an environment variable."""


def list_of_text(text: str) -> object:
    """The entries in one string: a JSON list, or words between commas. Raises ValueError."""
    if text.lstrip().startswith("["):
        return json.loads(text)
    return [part.strip() for part in text.split(",") if part.strip()]


@dataclass(frozen=True, slots=True)
class SettingType:
    """A type of value. `annotation` is its annotation in the schema's dataclasses.

    `description` names it in messages, `short_description` in the table of settings. `parse`
    validates and converts a value, `parse_text` the text of an environment variable. `advise`
    returns further sentences about an invalid string, each with a leading space; "" for none.
    `is_destination` marks types that decide where code and keys are sent.
    """

    annotation: str
    description: str
    parse: Callable[[object], Any]
    _: KW_ONLY
    json_type: str = "string"
    short_description: str = ""
    parse_text: Callable[[str], object] = str
    advise: Callable[[str], str] = lambda raw: ""
    is_destination: bool = False


@dataclass(frozen=True, slots=True)
class ListType(SettingType):
    """A list. `parse` converts one entry, or returns a tuple if an entry means several.

    A string instead of a list is a list of one entry or, with `splits_text`, of the entries between
    its commas.
    """

    json_type: str = "array"
    parse_text: Callable[[str], object] = list_of_text
    entry_description: str = ""
    splits_text: bool = True


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise TypeError
    return raw


AUTO = "auto"

_FLAG_WORDS = {
    "true": True, "yes": True, "on": True, "1": True,
    "false": False, "no": False, "off": False, "0": False,
}  # fmt: skip


def _flag_of_text(text: str) -> object:
    return _FLAG_WORDS.get(text.strip().lower(), text)


def _flag_advice(raw: str) -> str:
    flag = _flag_of_text(raw)
    return f" Write {str(flag).lower()}, without quotes." if isinstance(flag, bool) else ""


def _integer(raw: object) -> int:
    number = _number(raw)
    if not number.is_integer():  # JSON has one kind of number: 256.0 is 256
        raise ValueError
    return int(number)


def _number(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise TypeError
    if abs(raw) > 2**53 or not math.isfinite(raw):
        raise ValueError
    return float(raw)


def _string(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw.strip()


def _entry(raw: object) -> str:
    """Keeps whitespace, of which a stop sequence may consist. "" would match everywhere."""
    if not isinstance(raw, str) or not raw:
        raise TypeError
    return raw


_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def _variable(raw: object) -> str:
    """A variable's name. A key pasted in its place must not end up in a message about it."""
    name = _string(raw)
    is_key = name.isalnum() and may_be_key(name)
    if name and (not _VARIABLE.fullmatch(name) or is_key):
        raise ValueError
    return name


def _address(raw: object) -> str:
    address = _entry(raw).strip()
    parse_origin(address)
    return address


def _host(raw: object) -> str:
    host = _entry(raw).strip()
    parse_host(host)
    return host


def _command(raw: object) -> tuple[str, ...]:
    """Valid only as a whole: without one of its arguments it would be another command."""
    if isinstance(raw, str):
        return tuple(shlex.split(raw))
    if not isinstance(raw, list | tuple):
        raise TypeError
    return tuple(_entry(each) for each in raw)


def _command_of_text(text: str) -> object:
    return json.loads(text) if text.lstrip().startswith("[") else text


_LANGUAGE = re.compile(r"[\w+#./-]+")
_ALL_LANGUAGES = ("all", "any", "every", "everything")
"""Words that mean all languages, and name none."""


def _languages(raw: object) -> tuple[str, ...]:
    """The ids that a word means. A misspelt one would leave its language switched on."""
    from devstral_lsp.languages import language_ids_of_word, misspelt_language  # not at start-up

    word = _entry(raw)
    ids = language_ids_of_word(word)
    if not _LANGUAGE.fullmatch(ids[0]) or ids[0] in _ALL_LANGUAGES or misspelt_language(word):
        raise ValueError
    return ids


def _language_advice(raw: str) -> str:
    from devstral_lsp.languages import misspelt_language  # not at start-up

    if raw.strip(" *.").lower() in ("", *_ALL_LANGUAGES):
        return " To have nothing offered at all, set completion.enabled to false."
    if len(re.split(r"[\s;:|]+", raw.strip())) > 1:
        return " Write one entry for each language."
    word = misspelt_language(raw)
    return f' Did you mean "{word}"?' if word else ""


_SURROUNDINGS = ("comments", "strings")


def _surrounding(raw: object) -> str:
    """Accepts the singular as well."""
    word = _entry(raw).strip().lower()
    return _SURROUNDINGS[_SURROUNDINGS.index(word if word.endswith("s") else f"{word}s")]


_LIKE_A_SHELL = "Write it as in a shell, such as `*.sql`: it is no regular expression."
_PATTERN_FAULTS = tuple(
    (re.compile(pattern, re.DOTALL), advice)
    for pattern, advice in (
        (r"\s|.*\s\Z", "Leave out the whitespace around it."),
        (r"!", "It can only add: what is excluded is not taken back."),
        (r"(?:re|regex|glob|file):|\^|.*\$\Z|.*\\[.]", _LIKE_A_SHELL),
        (r"~|[A-Za-z]:[\\/]", "Paths begin at the workspace folder."),
        (r"[^\[]*[,;:]", "Write one entry for each pattern."),
        (r"[^{]*+\{[^}]*+\}", "Braces are not known: write one entry for each pattern."),
        (r"\.{1,2}/|.*/\.{1,2}(?:/|\Z)", "Leave out each `.` and `..` between slashes."),
        (r"[\"'`]|.*[\"'`]\Z", "Leave out the quotes within it."),
        (r"[^\[]*\[[^\]]*\Z", "The bracket is not closed."),
    )
)
"""Syntax that other programs accept in a pattern, and that matches no file here."""


def _pattern_advice(raw: str) -> str:
    found = (advice for fits, advice in _PATTERN_FAULTS if fits.match(raw))
    return next((f" {advice}" for advice in found), "")


def _pattern(raw: object) -> str:
    """A pattern that can match a file: one that cannot would let through what it should exclude."""
    pattern = _entry(raw)
    if not pattern.strip() or _pattern_advice(pattern):
        raise ValueError
    return pattern


_NO_EXTRAS = "without user name, query or fragment"
_HOST_FORMS = '("host", "host:port" or "http://host")'

FLAG = SettingType(
    "bool",
    "true or false",
    _flag,
    json_type="boolean",
    parse_text=_flag_of_text,
    advise=_flag_advice,
)
FLAG_OR_AUTO = replace(
    FLAG,
    annotation="FlagOrAuto",
    description='true, false or "auto"',
    parse=lambda raw: raw if raw == AUTO else _flag(raw),
)
INTEGER = SettingType("int", "a whole number", _integer, json_type="integer", parse_text=int)
NUMBER = SettingType("float", "a number", _number, json_type="number", parse_text=float)
STRING = SettingType("str", "a string", _string)
VARIABLE = SettingType(
    "Variable", "the name of an environment variable", _variable, is_destination=True
)
URL = SettingType(
    "Url",
    f"an http or https address {_NO_EXTRAS}",
    lambda raw: _address(raw) if _string(raw) else "",
    short_description="address",
    advise=address_advice,
    is_destination=True,
)
PROXY_URL = replace(URL, annotation="ProxyUrl", advise=partial(address_advice, is_proxy=True))
COMMAND = SettingType(
    "Command",
    "a list of strings, or one string",
    _command,
    json_type="array",
    parse_text=_command_of_text,
    is_destination=True,
)
STRINGS = ListType(
    "tuple[str, ...]",
    "a list of strings",
    _entry,
    entry_description="a string with something in it",
    splits_text=False,
)
PATTERNS = ListType(
    "Patterns",
    "a list of patterns",
    _pattern,
    advise=_pattern_advice,
    entry_description="a pattern of names, such as `*.sql`",
)
SURROUNDINGS = ListType(
    "Surroundings",
    "a list of `comments` and `strings`",
    _surrounding,
    entry_description='"comments" or "strings"',
)
LANGUAGES = ListType(
    "Languages",
    "a list of language ids",
    _languages,
    advise=_language_advice,
    entry_description="a language id",
)
HOSTS = ListType(
    "Hosts",
    f"a list of hosts {_HOST_FORMS}",
    _host,
    is_destination=True,
    entry_description=f"a host {_HOST_FORMS}",
)
URLS = ListType(
    "Urls",
    f"a list of http or https addresses {_NO_EXTRAS}",
    _address,
    short_description="a list of addresses",
    advise=address_advice,
    is_destination=True,
    entry_description=URL.description,
)
TABLES = ListType(
    # `parse_value` parses tables, by their `item_fields`.
    "",
    "a list of tables",
    lambda raw: raw,
    is_destination=True,
    entry_description="a table",
)

SETTING_TYPES: tuple[SettingType, ...] = (
    *(FLAG, FLAG_OR_AUTO, INTEGER, NUMBER, STRING, VARIABLE, URL, PROXY_URL, COMMAND),
    *(STRINGS, PATTERNS, LANGUAGES, SURROUNDINGS, HOSTS, URLS, TABLES),
)
