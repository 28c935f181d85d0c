"""From what somebody wrote to the value of a setting, or to a sentence that says what was expected.

Values come as TOML and JSON give them; the environment's strings are first brought into that form.
Knows no layers and reads nothing. What looks like a key is never repeated in a sentence.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devstral_lsp.config.advice import ALL, LIST_BEGUN, advice_for, flag_of_text
from devstral_lsp.config.exclusion import fault_of
from devstral_lsp.config.origin import parse_host, parse_origin
from devstral_lsp.config.setting_spec import SettingSpec, SettingType
from devstral_lsp.config.words import near, same
from devstral_lsp.errors import ConfigError

_LONGEST_SHOWN = 40
_KEY_LIKE = re.compile(r"[A-Za-z0-9+/=_-]{20,}|://(?:(?!://)[^\s@?])*+[@?]")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_KEY_NOT_VARIABLE = re.compile(r"[A-Za-z0-9]{20,}", re.ASCII)


ValueCheck = Callable[[SettingSpec, Any], None]
"""Raises ConfigError for a value that may not stand where it does."""


def parse_value(
    setting: SettingSpec, raw: object, allow: ValueCheck = lambda setting, value: None
) -> tuple[Any, list[ConfigError]]:
    """The value that `raw` (from TOML or JSON) gives to `setting`, and all that is wrong with it.

    The value is None if nothing of `raw` can be used. Entries of a list count one by one: those
    that cannot be used leave the others be. A sentence tells what is expected, and shows what
    stands there if that is harmless. `allow` is asked about the value, and about each in a table.
    """
    try:
        if setting.kind in _LISTS:
            value, faults = _entries(setting, raw, allow)
        else:
            value, faults = _plain(setting, raw), []
        if value is not None:
            allow(setting, value)
    except ConfigError as error:
        return None, [error]
    return value, faults


def _plain(setting: SettingSpec, raw: object) -> Any:
    try:
        value = _READERS[setting.kind](raw)
    except (TypeError, ValueError):
        raise _invalid(setting, raw) from None
    if setting.choices:
        value = same(value, setting.choices)
        if not value:
            raise _invalid(setting, raw)
    if setting.within and not setting.within.minimum <= value <= setting.within.maximum:
        raise _invalid(setting, raw)
    return value


def _entries(
    setting: SettingSpec, raw: object, allow: ValueCheck
) -> tuple[tuple[Any, ...] | None, list[ConfigError]]:
    """Those that can be used; None if there are others only, so that what was set before stays.

    One string in the place of a list of strings is a list of that one.
    """
    if isinstance(raw, str) and raw.strip() and setting.kind in _ENTRIES:
        raw = _entries_of_text(setting, raw)
    if not isinstance(raw, list | tuple):
        raise _invalid(setting, raw)
    kept: list[Any] = []
    faults: list[ConfigError] = []
    for number, each in enumerate(raw, 1):
        entry, wrong = _entry(setting, each, allow)
        if entry is not None:
            kept += entry if setting.kind is SettingType.LANGUAGES else [entry]
        faults += [ConfigError(f"entry {number} {fault}") for fault in wrong]
    return tuple(kept) if kept or not faults else None, faults


def _entries_of_text(setting: SettingSpec, text: str) -> object:
    """The entries of a list that stands in one string. One that has only begun stays a string."""
    if setting.kind not in _WITHOUT_COMMAS and not LIST_BEGUN.match(text):
        return [text]
    try:
        return _list_of_text(text)
    except (ValueError, RecursionError):
        return text


def _entry(setting: SettingSpec, raw: object, allow: ValueCheck) -> tuple[Any, list[ConfigError]]:
    """One entry of a list; None if it cannot be used."""
    try:
        if setting.kind is SettingType.TABLES:
            return _row(setting, raw, allow)
        return _ENTRIES[setting.kind](raw), []
    except ConfigError as error:
        return None, [error]
    except (TypeError, ValueError):
        told = f"must be {_EXPECTED_ENTRIES[setting.kind]}, not {_shown(raw)}."
        return None, [ConfigError(told + advice_for(setting, raw))]


def _row(setting: SettingSpec, raw: object, allow: ValueCheck) -> tuple[Any, list[ConfigError]]:
    """One table, None if a part of it cannot be used: without that it would say something else."""
    if isinstance(raw, str) and setting.lone:
        raw = {setting.lone: raw}
    if not isinstance(raw, Mapping):
        raise ConfigError(f"must be a table, not {_shown(raw)}.")
    parts, faults = _parts(setting, raw, allow)
    missing = [
        name for name, each in setting.item_fields.items() if each.required and name not in parts
    ]
    if missing:
        faults.append(ConfigError(f"needs `{'` and `'.join(missing)}`."))
    if missing or None in parts.values() or setting.row is None:
        return None, faults
    try:
        return setting.row(**parts), faults
    except ConfigError as error:
        return None, [*faults, error]


def _parts(
    setting: SettingSpec, table: Mapping[Any, object], allow: ValueCheck
) -> tuple[dict[str, Any], list[ConfigError]]:
    """What a table holds by its names; None for what cannot be used."""
    parts: dict[str, Any] = {}
    faults: list[ConfigError] = []
    for name, raw in (
        (to_snake_case(str(name)), raw) for name, raw in table.items() if raw is not None
    ):
        if name not in setting.item_fields:
            parts[name] = None
            faults.append(ConfigError(_unknown(name, setting.item_fields)))
            continue
        parts[name], wrong = parse_value(setting.item_fields[name], raw, allow)
        faults += [ConfigError(f"`{name}` {fault}") for fault in wrong]
    return parts, faults


def _unknown(name: str, known: Iterable[str]) -> str:
    # What is written there may be a key to an account.
    if close := near(name, known):
        return f"has a part that is no setting. Did you mean `{close}`?"
    return f"has a part that is no setting: there are `{'`, `'.join(known)}`."


def to_snake_case(name: str) -> str:
    """ "maxTokens", "max-tokens" and "max_tokens" are one name."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def decode_env_value(setting: SettingSpec, text: str) -> object:
    """An environment variable's text in the form that TOML would give: numbers, flags, lists.

    A text that does not fit stays as it is, for `parse_value` to complain about.
    """
    try:
        return _TEXT_READERS.get(setting.kind, str)(text)
    except (ValueError, RecursionError):  # the latter from JSON that is nested too deeply
        return text


