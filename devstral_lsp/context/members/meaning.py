"""The meaning of an expression: a module, a type, a value of a type, or a function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from devstral_lsp.context.members.bindings import Binding
from devstral_lsp.context.members.facts import FileFacts, Member, Part, TypeFacts


class MeaningKind(Enum):
    MODULE = "module"
    TYPE = "type"
    VALUE = "value"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A resolved expression, defined in `file`. A module has `files`; a type and a value have
    `type`; a function has `member`, and `type` if it belongs to one. A value whose type is not
    resolved yet has `member`, too."""

    kind: MeaningKind
    file: Path
    type: TypeFacts | None = None
    member: Member | None = None
    files: tuple[Path, ...] = ()
    is_held: bool = False
    """Whether it is a container of such values, which is taken for one of them."""
    arguments: tuple[str, Path] | None = None
    """The type's arguments, and the file in which they are written so."""

    def as_value(self) -> Meaning:
        """A value of this type."""
        return replace(self, kind=MeaningKind.VALUE, member=None, files=())


@dataclass(frozen=True, slots=True)
class Found:
    """A member, the type that declares it (None for a module), and its file."""

    member: Member
    type: TypeFacts | None
    file: Path


@dataclass(frozen=True, slots=True)
class Own:
    """The cursor's document: its facts, and the names bound around the line `row`.

    `returns` is the text of the return type of the innermost function around `row`.
    """

    file: Path
    language: str
    facts_of: FileFacts
    bindings: Mapping[str, Binding]
    row: int
    returns: str = ""

    @property
    def enclosing(self) -> tuple[TypeFacts, Part] | None:
        """The innermost type around the cursor, and the part of it that contains the cursor."""
        around = [
            (part.last_line - part.line, each, part)
            for each in self.facts_of.types.values()
            for part in each.parts
            if part.line <= self.row <= part.last_line
        ]
        if not around:
            return None
        _, each, part = min(around, key=lambda each: each[0])
        return each, part
