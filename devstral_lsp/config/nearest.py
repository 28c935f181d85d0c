"""The nearest right word: for a value, for the name of a setting, for an environment variable.

Also decides whether a name that is no setting may have been meant as one that restricts. If it may,
leaving it out could send code to somebody whom its author had ruled out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from devstral_lsp.config.schema import SECTIONS, SETTINGS
from devstral_lsp.config.setting import LEFT_OUT, Setting
from devstral_lsp.config.words import near, plain

_PREFIX = "DEVSTRAL_"
_LONGEST = 60
"""A longer name is like none of ours, and comparing takes time with the square of the length."""
_ALIKE, _SURELY = 0.75, 0.85
_GROUPS = (*SECTIONS, "devstral", "devstral_lsp")

_ALSO_CALLED = {
    "fim.provider": ("backend", "vendor", "service", "engine", "api_type", "offline", "local_only"),
    "fim.base_url": (
        *("url", "uri", "endpoint", "host", "server", "address", "api_base", "api_url", "port"),
        *("api_host", "base", "server_url", "gateway"),
    ),
    "completion.enabled": ("enable", "disable", "disabled", "off", "active", "auto_trigger"),
    "completion.disabled_languages": (
        *("languages", "filetypes", "disabled_filetypes", "exclude_languages", "disable_languages"),
        *("languages_disabled", "ignored_languages", "excluded_languages"),
    ),
    "network.proxy": ("https_proxy", "http_proxy", "proxies"),
}
"""By what other names such settings go in other programs."""

_OTHERS = {other: key for key, others in _ALSO_CALLED.items() for other in others}
_FIELDS = {setting.field: setting.key for setting in reversed([*SETTINGS.values()])}
"""The first setting of each name."""


def nearest(key: str) -> str:
    """The setting (or variable, for a variable) that `key` was meant as; empty if none."""
    setting = _nearest(key)
    if setting is None:
        return ""
    return setting.variable if is_variable(key) else setting.key


def is_variable(key: str) -> bool:
    """Whether `key` is the name of an environment variable rather than that of a setting."""
    return "." not in key and key.isupper()


def may_restrict(key: str, raw: object, *, is_ours: bool) -> bool:
    """Whether `key`, which is no setting, may have been meant as one that restricts.

    `is_ours` is False for the settings of an editor, which may send those of other programs, too:
    there only the whole name counts.
    """
    if len(key) > _LONGEST:
        return is_ours
    if (setting := _nearest(key)) is not None and (is_ours or _is_of_ours(key)):
        return setting.slip is not LEFT_OUT or _sounds_restricting(_bare(key))
    if not is_ours and not _is_of_ours(key):
        return False
    return _names_somebody(raw) or any(map(_is_restricting_word, _parts(key)))


def _nearest(key: str) -> Setting | None:
    bare = _bare(key)
    if len(bare) > _LONGEST:
        return None
    if inside := [each for each in SETTINGS if bare.startswith(f"{each}.")]:
        return SETTINGS[inside[0]]
    names = {_flat(each): setting for each, setting in SETTINGS.items()}
    if close := near(_flat(bare), names, _ALIKE):
        return names[close]
    last = bare if is_variable(key) else bare.rpartition(".")[2]
    if last in _OTHERS:
        return SETTINGS[_OTHERS[last]]
    field = near(last, _FIELDS, _ALIKE)
    for part in () if field else _parts(key):
        field = field or near(part, _FIELDS, _SURELY)
    return SETTINGS[_FIELDS[field]] if field else None


def _bare(key: str) -> str:
    """As a setting's name would be: without the prefix of variables, in lower case."""
    return key[len(_PREFIX) :].lower() if key.upper().startswith(_PREFIX) else key.lower()


def _flat(key: str) -> str:
    return key.replace(".", "_")


def _is_of_ours(key: str) -> bool:
    """Whether it stands at the top, or in a group that is called about like one of ours."""
    head, dot, _ = key.partition(".")
    return not dot or bool(near(head, _GROUPS, 0.6))


def _parts(key: str) -> Sequence[str]:
    return re.split(r"[.]", _bare(key))


def _is_restricting_word(part: str) -> bool:
    if part in _OTHERS:
        return True
    field = near(part, _FIELDS, _SURELY)
    return bool(field) and SETTINGS[_FIELDS[field]].slip is not LEFT_OUT


def _sounds_restricting(bare: str) -> bool:
    """Whether a restricting setting is nearly as like it as the nearest."""
    names = [_flat(each.key) for each in SETTINGS.values() if each.slip is not LEFT_OUT]
    return bool(near(_flat(bare), names, 0.9))


def _names_somebody(raw: object) -> bool:
    """Whether a value says who is to be asked: a provider's word, or an address."""
    if not isinstance(raw, str) or len(raw) > _LONGEST:
        return False
    words: Iterable[str] = SETTINGS["fim.provider"].choices
    return "://" in raw or plain(raw) in map(plain, words)
