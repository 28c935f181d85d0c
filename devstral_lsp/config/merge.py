"""Merges the layers of settings into one `Settings`, with a `Problem` for each ignored entry.

Takes the layers that `readers.py` has read, in the order of `Layer`. An invalid entry does not
affect the others. Decides which layer may set what, whether a problem narrows, and that a project
only restricts; `key_policy.py` decides whether a key may be sent to the configured host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath, PurePosixPath
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

from devstral_lsp.config.nearest import may_restrict, names_user_file, near, nearest, section_of
from devstral_lsp.config.parse_value import parse_value
from devstral_lsp.config.problem import Effect, Problem, narrowing, worst
from devstral_lsp.config.schema import (
    SECTIONS,
    SETTING_SPECS,
    CompletionSettings,
    Settings,
)
from devstral_lsp.config.setting_spec import (
    ENTRY_LEFT_OUT,
    LEFT_OUT,
    NARROWS,
    TRUSTED_LAYERS,
    Layer,
    SettingSpec,
)
from devstral_lsp.errors import ConfigError
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.secrets.key_like import may_be_key

_MAX_PROBLEMS = 20
"""For each source, however many invalid lines a file has."""
_MAX_COMPARED = 50
"""Unknown names of one source that are compared with all settings, which is slow."""
_MAX_KEY_SHOWN = 60
_ALIKE = 0.8
_SECRET_NAME = re.compile(r"(^|[._])(api_?key|secret|password|(auth|access)_token)$|\.(key|token)$")
_NO_SECRETS = (
    "keys do not belong into settings. Put the key into MISTRAL_API_KEY or CODESTRAL_API_KEY, or "
    "name a variable by `fim.api_key_env` or a command by `fim.api_key_command` in the user file, "
    "or store it in the keyring"
)


@dataclass(frozen=True, slots=True)
class SettingsLayer:
    """The entries of one file, of the environment or of one message from the editor.

    `values` maps dotted keys to parsed TOML or JSON; None means "not set". `name` is the name of
    the source in messages. `problems` are those of reading it. `text` is the text of a file, for
    line numbers. `is_blank`: the file is missing or empty.
    """

    layer: Layer
    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    text: str = field(default="", compare=False, repr=False)
    is_blank: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class ResolvedSettings:
    """The settings in force, with their origins and problems.

    `named_hosts` contains, for "fim" and "chat", the hosts and base addresses that the user file
    and the environment name, even if a later layer sets another address; for "fim:mistral" and the
    like, those of the fallbacks of that name, which apply only to their keys.
    """

    settings: Settings
    origins: Mapping[str, Layer]
    problems: tuple[Problem, ...] = ()
    named_hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    completion_by_folder: Mapping[PurePath, CompletionSettings] = field(default_factory=dict)
    """The settings of each workspace folder, if several folders restrict completion."""

    def settings_for(self, uri: str) -> Settings:
        """The settings for a document: the completion of its workspace folder.

        Outside of all folders, every folder's restrictions hold.
        """
        path = PurePosixPath(unquote(urlsplit(uri).path))
        within = [folder for folder in self.completion_by_folder if path.is_relative_to(folder)]
        if not within:
            return self.settings
        folder = max(within, key=lambda each: len(each.parts))
        return replace(self.settings, completion=self.completion_by_folder[folder])

    @property
    def narrowed(self) -> str:
        """Why nothing may be sent, as a sentence for the user; "" if it may."""
        return narrowing(self.problems)

    @property
    def waits(self) -> bool:
        """Whether the only reason is that the editor has not sent its settings yet."""
        first = worst(self.problems)
        return first is not None and first.effect is Effect.WAITS

    def is_equivalent(self, other: ResolvedSettings) -> bool:
        """Whether only problems differ, and not in their effect."""
        return replace(self, problems=()) == replace(other, problems=()) and (
            self.narrowed == other.narrowed
        )


class _NotForLayer(ConfigError):
    """A valid entry that its layer may not set."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with an entry, without its location, and whether it narrows."""

    sentence: str
    narrows: bool = False


def resolve(sources: Iterable[SettingsLayer]) -> ResolvedSettings:
    """Merge `sources`, later ones over earlier ones."""
    merge = _LayerMerger()
    for source in sources:
        merge.take(source)
    merge.drop_contradictions()
    return merge.resolved()