def describe_expected(setting: SettingSpec) -> str:
    """What a value must be, in words: "a whole number of tokens from 1 to 4096"."""
    if setting.choices:
        return "one of " + ", ".join(f'"{choice}"' for choice in setting.choices)
    if setting.within is None:
        return setting.kind.value
    unit = f" of {setting.within.unit}" if setting.within.unit else ""
    low, high = setting.within.minimum, setting.within.maximum
    return f"{setting.kind.value}{unit} from {low:.12g} to {high:.12g}"


def _invalid(setting: SettingSpec, raw: object) -> ConfigError:
    told = f"must be {describe_expected(setting)}, not {_shown(raw)}."
    return ConfigError(told + advice_for(setting, raw))


def _shown(raw: object) -> str:
    """`raw` for a sentence, or only its type where it is long or might be a key."""
    if isinstance(raw, str | float) or (isinstance(raw, int) and abs(raw) < 2**64):
        shown = json.dumps(raw)
        if len(shown) <= _LONGEST_SHOWN and not _KEY_LIKE.search(shown):
            return shown
    names = {str: "this string", Mapping: "a group of settings", list: "this list"}
    return next((name for kind, name in names.items() if isinstance(raw, kind)), "this value")


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise TypeError
    return raw


def _whole(raw: object) -> int:
    number = _number(raw)
    if not number.is_integer():  # JSON knows one kind of number: 256.0 is 256
        raise ValueError
    return int(number)


