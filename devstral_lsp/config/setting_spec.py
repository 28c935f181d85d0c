"""What a setting is: its type, its limits, who may set it, and how a dataclass field carries that.

A project file may change a setting only so that less is done, sent or paid for: a cloned repository
brings its own, and a folder its own editor settings. Each setting says in which direction it may be
moved. The settings themselves are in `schema.py`, their types in `setting_types.py`.
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
    """Where a value comes from. Later members win over earlier ones."""

    DEFAULT = "default"
    USER = "user file"
    ENVIRONMENT = "environment"
    EDITOR = "editor"
    PROJECT = "project file"


NOT_PROJECT = frozenset({Layer.USER, Layer.ENVIRONMENT, Layer.EDITOR})
"""Not from a project file: a repository that was just cloned must not decide this."""
TRUSTED_LAYERS = frozenset({Layer.USER, Layer.ENVIRONMENT})
"""Not from the editor either: workspace settings reach us through it, unmarked."""


class Slip(Enum):
    """What follows from a value that cannot be read.

    To classify a setting, ask: once its value is dropped, may code go to another place, or more of
    it be sent, than its author wanted? If it may, the value narrows.
    """

    NARROWS = "nothing is sent until it is corrected"
    ENTRY_LEFT_OUT = "an entry is ignored, since nothing is asked in its place; no list narrows"
    LEFT_OUT = "it is ignored: what is sent, and to whom, stays as it is"
    OF_TABLE = "it counts with the table that it is a part of"


NARROWS, ENTRY_LEFT_OUT, LEFT_OUT, OF_TABLE = Slip


@dataclass(frozen=True, slots=True)
class Range:
    """Limits of a number, both included, and its unit ("ms", "tokens", "bytes", or none)."""

    minimum: float
    maximum: float
    unit: str = ""


Narrow = Callable[[Any, Any], Any]
"""From the value in force and the one that the project gives to the value from then on.

Raises ConfigError, with the end of a sentence, where that would widen it.
"""


@dataclass(frozen=True, slots=True)
class Restriction:
    """`words` say what a project may do, for the table of settings."""

    words: str
    narrow: Narrow


def _lower(value: float, given: float) -> float:
    if given > value:
        raise ConfigError(f"may only be lowered by a project file, from {value:.12g}.")
    return given


def _off(value: bool, given: bool) -> bool:
    if given and not value:
        raise ConfigError("may only be switched off by a project file.")
    return given


def _more(value: tuple[Any, ...], given: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*value, *given)))


LOWER = Restriction("may lower it", _lower)
OFF = Restriction("may switch it off", _off)
MORE = Restriction("may add to it", _more)


def only(word: str) -> Restriction:
    """One word of several: the one with which least is done."""

    def narrow(_: str, given: str) -> str:
        if given != word:
            raise ConfigError(f'may only be "{word}" in a project file.')
        return given

    return Restriction(f'may say `"{word}"`', narrow)


def at_most(*words: str) -> Restriction:
    """One of several words, which stand in the order in which less is done."""

    def narrow(value: str, given: str) -> str:
        if words.index(given) < words.index(value):
            raise ConfigError(f'may only be narrowed by a project file, from "{value}".')
        return given

    return Restriction("may narrow it", narrow)


def _plain_text(_: str, given: str) -> str:
    hidden = sorted(deceptive_characters(given))
    if hidden:
        name = describe_character(hidden[0])
        raise ConfigError(f"holds {name}, which is not seen: write it without that.")
    return given


def _refactor_kind(_: str, given: str) -> str:
    if given.partition(".")[0] != "refactor":
        raise ConfigError(
            'must be "refactor" or begin with "refactor." in a project file: editors offer or '
            "apply other kinds by themselves. Put such an action into the user file."
        )
    return given


PLAIN_TEXT = Restriction("", _plain_text)
"""Of an action of the project: nothing in it that a reader does not see."""
REFACTOR_KIND = Restriction("", _refactor_kind)
"""Of an action of the project. Editors apply `source.*` on save and offer `quickfix` unasked: both
would send the file and change it without a click."""
ANY = Restriction("", lambda _, given: given)
"""Of an action of the project: what widens nothing."""
EXTRA_ENTRIES = Restriction("may add to it", lambda _, given: given)
"""Of what accumulates over all layers: a project's entries come after the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """What is known of one setting. `key` is its dotted name, "fim.max_tokens".

    A list of tables makes a `row_type` of each; `item_fields` are the settings within one, by
    their names. A plain string is shorthand for a table with only `shorthand_field` set. Where it
    `accumulates`, the entries of a later layer are added to those of earlier ones instead of
    replacing them. `project` is how a project file may change it; None if it may not.
    """

    key: str
    value_type: SettingType
    optional: bool
    """The default is None, which says "let the program or the model decide"."""
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
        """Whether a table must have it."""
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
"""In the place of a default: a table must have this."""


def setting_field(
    default: Any,
    doc: str,
    *,
    slip: Slip = OF_TABLE,
    layers: frozenset[Layer] = NOT_PROJECT,
    project: Restriction | None = None,
    **members: Any,
) -> Any:
    """A dataclass field whose metadata are these and further `members` of its `SettingSpec`.

    With `project` a project file may set it, too, within that.
    """
    if project is not None:
        layers |= {Layer.PROJECT}
    known = {"doc": doc, "slip": slip, "layers": layers, "project": project}
    return field(default=default, metadata={**known, **members})


_TYPES = {each.annotation: each for each in SETTING_TYPES}
"""Annotations are strings in our modules, so that start-up need not evaluate them."""


def collect_specs(prefix: str, made: type[Any]) -> dict[str, SettingSpec]:
    """The settings that a dataclass has as its fields, by their names, in order."""
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
