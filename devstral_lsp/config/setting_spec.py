"""What a setting is: its kind, its limits, who may set it, and how a dataclass field carries that.

The settings themselves stand in `schema.py`, how values are read in `values.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import Enum
from types import MappingProxyType
from typing import Any

from devstral_lsp.config.restriction import Restriction

Command = tuple[str, ...]
"""A program and its arguments, run without a shell. May be written as one string."""
Hosts = tuple[str, ...]
"""Hosts, each as `host`, `host:port` or `http://host`."""
Urls = tuple[str, ...]
"""Addresses, each like a `Url`."""
Languages = tuple[str, ...]
"""LSP language ids, in lower case."""
Patterns = tuple[str, ...]
"""Patterns of file and folder names, as `privacy.exclude` has them."""
Url = str
"""An http or https address without user, query or fragment; empty for "the provider's own"."""
Variable = str
"""The name of an environment variable."""


class Layer(Enum):
    """Where a value comes from. Later members win over earlier ones."""

    DEFAULT = "default"
    USER = "user file"
    ENVIRONMENT = "environment"
    EDITOR = "editor"
    PROJECT = "project file"


NOT_PROJECT = frozenset({Layer.USER, Layer.ENVIRONMENT, Layer.EDITOR})
"""Not from a project file: a repository that was just cloned must not decide this."""
ANY_LAYER = NOT_PROJECT | {Layer.PROJECT}
"""From a project file as well, which may only restrict what the others have set."""
TRUSTED_LAYERS = frozenset({Layer.USER, Layer.ENVIRONMENT})
"""Not from the editor either: workspace settings reach us through it, unmarked."""


class Slip(Enum):
    """What follows from a value that cannot be read.

    The question to ask of a setting: once the value is dropped, may code be sent to somebody, or
    more of it be sent, than its author wanted? If it may, the value narrows.
    """

    NARROWS = "nothing is sent until it is mended"
    ENTRY_LEFT_OUT = "an entry is left out, since nobody is asked in its place; no list narrows"
    LEFT_OUT = "it is left out: what is sent, and to whom, stays as it is"
    OF_TABLE = "it counts with the table that it is a part of"


NARROWS, ENTRY_LEFT_OUT, LEFT_OUT, OF_TABLE = Slip


class SettingType(Enum):
    """The type of a setting; the value is how a message names it."""

    FLAG = "true or false"
    WHOLE = "a whole number"
    NUMBER = "a number"
    TEXT = "a string"
    LIST = "a list of strings"
    PATTERNS = "a list of patterns"
    LANGUAGES = "a list of language ids"
    COMMAND = "a list of strings, or one string"
    HOSTS = 'a list of hosts ("host", "host:port" or "http://host")'
    URL = "an http or https address without user name, query or fragment"
    URLS = "a list of http or https addresses without user name, query or fragment"
    TABLES = "a list of tables"
    VARIABLE = "the name of an environment variable"


@dataclass(frozen=True, slots=True)
class Range:
    """Limits of a number, both included, and its unit ("ms", "tokens", "bytes", or none)."""

    minimum: float
    maximum: float
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """What is known of one setting. `key` is its dotted name, "fim.max_tokens".

    A setting of the kind TABLES makes a `row` of each table; `item_fields` are the settings within
    one, by their names. A string in the place of a table stands for a table with that as its
    `lone`. Where `gathered`, the tables or strings of a later layer come behind those of an earlier
    one instead of in their place. `project` is how a project file may change it; None if it may
    not.
    """

    key: str
    kind: SettingType
    optional: bool
    """The default is None, which says "let the program or the model decide"."""
    default: Any
    doc: str
    within: Range | None
    choices: tuple[str, ...]
    layers: frozenset[Layer]
    slip: Slip
    row: type[Any] | None = None
    item_fields: Mapping[str, SettingSpec] = field(default_factory=dict)
    lone: str = ""
    gathered: bool = False
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
    slip: Slip,
    within: Range | None = None,
    choices: tuple[str, ...] = (),
    gathered: bool = False,
    layers: frozenset[Layer] = NOT_PROJECT,
    project: Restriction | None = None,
) -> Any:
    """A dataclass field that carries what `SettingSpec` tells of it.

    With `project` a project file may set it, too, within that.
    """
    told = {"doc": doc, "within": within, "choices": choices, "slip": slip, "project": project}
    layers = _with_project(layers, project)
    return field(default=default, metadata={**told, "gathered": gathered, "layers": layers})


def table_list_field(
    row: type[Any],
    doc: str,
    *,
    slip: Slip,
    lone: str = "",
    gathered: bool = False,
    layers: frozenset[Layer] = NOT_PROJECT,
    project: Restriction | None = None,
) -> Any:
    """A dataclass field for a list of tables, empty by default, each made into a `row`."""
    told = {"doc": doc, "within": None, "choices": (), "slip": slip, "project": project}
    table = {"row": row, "lone": lone, "gathered": gathered}
    layers = _with_project(layers, project)
    return field(default=(), metadata={**told, **table, "layers": layers})


def _with_project(layers: frozenset[Layer], project: Restriction | None) -> frozenset[Layer]:
    return layers if project is None else layers | {Layer.PROJECT}


_KINDS = {
    "bool": SettingType.FLAG,
    "int": SettingType.WHOLE,
    "float": SettingType.NUMBER,
    "str": SettingType.TEXT,
    "tuple[str, ...]": SettingType.LIST,
    "Languages": SettingType.LANGUAGES,
    "Patterns": SettingType.PATTERNS,
    "Command": SettingType.COMMAND,
    "Hosts": SettingType.HOSTS,
    "Url": SettingType.URL,
    "Urls": SettingType.URLS,
    "Variable": SettingType.VARIABLE,
}
"""By annotation. These are strings in our modules, so that start-up need not evaluate them."""


def collect_specs(prefix: str, made: type[Any]) -> dict[str, SettingSpec]:
    """The settings that a dataclass has as its fields, by their names, in order."""
    return {each.name: _described(f"{prefix}.{each.name}", each) for each in fields(made)}


def _described(key: str, each: Any) -> SettingSpec:
    row = each.metadata.get("row")
    return SettingSpec(
        key=key,
        kind=_KINDS[each.type.removesuffix(" | None")] if row is None else SettingType.TABLES,
        optional=each.type.endswith(" | None"),
        default=each.default,
        item_fields=MappingProxyType(collect_specs(key, row) if row is not None else {}),
        **each.metadata,
    )