class _LayerMerger:
    """Merges layers one by one."""

    def __init__(self) -> None:
        self._values = {key: setting.default for key, setting in SETTING_SPECS.items()}
        self._origins = dict.fromkeys(SETTING_SPECS, Layer.DEFAULT)
        self._problems: list[Problem] = []
        self._variables = {name for spec in PROVIDERS.values() for name in spec.key_variables}
        """Variables that hold keys. An editor may name only these, and those that a trusted layer
        names."""
        self._hosts: dict[str, list[str]] = {}

    def take(self, source: SettingsLayer) -> None:
        problems = list(source.problems)
        compared = 0
        for key, raw in source.values.items():
            if raw is None or (source.layer is Layer.ENVIRONMENT and key in self._variables):
                continue
            compared += key not in SETTING_SPECS
            for fault in self._put(source.layer, key, raw, compares=compared <= _MAX_COMPARED):
                problems.append(_problem(source, key, fault))
        self._problems += _truncate_problems(problems, source)

    def _put(self, layer: Layer, key: str, raw: object, *, compares: bool) -> list[_Fault]:
        """Apply the valid parts of an entry, and return the faults of the others.

        `compares`: suggest a similar name for an unknown one.
        """
        if key not in SETTING_SPECS:
            return [_no_setting(layer, key, raw, compares=compares)]
        setting = SETTING_SPECS[key]
        below = self._origins[key]
        try:
            _check_layer(setting, layer)
            value, errors = parse_value(setting, raw, partial(self._check, layer))
            if value is not None and layer is Layer.PROJECT:
                value = self._narrowed(setting, value)
        except _NotForLayer as error:
            return [_Fault(str(error))]
        if value is not None:
            merged = (*self._values[key], *value) if setting.accumulates else value
            if layer is not Layer.PROJECT or merged != self._values[key]:
                self._values[key], self._origins[key] = merged, layer
            if layer in TRUSTED_LAYERS:
                self._trust(setting, value)
        narrows = _narrows(setting, raw, value, below)
        return [_Fault(str(e), narrows and not isinstance(e, _NotForLayer)) for e in errors]

    def _check(self, layer: Layer, setting: SettingSpec, value: Any) -> None:
        """Check which layer may set a value, also within a table. Raises ConfigError."""
        _check_layer(setting, layer)
        if layer is Layer.PROJECT:
            self._narrowed(setting, value)
        if layer is not Layer.EDITOR or setting.field != "api_key_env" or not value:
            return
        if value not in self._variables:
            close = near(value, self._variables, _ALIKE)
            raise ConfigError(
                "may only name a provider's own variable when the editor sets it. "
                + (f"Did you mean {close}? Else set" if close else "Set")
                + _elsewhere(setting).removeprefix("Set")
            )

    def _narrowed(self, setting: SettingSpec, value: Any) -> Any:
        """The new value after a project set `value`. Raises _NotForLayer if that widens it."""
        if setting.project is None:
            return value
        try:
            return setting.project.narrow(self._values.get(setting.key, setting.default), value)
        except ConfigError as error:
            where = f" {_elsewhere(setting)}" if setting.key in SETTING_SPECS else ""
            raise _NotForLayer(f"{error}{where}") from None

    def _trust(self, setting: SettingSpec, value: Any, name: str = "") -> None:
        """Store the variables and hosts that a trusted layer names, under `name`."""
        hosts = self._hosts.setdefault(name or setting.section, [])
        if setting.field == "api_key_env" and value:
            self._variables.add(value)
        elif setting.field == "base_url" and value:
            hosts.append(value)
        elif setting.field in ("trusted_hosts", "replicas"):
            hosts.extend(value)
        elif setting.shorthand_field == "provider":
            for row in value:
                for inner in setting.item_fields.values():
                    name = f"{setting.section}:{row.provider}"
                    self._trust(inner, getattr(row, inner.field), name)

    def drop_contradictions(self) -> None:
        """Ignore a lower limit above the upper one, which would make every request fail."""
        low, high = "fim.min_tokens", "fim.max_tokens"
        if self._values[low] <= self._values[high]:
            return
        sentence = f"{low} ({self._values[low]}) is above {high} ({self._values[high]}): left out."
        self._problems.append(Problem(self._origins[low], low, sentence))
        self._values[low], self._origins[low] = SETTING_SPECS[low].default, Layer.DEFAULT

    def resolved(self) -> ResolvedSettings:
        sections = {
            name: made(**{s.field: self._values[s.key] for s in _settings_of(name)})
            for name, made in SECTIONS.items()
        }
        return ResolvedSettings(
            settings=Settings(**sections),
            origins=MappingProxyType(self._origins),
            problems=tuple(self._problems),
            named_hosts={name: tuple(dict.fromkeys(hosts)) for name, hosts in self._hosts.items()},
        )