def _number(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise TypeError
    if abs(raw) > 2**53 or not math.isfinite(raw):
        raise ValueError
    return float(raw)


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw.strip()


def _word(raw: object) -> str:
    """Blanks stay, since a stop string may be one; an empty string would match everywhere."""
    if not isinstance(raw, str) or not raw:
        raise TypeError
    return raw


_LANGUAGE = re.compile(r"[\w+#./-]+")


def _language(raw: object) -> tuple[str, ...]:
    """The ids that a word stands for. A slip in it would leave its language switched on."""
    from devstral_lsp.languages import language_ids_of_word, misspelt_language  # not at start-up

    word = _word(raw)
    ids = language_ids_of_word(word)
    if not _LANGUAGE.fullmatch(ids[0]) or ids[0] in ALL or misspelt_language(word):
        raise ValueError
    return ids


def _pattern(raw: object) -> str:
    """A pattern that can fit a file: what it should keep back would be sent otherwise."""
    pattern = _word(raw)
    if not pattern.strip() or fault_of(pattern):
        raise ValueError
    return pattern


def _command(raw: object) -> tuple[str, ...]:
    """Whole or not at all: without one of its arguments it would be another command."""
    if isinstance(raw, str):
        return tuple(shlex.split(raw))
    if not isinstance(raw, list | tuple):
        raise TypeError
    return tuple(_word(each) for each in raw)


def _host(raw: object) -> str:
    host = _word(raw).strip()
    parse_host(host)
    return host


def _address(raw: object) -> str:
    address = _word(raw).strip()
    parse_origin(address)
    return address


def _url(raw: object) -> str:
    """An address, or none."""
    return _address(raw) if _text(raw) else ""


def _variable(raw: object) -> str:
    """A variable's name. A key pasted in its place must not end up in a sentence about it."""
    name = _text(raw)
    if name and (not _VARIABLE.fullmatch(name) or _KEY_NOT_VARIABLE.fullmatch(name)):
        raise ValueError
    return name


_READERS: Mapping[SettingType, Callable[[object], Any]] = {
    SettingType.FLAG: _flag,
    SettingType.WHOLE: _whole,
    SettingType.NUMBER: _number,
    SettingType.TEXT: _text,
    SettingType.COMMAND: _command,
    SettingType.URL: _url,
    SettingType.VARIABLE: _variable,
}

_ENTRIES: Mapping[SettingType, Callable[[object], Any]] = {
    SettingType.LIST: _word,
    SettingType.PATTERNS: _pattern,
    SettingType.LANGUAGES: _language,
    SettingType.HOSTS: _host,
    SettingType.URLS: _address,
}
_EXPECTED_ENTRIES: Mapping[SettingType, str] = {
    SettingType.LIST: "a string with something in it",
    SettingType.PATTERNS: "a pattern of names, such as `*.sql`",
    SettingType.LANGUAGES: "a language id",
    SettingType.HOSTS: 'a host ("host", "host:port" or "http://host")',
    SettingType.URLS: SettingType.URL.value,
}
_LISTS = frozenset({SettingType.TABLES, *_ENTRIES})
_WITHOUT_COMMAS = frozenset(
    {SettingType.LANGUAGES, SettingType.PATTERNS, SettingType.HOSTS, SettingType.URLS}
)
"""Kinds of which one string may hold several, with commas between them, as a variable does."""


def _list_of_text(text: str) -> object:
    if text.lstrip().startswith("["):
        return json.loads(text)
    return [part.strip() for part in text.split(",") if part.strip()]


def _command_of_text(text: str) -> object:
    return json.loads(text) if text.lstrip().startswith("[") else text


_TEXT_READERS: Mapping[SettingType, Callable[[str], object]] = {
    SettingType.FLAG: flag_of_text,
    SettingType.WHOLE: int,
    SettingType.NUMBER: float,
    SettingType.LIST: _list_of_text,
    SettingType.PATTERNS: _list_of_text,
    SettingType.LANGUAGES: _list_of_text,
    SettingType.COMMAND: _command_of_text,
    SettingType.HOSTS: _list_of_text,
    SettingType.URLS: _list_of_text,
    SettingType.TABLES: _list_of_text,
}
