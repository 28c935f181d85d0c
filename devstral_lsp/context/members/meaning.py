"""What an expression stands for: a module, a type, a value of a type, or a function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """`file` defines it. A module has `files`; a type and a value of it have `type`; a function has
    `member`, and the type it belongs to if there is one. So has a value whose type is not known
    yet."""

    kind: MeaningKind
    file: Path
    type: TypeFacts | None = None
    member: Member | None = None
    files: tuple[Path, ...] = ()

    def as_value(self) -> Meaning:
        """A value of this type."""
        return Meaning(MeaningKind.VALUE, self.file, self.type)


@dataclass(frozen=True, slots=True)
class Found:
    """A member, the type that declares it (None for a module) and its file."""

    member: Member
    type: TypeFacts | None
    file: Path


@dataclass(frozen=True, slots=True)
class Own:
    """The document of the cursor: its facts, and what is bound around the line `row`.

    `returns` is the text of the type that the innermost function around it returns.
    """

    file: Path
    language: str
    model_info: FileFacts
    bindings: Mapping[str, Binding]
    row: int
    returns: str = ""

    @property
    def enclosing(self) -> tuple[TypeFacts, Part] | None:
        """The innermost type around the cursor, and the part of it that the cursor is in."""
        around = [
            (part.last_line - part.line, each, part)
            for each in self.model_info.types.values()
            for part in each.parts
            if part.line <= self.row <= part.last_line
        ]
        if not around:
            return None
        _, each, part = min(around, key=lambda each: each[0])
        return each, part
