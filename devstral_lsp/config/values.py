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

from devstral_lsp.config.hosts import origin_of_address, origin_of_host
from devstral_lsp.config.setting import Kind, Setting
from devstral_lsp.errors import ConfigError

_LONGEST_SHOWN = 40
_KEY_LIKE = re.compile(r"[A-Za-z0-9+/=_-]{20,}|://\S*[@?]")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_KEY_NOT_VARIABLE = re.compile(r"[A-Za-z0-9]{20,}", re.ASCII)
_WORDS_FOR_FLAGS = {
    "true": True, "yes": True, "on": True, "1": True,
    "false": False, "no": False, "off": False, "0": False,
}  # fmt: skip


Allow = Callable[[Setting, Any], None]
"""Raises ConfigError for a value that may not stand where it does."""


def value_of(setting: Setting, raw: object, allow: Allow = lambda setting, value: None) -> Any:
    """The value that `raw` (from TOML or JSON) gives to `setting`.

    Raises ConfigError, whose sentence tells what is expected and shows `raw` if that is harmless.
    `allow` is asked about it, and about each value within tables.
    """
    value = _tables(setting, raw, allow) if setting.kind is Kind.TABLES else _plain(setting, raw)
    allow(setting, value)
    return value


def _plain(setting: Setting, raw: object) -> Any:
    try:
        value = _READERS[setting.kind](raw)
    except (TypeError, ValueError):
        raise _unfit(setting, raw) from None
    if setting.choices and value not in setting.choices:
        raise _unfit(setting, raw)
    if setting.within and not setting.within.minimum <= value <= setting.within.maximum:
        raise _unfit(setting, raw)
    return value


def rows_of(
    setting: Setting, raw: object, allow: Allow = lambda setting, value: None
) -> tuple[tuple[Any, ...], list[ConfigError]]:
    """Those of the tables in `raw` that can be used, and what is wrong with the others.

    Raises ConfigError if `raw` is no list. `allow` is asked as in `value_of`.
    """
    if not isinstance(raw, list | tuple):
        raise _unfit(setting, raw)
    rows, errors = [], []
    for number, each in enumerate(raw, 1):
        try:
            rows.append(_row(setting, number, each, allow))
        except ConfigError as error:
            errors.append(error)
    return tuple(rows), errors


def _tables(setting: Setting, raw: object, allow: Allow) -> tuple[Any, ...]:
    if not isinstance(raw, list | tuple):
        raise _unfit(setting, raw)
    return tuple(_row(setting, number, each, allow) for number, each in enumerate(raw, 1))


def _row(setting: Setting, number: int, raw: object, allow: Allow) -> Any:
    """One table; a ConfigError of something in it says the how manieth it is."""
    if isinstance(raw, str) and setting.lone:
        raw = {setting.lone: raw}
    try:
        if not isinstance(raw, Mapping):
            raise ConfigError(f"must be a table, not {_shown(raw)}.")
        values = {snake(str(name)): value for name, value in raw.items() if value is not None}
        return _made(setting, values, allow)
    except ConfigError as error:
        raise ConfigError(f"entry {number} {error}") from None


def _made(setting: Setting, values: Mapping[str, object], allow: Allow) -> Any:
    made = {}
    for name, value in values.items():
        if name not in setting.inner:
            raise ConfigError(_unknown(name, setting.inner))
        try:
            made[name] = value_of(setting.inner[name], value, allow)
        except ConfigError as error:
            raise ConfigError(f"`{name}` {error}") from None
    missing = [name for name, each in setting.inner.items() if each.required and name not in made]
    if missing or setting.row is None:
        raise ConfigError(f"needs `{'` and `'.join(missing)}`.")
    return setting.row(**made)


def _unknown(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # not at start-up: most people mistype nothing

    near = get_close_matches(name, known, n=1, cutoff=0.6)
    # What is written there may be a key to an account.
    return (
        f"has a part that is no setting. Did you mean `{near[0]}`?"
        if near
        else (f"has a part that is no setting: there are `{'`, `'.join(known)}`.")
    )


def snake(name: str) -> str:
    """ "maxTokens", "max-tokens" and "max_tokens" are one name."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def raw_of_text(setting: Setting, text: str) -> object:
    """An environment variable's text in the form that TOML would give: numbers, flags, lists.

    A text that does not fit stays as it is, for `value_of` to complain about.
    """
    try:
        return _TEXT_READERS.get(setting.kind, str)(text)
    except (ValueError, RecursionError):  # the latter from JSON that is nested too deeply
        return text


def expectation(setting: Setting) -> str:
    """What a value must be, in words: "a whole number of tokens from 1 to 4096"."""
    if setting.choices:
        return "one of " + ", ".join(f'"{choice}"' for choice in setting.choices)
    if setting.within is None:
        return setting.kind.value
    unit = f" of {setting.within.unit}" if setting.within.unit else ""
    low, high = setting.within.minimum, setting.within.maximum
    return f"{setting.kind.value}{unit} from {low:.12g} to {high:.12g}"


def _unfit(setting: Setting, raw: object) -> ConfigError:
    return ConfigError(f"must be {expectation(setting)}, not {_shown(raw)}.")


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


def _list(raw: object) -> tuple[str, ...]:
    """Blanks stay, since a stop string may be one; empty strings would match everywhere."""
    if not isinstance(raw, list | tuple):
        raise TypeError
    if not all(isinstance(item, str) and item for item in raw):
        raise TypeError
    return tuple(raw)


def _command(raw: object) -> tuple[str, ...]:
    return tuple(shlex.split(raw)) if isinstance(raw, str) else _list(raw)


def _hosts(raw: object) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in _list(raw))
    for host in hosts:
        origin_of_host(host)
    return hosts


def _url(raw: object) -> str:
    address = _text(raw)
    if address:
        origin_of_address(address)
    return address


def _urls(raw: object) -> tuple[str, ...]:
    return tuple(_url(address) for address in _list(raw))


def _variable(raw: object) -> str:
    """A variable's name. A key pasted in its place must not end up in a sentence about it."""
    name = _text(raw)
    if name and (not _VARIABLE.fullmatch(name) or _KEY_NOT_VARIABLE.fullmatch(name)):
        raise ValueError
    return name


_READERS: Mapping[Kind, Callable[[object], Any]] = {
    Kind.FLAG: _flag,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.LIST: _list,
    Kind.COMMAND: _command,
    Kind.HOSTS: _hosts,
    Kind.URL: _url,
    Kind.URLS: _urls,
    Kind.VARIABLE: _variable,
}


def _flag_of_text(text: str) -> object:
    return _WORDS_FOR_FLAGS.get(text.strip().lower(), text)


def _list_of_text(text: str) -> object:
    if text.lstrip().startswith("["):
        return json.loads(text)
    return [part.strip() for part in text.split(",") if part.strip()]


def _command_of_text(text: str) -> object:
    return json.loads(text) if text.lstrip().startswith("[") else text


_TEXT_READERS: Mapping[Kind, Callable[[str], object]] = {
    Kind.FLAG: _flag_of_text,
    Kind.WHOLE: int,
    Kind.NUMBER: float,
    Kind.LIST: _list_of_text,
    Kind.COMMAND: _command_of_text,
    Kind.HOSTS: _list_of_text,
    Kind.URLS: _list_of_text,
    Kind.TABLES: _list_of_text,
}
