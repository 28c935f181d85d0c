"""Convert what a user wrote to the value of a setting, or say what was expected.

Sentences never repeat what may be a key.
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
"""Otherwise "[ab].sql" is a pattern."""

ValueCheck = Callable[[SettingSpec, Any], None]
"""Raises ConfigError for a value that is not allowed in its place."""


def parse_value(
    setting: SettingSpec, raw: object, allow: ValueCheck = lambda setting, value: None
) -> tuple[Any, list[ConfigError]]:
    """The value of `setting` given by `raw` (from TOML or JSON), and all faults.

    The value is None if nothing of `raw` can be used. Entries of a list are independent. A sentence
    says what is expected, and shows the actual value if that is harmless. `allow` is called for the
    value, and for each in a table.
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
    """The valid entries; None if all are invalid, so that the earlier value stays.

    A string in place of a list of strings is a list of one.
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
    """The entries of a list written as one string. A list without its closing bracket stays a
    string."""
    if not value_type.splits_text and not _LIST_START.match(text):
        return [text]
    try:
        return list_of_text(text)
    except (ValueError, RecursionError):
        return text


def _entry(
    setting: SettingSpec, value_type: ListType, raw: object, allow: ValueCheck
) -> tuple[Any, list[ConfigError]]:
    """One entry of a list; None if it is invalid."""
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
    """One table; None if a part of it is invalid, because the rest could mean something else."""
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
    """The entries of a table by name; None for invalid ones."""
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
    # It may be a key to an account.
    if close := near(name, known):
        return f"has a part that is no setting. Did you mean `{close}`?"
    return f"has a part that is no setting: there are `{'`, `'.join(known)}`."


def to_snake_case(name: str) -> str:
    """ "maxTokens", "max-tokens" and "max_tokens" are the same name."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def decode_env_value(setting: SettingSpec, text: str) -> object:
    """The text of an environment variable as TOML would give it: numbers, flags, lists.

    An invalid text is returned unchanged, for `parse_value` to report.
    """
    try:
        return setting.value_type.parse_text(text)
    except (ValueError, RecursionError):  # RecursionError: from JSON that is nested too deeply
        return text


def describe_expected(setting: SettingSpec) -> str:
    """The expected value in words: "a whole number of tokens from 1 to 4096"."""
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
    """What the author probably meant, as further sentences; "" if unknown."""
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
    """`raw` for a sentence, or only its type if it is long or may be a key."""
    if isinstance(raw, str | float) or (isinstance(raw, int) and abs(raw) < 2**64):
        shown = json.dumps(raw)
        if len(shown) <= _MAX_SHOWN and not may_hold_key(shown):
            return shown
    names = {str: "this string", Mapping: "a group of settings", list: "this list"}
    return next((name for kind, name in names.items() if isinstance(raw, kind)), "this value")