def _settings_of(section: str) -> list[SettingSpec]:
    return [setting for setting in SETTING_SPECS.values() if setting.section == section]


def _narrows(setting: SettingSpec, raw: object, value: Any, below: Layer) -> bool:
    """Whether the invalid part of an entry narrows.

    `value` is the valid part, None if none; `below` is the layer whose value stays in force.
    """
    if setting.slip is not ENTRY_LEFT_OUT:
        return setting.slip is NARROWS
    return value is None and (not isinstance(raw, list | tuple) or below is not Layer.DEFAULT)


def _no_setting(layer: Layer, key: str, raw: object, *, compares: bool) -> _Fault:
    """The fault of an unknown name."""
    is_ours = layer is not Layer.EDITOR
    if _may_hold_key(key, raw):
        return _Fault(f"is not used: {_NO_SECRETS}.")
    if section := section_of(key):
        inner = _settings_of(section)
        restricts = any(each.slip is not LEFT_OUT for each in inner)
        return _Fault(f'is a group of settings, such as "{inner[0].key}".', restricts)
    if not compares:
        return _Fault("is not a setting.", is_ours)
    if layer is Layer.ENVIRONMENT and names_user_file(key):
        return _Fault('is not a setting. Did you mean "DEVSTRAL_CONFIG"?', narrows=True)
    close = nearest(key)
    hint = f' Did you mean "{close}"?' if close else ""
    return _Fault(f"is not a setting.{hint}", may_restrict(key, raw, is_ours=is_ours))


def _may_hold_key(key: str, raw: object) -> bool:
    """Whether an unknown name suggests that its value is a key, as `redact_secret` does not."""
    if isinstance(raw, bool) or not _SECRET_NAME.search(key.lower()):
        return False
    return not near(key, SETTING_SPECS, 0.9)


def _problem(source: SettingsLayer, key: str, fault: _Fault) -> Problem:
    place = source.name
    if source.text:
        from devstral_lsp.config.toml_text import line_of  # not at start-up: most files are valid

        line = line_of(source.text, key)
        place = f"{source.name}, line {line}" if line else place
    sentence = f"{place}: {_printable(source, key)} {fault.sentence}"
    effect = Effect.NARROWS if fault.narrows else Effect.LEFT_OUT
    return Problem(source.layer, key, sentence, effect, source.name)


def _check_layer(setting: SettingSpec, layer: Layer) -> None:
    if layer not in setting.layers:
        who = "the editor" if layer is Layer.EDITOR else "a project file"
        raise _NotForLayer(f"may not be set by {who}. {_elsewhere(setting)}")


def _elsewhere(setting: SettingSpec) -> str:
    inner = setting.key not in SETTING_SPECS
    also = "" if inner else f" or by the environment variable {setting.variable}"
    return f"Set it in the user file{also}."


def _printable(source: SettingsLayer, key: str) -> str:
    """`key` as its author wrote it, unless it is too long or might be an API key."""
    if source.layer is Layer.ENVIRONMENT and key in SETTING_SPECS:
        return SETTING_SPECS[key].variable
    if len(key) > _MAX_KEY_SHOWN or may_be_key(key):
        return "an entry whose name is not shown here"
    return f'"{key}"' if key.isprintable() else repr(key)


def _truncate_problems(problems: list[Problem], source: SettingsLayer) -> list[Problem]:
    """The first _MAX_PROBLEMS, those that narrow before all others, and a count of the rest."""
    rest = len(problems) - _MAX_PROBLEMS
    if rest <= 0:
        return problems
    kept = sorted(problems, key=lambda each: -each.effect)[:_MAX_PROBLEMS]
    more = Problem(source.layer, "", f"{source.name}: {rest} more entries were left out.")
    return [*kept, more]
