"""A type with what other files add to it, and its base types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devstral_lsp.context.members.facts import TypeFacts
from devstral_lsp.context.members.meaning import Found, Meaning
from devstral_lsp.context.members.modules import Modules

MAX_BASES = 12
MAX_NESTING = 8
"""Maximum base types that are being resolved for the sake of each other."""


@dataclass
class Lineage:
    """The lineages of one query. `resolve` finds the meaning of a base type's name in a file."""

    modules: Modules
    resolve: Callable[[str, Path], Meaning | None]
    _parts: dict[tuple[str, Path], tuple[tuple[TypeFacts, Path], ...]] = field(default_factory=dict)
    _bases: dict[tuple[str, Path], Meaning | None] = field(default_factory=dict)
    _nesting: int = 0

    def of(self, start: TypeFacts, file: Path) -> Iterator[tuple[TypeFacts, Path]]:
        """A type with all its parts, then its base types, the nearest first."""
        waiting = [(start, file)]
        seen: set[tuple[str, Path]] = set()
        while waiting and len(seen) < MAX_BASES:
            each, where = waiting.pop(0)
            if (each.name, where) in seen:
                continue
            seen.add((each.name, where))
            bases: list[tuple[str, Path]] = []
            for part, part_file in self._parts_of(each, where):
                yield part, part_file
                bases += [(base, part_file) for base in part.bases]
            for base, part_file in bases:
                found = self._base(base, part_file)
                if found is not None and found.type is not None:
                    waiting.append((found.type, found.file))

    def derives_from(self, meaning: Meaning, base: str) -> bool:
        """Whether a base type has the unqualified name `base`, wherever it is defined."""
        each = meaning.type
        parts = self.of(each, meaning.file) if each is not None else ()
        names = (name for part, _ in parts for name in part.bases)
        return any(name.rpartition(".")[2] == base for name in names)

    def members_of(self, meaning: Meaning) -> list[Found]:
        """The members of a type or value, inherited ones last."""
        if meaning.type is None:
            return []
        found: dict[str, Found] = {}
        for each, file in self.of(meaning.type, meaning.file):
            for member in each.members:
                found.setdefault(member.name, Found(member, each, file))
        return list(found.values())

    def of_bases(self, names: Iterable[str]) -> list[tuple[TypeFacts, Path]]:
        """The lineages of types that the document names."""
        found: dict[int, tuple[TypeFacts, Path]] = {}
        for name in names:
            base = self._base(name, self.modules.own.file)
            if base is not None and base.type is not None:
                for each, file in self.of(base.type, base.file):
                    found.setdefault(id(each), (each, file))
        return list(found.values())

    def base_of(self, owner: Meaning | None) -> Meaning | None:
        """A value of the nearest base type."""
        for name in owner.type.bases if owner is not None and owner.type is not None else ():
            found = self._base(name, owner.file) if owner is not None else None
            if found is not None and found.type is not None:
                return found.as_value()
        return None

    def _base(self, name: str, file: Path) -> Meaning | None:
        """The meaning of a base type's name, which may need that of other base types, or itself."""
        key = name, file
        if key not in self._bases:
            self._bases[key] = None  # while it is being resolved
            if self._nesting < MAX_NESTING:
                self._nesting += 1
                self._bases[key] = self.resolve(name, file)
                self._nesting -= 1
        return self._bases[key]

    def _parts_of(self, each: TypeFacts, file: Path) -> tuple[tuple[TypeFacts, Path], ...]:
        """The type, and what other files add to it."""
        key = (each.name, file)
        if key not in self._parts:
            self._parts[key] = ((each, file), *self.modules.find_other_parts(each.name, file))
        return self._parts[key]
