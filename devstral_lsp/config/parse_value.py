"""From what a user wrote to the value of a setting, or to a sentence that says what was expected.

What looks like a key is never repeated in a sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devstral_lsp.config.nearest import meant, near, same
from devstral_lsp.config.setting_spec import SettingSpec
from devstral_lsp.config.setting_types import ListType, list_of_text
from devstral_lsp.errors import ConfigError
from devstral_lsp.secrets.key_like import may_hold_key

_MAX_SHOWN = 40
_LIST_START = re.compile(r"\s*\[\s*[\"'\]]")
"""Else "[ab].sql" is a pattern."""

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
        if isinstance(setting.value_type, ListType):
            value, faults = _entries(setting, setting.value_type, raw, allow)
        else:
            value, faults = _plain(setting, raw), []
        if value is not None:
            allow(setting, value)
    except ConfigError as error:
        return None, [error]
    return value, faults


def _plain(setting: SettingSpec, raw: object) -> Any:
    try:
        value = setting.value_type.parse(raw)
    except (TypeError, ValueError):
        raise _invalid(setting, raw) from None
    if setting.choices:
        value = same(value, setting.choices)
        if not value:
            raise _invalid(setting, raw)
    if setting.range and not setting.range.minimum <= value <= setting.range.maximum:
        raise _invalid(setting, raw)
    return value


def _entries(
    setting: SettingSpec, value_type: ListType, raw: object, allow: ValueCheck
) -> tuple[tuple[Any, ...] | None, list[ConfigError]]:
    """Those that can be used; None if there are others only, so that what was set before stays.

    One string in place of a list of strings is a list of that one.
    """
    if isinstance(raw, str) and raw.strip() and not setting.row_type:
        raw = _entries_of_text(value_type, raw)
    if not isinstance(raw, list | tuple):
        raise _invalid(setting, raw)
    kept: list[Any] = []
    faults: list[ConfigError] = []
    for number, each in enumerate(raw, 1):
        entry, wrong = _entry(setting, value_type, each, allow)
        if entry is not None:
            kept += entry if isinstance(entry, tuple) else [entry]
        faults += [ConfigError(f"entry {number} {fault}") for fault in wrong]
    return tuple(kept) if kept or not faults else None, faults


def _entries_of_text(value_type: ListType, text: str) -> object:
    """The entries of a list written as one string. A list that is not closed stays a string."""
    if not value_type.splits_text and not _LIST_START.match(text):
        return [text]
    try:
        return list_of_text(text)
    except (ValueError, RecursionError):
        return text


def _entry(
    setting: SettingSpec, value_type: ListType, raw: object, allow: ValueCheck
) -> tuple[Any, list[ConfigError]]:
    """One entry of a list; None if it cannot be used."""
    try:
        if setting.row_type:
            return _row(setting, setting.row_type, raw, allow)
        return value_type.parse(raw), []
    except ConfigError as error:
        return None, [error]
    except (TypeError, ValueError):
        sentence = f"must be {value_type.entry_description}, not {_shown(raw)}."
        return None, [ConfigError(sentence + _advice(setting, raw))]


def _row(
    setting: SettingSpec, row_type: type[Any], raw: object, allow: ValueCheck
) -> tuple[Any, list[ConfigError]]:
    """One table, None if a part of it cannot be used: without that it would say something else."""
    if isinstance(raw, str) and setting.shorthand_field:
        raw = {setting.shorthand_field: raw}
    if not isinstance(raw, Mapping):
        raise ConfigError(f"must be a table, not {_shown(raw)}.")
    parts, faults = _parts(setting, raw, allow)
    missing = [
        name for name, each in setting.item_fields.items() if each.required and name not in parts
    ]
    if missing:
        faults.append(ConfigError(f"needs `{'` and `'.join(missing)}`."))
    if missing or None in parts.values():
        return None, faults
    try:
        return row_type(**parts), faults
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
        return setting.value_type.parse_text(text)
    except (ValueError, RecursionError):  # the latter from JSON that is nested too deeply
        return text


def describe_expected(setting: SettingSpec) -> str:
    """What a value must be, in words: "a whole number of tokens from 1 to 4096"."""
    if setting.choices:
        return "one of " + ", ".join(f'"{choice}"' for choice in setting.choices)
    limits, description = setting.range, setting.value_type.description
    if limits is None:
        return description
    unit = f" of {limits.unit}" if limits.unit else ""
    return f"{description}{unit} from {limits.minimum:.12g} to {limits.maximum:.12g}"


def _invalid(setting: SettingSpec, raw: object) -> ConfigError:
    sentence = f"must be {describe_expected(setting)}, not {_shown(raw)}."
    return ConfigError(sentence + _advice(setting, raw))


def _advice(setting: SettingSpec, raw: object) -> str:
    """What the author probably wanted to write, as further sentences; "" if that is not known."""
    if not isinstance(raw, str):
        return ""
    if _LIST_START.match(raw):
        return ' Write a list as ["a", "b"], in double quotes, or with commas alone: a,b.'
    if setting.shorthand_field:
        word = same(raw, setting.item_fields[setting.shorthand_field].choices)
        return f' Did you mean ["{word}"]?' if word else ""
    if setting.key == "chat.provider" and meant(raw, ("local",)):
        return " To switch refactoring off, set refactor.enabled to false."
    if word := meant(raw, setting.choices):
        return f' Did you mean "{word}"?'
    return setting.value_type.advise(raw)


def _shown(raw: object) -> str:
    """`raw` for a sentence, or only its type where it is long or might be a key."""
    if isinstance(raw, str | float) or (isinstance(raw, int) and abs(raw) < 2**64):
        shown = json.dumps(raw)
        if len(shown) <= _MAX_SHOWN and not may_hold_key(shown):
            return shown
    names = {str: "this string", Mapping: "a group of settings", list: "this list"}
    return next((name for kind, name in names.items() if isinstance(raw, kind)), "this value")
