"""The specification of a setting, as metadata of a dataclass field: type, limits, who may set it.

A project file may change a setting only so that less is done, sent or paid for, because a cloned
repository brings its own. The `Restriction` of a setting says which changes these are. The settings
themselves are in `schema.py`, their types in `setting_types.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import Enum
from types import MappingProxyType
from typing import Any

from devstral_lsp.characters import deceptive_characters, describe_character
from devstral_lsp.config.setting_types import SETTING_TYPES, TABLES, SettingType
from devstral_lsp.errors import ConfigError


class Layer(Enum):
    """The source of a value. Later members override earlier ones."""

    DEFAULT = "default"
    USER = "user file"
    ENVIRONMENT = "environment"
    EDITOR = "editor"
    PROJECT = "project file"


NOT_PROJECT = frozenset({Layer.USER, Layer.ENVIRONMENT, Layer.EDITOR})
"""For settings that a cloned repository must not change."""
TRUSTED_LAYERS = frozenset({Layer.USER, Layer.ENVIRONMENT})
"""Excludes the editor as well, which passes workspace settings on without marking them."""


class Slip(Enum):
    """The consequence of an invalid value.

    To classify a setting, ask: if its value is ignored, may code be sent to another host, or more
    of it, than its author wanted? If so, it NARROWS.
    """

    NARROWS = "nothing is sent until it is corrected"
    ENTRY_LEFT_OUT = "the entry is ignored, since nothing replaces it; an invalid list narrows"
    LEFT_OUT = "it is ignored: what is sent, and to whom, does not change"
    OF_TABLE = "as for the table that it is a part of"


NARROWS, ENTRY_LEFT_OUT, LEFT_OUT, OF_TABLE = Slip


@dataclass(frozen=True, slots=True)
class Range:
    """Limits of a number, both included, and its unit ("ms", "tokens", "bytes", or none)."""

    minimum: float
    maximum: float
    unit: str = ""


Narrow = Callable[[Any, Any], Any]
"""Takes the value in force and the project's, and returns the new one.

Raises ConfigError, with the end of a sentence, if the project's value would widen it.
"""


@dataclass(frozen=True, slots=True)
class Restriction:
    """How a project file may change a setting; `words` describe it in the table of settings."""

    words: str
    narrow: Narrow


def _lower(value: float, given: float) -> float:
    if given > value:
        raise ConfigError(f"may only be lowered by a project file, from {value:.12g}.")
    return given


def _off(value: bool | str, given: bool | str) -> bool | str:
    if given and given != value:
        raise ConfigError("may only be switched off by a project file.")
    return given


def _more(value: tuple[Any, ...], given: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*value, *given)))


LOWER = Restriction("may lower it", _lower)
OFF = Restriction("may switch it off", _off)
MORE = Restriction("may add to it", _more)


def only(word: str) -> Restriction:
    """A project may only choose `word`, the choice with which least is done."""

    def narrow(_: str, given: str) -> str:
        if given != word:
            raise ConfigError(f'may only be "{word}" in a project file.')
        return given

    return Restriction(f'may say `"{word}"`', narrow)


def at_most(*words: str) -> Restriction:
    """A project may choose the same or a later one of `words`, sorted so that less is done."""

    def narrow(value: str, given: str) -> str:
        if words.index(given) < words.index(value):
            raise ConfigError(f'may only be narrowed by a project file, from "{value}".')
        return given

    return Restriction("may narrow it", narrow)


def _plain_text(_: str, given: str) -> str:
    hidden = sorted(deceptive_characters(given))
    if hidden:
        name = describe_character(hidden[0])
        raise ConfigError(f"contains {name}, which is invisible: remove it.")
    return given


def _refactor_kind(_: str, given: str) -> str:
    if given.partition(".")[0] != "refactor":
        raise ConfigError(
            'must be "refactor" or begin with "refactor." in a project file: editors offer or '
            "apply other kinds by themselves. Put such an action into the user file."
        )
    return given


PLAIN_TEXT = Restriction("", _plain_text)
"""For a project's action: no invisible characters."""
REFACTOR_KIND = Restriction("", _refactor_kind)
"""For a project's action. Editors apply `source.*` on save and offer `quickfix` automatically: both
would send the file and change it without a click."""
ANY = Restriction("", lambda _, given: given)
"""For parts of a project's action that widen nothing."""
EXTRA_ENTRIES = Restriction("may add to it", lambda _, given: given)
"""For settings that accumulate over all layers: a project's entries follow the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """The specification of one setting. `key` is its dotted name, "fim.max_tokens".

    In a list of tables, each table becomes a `row_type`; `item_fields` are its settings, by name.
    A plain string is shorthand for a table with only `shorthand_field` set. If it `accumulates`,
    the entries of a later layer are added to those of earlier ones instead of replacing them.
    `project` is how a project file may change it; None if it may not.
    """

    key: str
    value_type: SettingType
    optional: bool
    """The default is None: the program or the model decides."""
    default: Any
    doc: str
    layers: frozenset[Layer]
    slip: Slip
    range: Range | None = None
    choices: tuple[str, ...] = ()
    row_type: type[Any] | None = None
    item_fields: Mapping[str, SettingSpec] = field(default_factory=dict)
    shorthand_field: str = ""
    accumulates: bool = False
    project: Restriction | None = None

    @property
    def required(self) -> bool:
        """Whether a table must contain it."""
        return self.default is MISSING

    @property
    def section(self) -> str:
        return self.key.partition(".")[0]

    @property
    def field(self) -> str:
        return self.key.rpartition(".")[2]

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "DEVSTRAL_" + self.key.replace(".", "_").upper()


REQUIRED: Any = MISSING
"""Instead of a default: a table must contain this."""


def setting_field(
    default: Any,
    doc: str,
    *,
    slip: Slip = OF_TABLE,
    layers: frozenset[Layer] = NOT_PROJECT,
    project: Restriction | None = None,
    **members: Any,
) -> Any:
    """A dataclass field with these and further `members` of its `SettingSpec` as metadata.

    With `project`, a project file may set it, too, within that restriction.
    """
    if project is not None:
        layers |= {Layer.PROJECT}
    metadata = {"doc": doc, "slip": slip, "layers": layers, "project": project, **members}
    return field(default=default, metadata=metadata)


_TYPES = {each.annotation: each for each in SETTING_TYPES}
"""Annotations are strings in our modules, so that start-up need not evaluate them."""


def collect_specs(prefix: str, made: type[Any]) -> dict[str, SettingSpec]:
    """The settings that are the fields of a dataclass, by name, in order."""
    return {each.name: _spec_of(f"{prefix}.{each.name}", each) for each in fields(made)}


def _spec_of(key: str, each: Any) -> SettingSpec:
    row = each.metadata.get("row_type")
    return SettingSpec(
        key=key,
        value_type=TABLES if row else _TYPES[each.type.removesuffix(" | None")],
        optional=each.type.endswith(" | None"),
        default=each.default,
        item_fields=MappingProxyType(collect_specs(key, row) if row else {}),
        **each.metadata,
    )
