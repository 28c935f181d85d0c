"""Merging the layers of settings into one `Settings`, with a problem for each entry left out.

Pure: sources go in, in the order of `Layer`, and nothing is read here (`sources.py` does that).
A bad entry never stops the rest, and none is dropped without a sentence. Who may set what is
decided here, and that a project only restricts, as each setting says how. Whether a key may travel
to the host that was set is decided in `trust.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from devstral_lsp.config.schema import SECTIONS, SETTINGS, Settings
from devstral_lsp.config.setting import TRUSTED, Layer, Setting
from devstral_lsp.config.values import value_of
from devstral_lsp.errors import ConfigError

_MOST_PROBLEMS = 20
"""Of one source: a file of a hundred thousand wrong lines is one trouble, not as many."""
_LONGEST_KEY_SHOWN = 60
_KEY_LIKE_NAME = re.compile(r"[A-Za-z0-9]{20,}")
_SECRET_NAME = re.compile(r"(^|[._])(api_?key|secret|password|(auth|access)_token)$|\.(key|token)$")
_NO_SECRETS = (
    "keys do not belong into settings. Put the key into MISTRAL_API_KEY or CODESTRAL_API_KEY, or "
    "name a variable by `fim.api_key_env` or a command by `fim.api_key_command` in the user file, "
    "or store it in the keyring"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry that was left out. `key` is as written, empty where a whole source failed.

    `sentence` says where it stands, what is wrong and what would be right; it holds no secret.
    """

    layer: Layer
    key: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Source:
    """The entries of one file, of the environment or of one message from the editor.

    `values` maps dotted keys to what TOML or JSON gave; None means "not set". `name` is how a
    sentence calls the source. `problems` are those of reading it.
    """

    layer: Layer
    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings in force, where each came from, and what was left out.

    `named_hosts` holds, for "fim" and "chat", the hosts and base addresses that the user file and
    the environment name, also where a later layer set another address; for "fim:mistral" and the
    like those of the fallbacks of that name, which are for their keys alone.
    """

    settings: Settings
    origins: Mapping[str, Layer]
    problems: tuple[Problem, ...] = ()
    named_hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def resolve(sources: Iterable[Source], key_variables: Collection[str] = ()) -> Resolved:
    """Merge `sources`, later ones over earlier ones.

    `key_variables` are the providers' own names for their keys, which the editor may choose among.
    """
    merge = _Merge(set(key_variables))
    for source in sources:
        merge.take(source)
    merge.drop_contradictions()
    return merge.resolved()


class _Merge:
    """What has been taken so far."""

    def __init__(self, variables: set[str]) -> None:
        self._values = {key: setting.default for key, setting in SETTINGS.items()}
        self._origins = dict.fromkeys(SETTINGS, Layer.DEFAULT)
        self._problems: list[Problem] = []
        self._variables = variables
        self._hosts: dict[str, list[str]] = {}

    def take(self, source: Source) -> None:
        problems = list(source.problems)
        for key, raw in source.values.items():
            if raw is None or (source.layer is Layer.ENVIRONMENT and key in self._variables):
                continue
            for error in self._put(source.layer, key, raw):
                sentence = f"{source.name}: {_printable(source, key)} {error}"
                problems.append(Problem(source.layer, key, sentence))
        self._problems += _few(problems, source)

    def _put(self, layer: Layer, key: str, raw: object) -> list[ConfigError]:
        """Take what can be used of an entry; gives what is wrong with the rest."""
        try:
            setting = _setting(key)
            _check_layer(setting, layer)
        except ConfigError as error:
            return [error]
        value, errors = value_of(setting, raw, partial(self._check, layer))
        if value is not None and layer is Layer.PROJECT:
            value = self._narrowed(setting, value)
            if value == self._values[key]:
                return errors
        if value is not None:
            self._values[key] = (*self._values[key], *value) if setting.gathered else value
            self._origins[key] = layer
            if layer in TRUSTED:
                self._note(setting, value)
        return errors

    def _check(self, layer: Layer, setting: Setting, value: Any) -> None:
        """The rules that look at the value itself, and who may set what within a table."""
        _check_layer(setting, layer)
        if layer is Layer.PROJECT:
            self._narrowed(setting, value)
        if layer is not Layer.EDITOR or setting.field != "api_key_env" or not value:
            return
        if value not in self._variables:
            raise ConfigError(
                "may only name a provider's own variable when the editor sets it. "
                + _elsewhere(setting)
            )

    def _narrowed(self, setting: Setting, value: Any) -> Any:
        """What is in force once a project has given `value`. Raises ConfigError where it widens."""
        if setting.project is None:
            return value
        try:
            return setting.project.narrow(self._values.get(setting.key, setting.default), value)
        except ConfigError as error:
            where = f" {_elsewhere(setting)}" if setting.key in SETTINGS else ""
            raise ConfigError(f"{error}{where}") from None

    def _note(self, setting: Setting, value: Any, place: str = "") -> None:
        """Remember the variables and hosts that a trusted layer names, under `place`."""
        hosts = self._hosts.setdefault(place or setting.section, [])
        if setting.field == "api_key_env" and value:
            self._variables.add(value)
        elif setting.field == "base_url" and value:
            hosts.append(value)
        elif setting.field in ("trusted_hosts", "replicas"):
            hosts.extend(value)
        elif setting.lone == "provider":
            for row in value:
                for inner in setting.inner.values():
                    named = f"{setting.section}:{row.provider}"
                    self._note(inner, getattr(row, inner.field), named)

    def drop_contradictions(self) -> None:
        """A lower limit above the upper one would make every request fail."""
        low, high = "fim.min_tokens", "fim.max_tokens"
        if self._values[low] <= self._values[high]:
            return
        sentence = f"{low} ({self._values[low]}) is above {high} ({self._values[high]}): left out."
        self._problems.append(Problem(self._origins[low], low, sentence))
        self._values[low], self._origins[low] = SETTINGS[low].default, Layer.DEFAULT

    def resolved(self) -> Resolved:
        sections = {
            name: made(**{s.field: self._values[s.key] for s in _settings_of(name)})
            for name, made in SECTIONS.items()
        }
        return Resolved(
            settings=Settings(**sections),
            origins=MappingProxyType(self._origins),
            problems=tuple(self._problems),
            named_hosts={name: tuple(dict.fromkeys(hosts)) for name, hosts in self._hosts.items()},
        )


def _settings_of(section: str) -> list[Setting]:
    return [setting for setting in SETTINGS.values() if setting.section == section]


def _setting(key: str) -> Setting:
    """The setting of that name. Raises ConfigError, with the nearest name there is."""
    if key in SETTINGS:
        return SETTINGS[key]
    if _SECRET_NAME.search(key.lower()):
        raise ConfigError(f"is not used: {_NO_SECRETS}.")
    if key in SECTIONS:
        raise ConfigError(f'is a group of settings, such as "{_settings_of(key)[0].key}".')
    nearest = _nearest(key)
    raise ConfigError("is not a setting." + (f' Did you mean "{nearest}"?' if nearest else ""))


def _nearest(key: str) -> str:
    """The setting (or variable, for a variable) whose name is most like `key`; empty if none."""
    from difflib import get_close_matches  # not at start-up: most people mistype nothing

    names = [each.variable if key.isupper() else each.key for each in SETTINGS.values()]
    close = get_close_matches(key, names, n=1, cutoff=0.75)
    if close:
        return close[0]
    fields = {setting.field: setting.key for setting in reversed([*SETTINGS.values()])}
    near = get_close_matches(key.rpartition(".")[2], fields, n=1, cutoff=0.75)
    return fields[near[0]] if near else ""


def _check_layer(setting: Setting, layer: Layer) -> None:
    if layer not in setting.layers:
        who = "the editor" if layer is Layer.EDITOR else "a project file"
        raise ConfigError(f"may not be set by {who}. {_elsewhere(setting)}")


def _elsewhere(setting: Setting) -> str:
    inner = setting.key not in SETTINGS
    also = "" if inner else f" or by the environment variable {setting.variable}"
    return f"Set it in the user file{also}."


def _printable(source: Source, key: str) -> str:
    """`key` as its author wrote it, unless it is overlong or might be a key to an account."""
    if source.layer is Layer.ENVIRONMENT and key in SETTINGS:
        return SETTINGS[key].variable
    if len(key) > _LONGEST_KEY_SHOWN or _KEY_LIKE_NAME.search(key):
        return "an entry whose name is not shown here"
    return f'"{key}"' if key.isprintable() else repr(key)


def _few(problems: list[Problem], source: Source) -> list[Problem]:
    rest = len(problems) - _MOST_PROBLEMS
    if rest <= 0:
        return problems
    more = Problem(source.layer, "", f"{source.name}: {rest} more entries were left out.")
    return [*problems[:_MOST_PROBLEMS], more]
