"""Resolve a name in a file: its definitions, its imports, and its package.

Follows re-exports: `__init__.py`, `index.ts`, `mod.rs`. `resolver.py` finds the types of values.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.context.members.facts import FileFacts, Imported, Member, MemberKind, TypeFacts
from devstral_lsp.context.members.library import Shelf
from devstral_lsp.context.members.meaning import Found, Meaning, MeaningKind, Own
from devstral_lsp.context.members.queries import grammar_of
from devstral_lsp.context.members.survey import Survey
from devstral_lsp.languages.language import Import

MAX_HOPS = 8
"""Maximum length of a chain of imports."""
MAX_OF_A_NAME = 4
"""Maximum number of types with the same name."""
MAX_NESTING = 24
"""Maximum number of files searched for the types of a namespace."""
MAX_REEXPORTED = 24
"""Maximum number of files whose names a module re-exports."""
_PASSES_ON = frozenset({"python", "typescript", "tsx", "javascript", "rust"})
"""Grammars in which a wildcard import can re-export names."""
_SAME_PACKAGE = {"go": ".go", "java": ".java", "csharp": ".cs"}
_INDEXES = ("__init__", "index", "mod", "lib", "main")
"""File names of modules that re-export the definitions of others."""
_FAMILIES = {
    ".tsx": ".ts", ".mts": ".ts", ".cts": ".ts", ".jsx": ".js", ".pyi": ".py",
    ".h": ".cpp", ".hpp": ".cpp", ".hh": ".cpp", ".hxx": ".cpp", ".cc": ".cpp", ".cxx": ".cpp",
    ".c": ".cpp",
}  # fmt: skip


@dataclass(frozen=True)
class Modules:
    """Resolves names for one cursor."""

    shelf: Shelf
    own: Own
    survey: Survey

    def facts_of(self, file: Path) -> FileFacts | None:
        """The facts of a file, or of the cursor's document."""
        return self.own.facts_of if file == self.own.file else self.shelf.facts_of(file)

    def language(self, file: Path) -> str:
        """The LSP language id of a file."""
        facts = self.facts_of(file) if file != self.own.file else None
        return facts.language if facts is not None else self.own.language

    def grammar(self, file: Path) -> str:
        return grammar_of(self.language(file))

    def module(self, wanted: Import, file: Path) -> Meaning | None:
        """The module that an import in a file refers to."""
        files = self.shelf.module(wanted, file, self.language(file))
        return Meaning(MeaningKind.MODULE, files[0], files=files) if files else None

    def named(self, name: str, file: Path) -> Meaning | None:
        """The meaning of an unqualified name in a file."""
        found = self.defined(name, file) or self._imported(name, file, 0)
        if found is None and (suffix := _SAME_PACKAGE.get(self.grammar(file))):
            found = self._in_package(name, self.shelf.folder(file.parent, suffix))
        return found or next(iter(self.find_types(name, file)), None)

    def defined(self, name: str, file: Path) -> Meaning | None:
        """The meaning of a name that the file itself defines."""
        facts = self.facts_of(file)
        if facts is None:
            return None
        each = facts.types.get(name)
        if each is not None and each.header:
            return Meaning(MeaningKind.TYPE, file, each)
        member = facts.members.get(name)
        if member is None:
            return None
        is_function = member.kind is MemberKind.METHOD and not member.is_called
        kind = MeaningKind.FUNCTION if is_function else MeaningKind.VALUE
        return Meaning(kind, file, member=member)

    def resolve_line(self, file: Path, line: int) -> Meaning | None:
        """The type or function defined at a line; for a field, a value of its type."""
        facts = self.facts_of(file)
        if facts is None:
            return None
        for each in facts.types.values():
            if each.header and any(part.line == line for part in each.parts):
                return Meaning(MeaningKind.TYPE, file, each)
        owners = [None, *facts.types.values()]
        for owner in owners:
            members = facts.members.values() if owner is None else owner.members
            for member in members:
                if member.line == line:
                    is_function = member.kind is MemberKind.METHOD and not member.is_called
                    kind = MeaningKind.FUNCTION if is_function else MeaningKind.VALUE
                    return Meaning(kind, file, owner, member)
        return None

    def exported(self, name: str, module: Meaning, hops: int = 0) -> Meaning | None:
        """The meaning of a name in a module, including re-exported names."""
        if hops > MAX_HOPS:
            return None
        if self.grammar(module.file) == "go":
            return self._in_package(name, module.files)
        for file in module.files:
            found = self.defined(name, file) or self._imported(name, file, hops + 1)
            if found is not None:
                return found
            facts = self.facts_of(file)
            if name == "default" and facts is not None and facts.types:
                return Meaning(MeaningKind.TYPE, file, next(iter(facts.types.values())))
            if file.name == "__init__.py" and (inner := self.module(Import(f".{name}"), file)):
                return inner
        return None

    def find_types(self, name: str, near: Path) -> list[Meaning]:
        """The workspace's types with this name, the nearest to `near` first."""
        paths = sorted(
            (each for each in self.survey.types.get(name, ()) if _family(each) == _family(near)),
            key=lambda path: -_common_parts(path, near),
        )
        found = []
        for path in paths[:MAX_OF_A_NAME]:
            facts = self.facts_of(path)
            each = facts.types.get(name) if facts is not None else None
            if each is not None and each.header:
                found.append(Meaning(MeaningKind.TYPE, path, each))
        return found

    def public(self, module: Meaning) -> list[Found]:
        """The names that a module defines or re-exports, as other files write them."""
        found = []
        for file in self._passed_on(module):
            facts = self.facts_of(file)
            if facts is None:
                continue
            found += [Found(member, None, file) for member in facts.members.values()]
            types = [each for each in facts.types.values() if each.header]
            found += [Found(_as_member(each.name, each.header), None, file) for each in types]
            for each in facts.imports if file.stem in _INDEXES else ():
                if each.is_passed_on and each.local != "*":
                    found.append(Found(_as_member(each.local, each.local), None, file))
        if self.grammar(module.file) == "python":
            found = [each for each in found if not each.member.name.startswith("_")]
        return [each for each in found if each.file != self.own.file and self.is_seen(each)]

    def _passed_on(self, module: Meaning) -> list[Path]:
        """The module's files, and those of which it re-exports all names: `export * from`."""
        files = list(module.files)
        for file in files:  # grows in the loop
            facts = self.facts_of(file)
            stars = facts.imports if facts is not None else ()
            for each in stars if self.grammar(file) in _PASSES_ON else ():
                if each.local != "*" or not each.is_passed_on or len(files) > MAX_REEXPORTED:
                    continue
                inner = self.module(Import(each.module), file)
                files += [more for more in (inner.files if inner else ()) if more not in files]
        return files

    def is_seen(self, each: Found) -> bool:
        """Whether the document may use the name: Go does not export lower-case names."""
        is_go = self.grammar(self.own.file) == "go"
        return (
            not is_go or each.file.parent == self.own.file.parent or each.member.name[:1].isupper()
        )

    def nested(self, meaning: Meaning) -> list[Found]:
        """Types nested in a type, as its members, including those in its other parts."""
        if meaning.type is None:
            return []
        name, found = meaning.type.name, dict[str, Found]()
        parts = self.find_other_parts(name, meaning.file, MAX_NESTING)
        for outer, file in ((meaning.type, meaning.file), *parts):
            facts = self.facts_of(file) if file != self.own.file else None
            for each in facts.types.values() if facts is not None else ():
                line = each.parts[0].line if each.parts else -1
                if any(part.line < line <= part.last_line for part in outer.parts):
                    inner = Found(_as_member(each.name, each.header), outer, file)
                    found.setdefault(each.name, inner)
        return list(found.values())

    def find_other_parts(
        self, name: str, file: Path, most: int = 2 * MAX_OF_A_NAME
    ) -> list[tuple[TypeFacts, Path]]:
        """What other files add to a type: methods in Go and Rust, partial and reopened classes."""
        grammar = self.grammar(file)
        if grammar == "go":
            files = self.shelf.folder(file.parent, ".go")
        elif grammar in ("rust", "csharp", "cpp", "ruby"):
            files = self.survey.types.get(name, ())[:most]
        else:
            return []
        found = []
        for other in files:
            sketch = self.shelf.sketch(other) if other != file else None
            facts = self.facts_of(other) if sketch is not None and name in sketch.types else None
            part = facts.types.get(name) if facts is not None else None
            if part is not None and (not part.header or grammar in ("csharp", "ruby")):
                found.append((part, other))
        return found

    def _imported(self, name: str, file: Path, hops: int) -> Meaning | None:
        facts = self.facts_of(file)
        stars = []
        for each in facts.imports if facts is not None else ():
            if each.local == name:
                return (
                    self._taken(each, file, hops)
                    if each.name
                    else self.module(Import(each.module), file)
                )
            if each.local == "*":
                stars.append(each)
        for each in stars:
            module = self.module(Import(each.module), file)
            if module is not None and (found := self.exported(name, module, hops + 1)):
                return found
        return None

    def _taken(self, imported: Imported, file: Path, hops: int) -> Meaning | None:
        """The meaning of an import: a name of a module, or a nested module."""
        module = self.module(Import(imported.module), file)
        if module is not None and (found := self.exported(imported.name, module, hops + 1)):
            return found
        return self._submodule(imported.module, imported.name, file, hops)

    def _submodule(self, module: str, name: str, file: Path, hops: int) -> Meaning | None:
        grammar = self.grammar(file)
        if grammar == "python":
            joined = f"{module}{name}" if module.endswith(".") else f"{module}.{name}"
            return self.module(Import(joined), file)
        if grammar == "rust":
            found = self.module(Import(f"{module}::{name}"), file)
            is_there = found is not None and name in (found.file.stem, found.file.parent.name)
            return found if is_there else None
        if grammar in ("java", "php"):
            found = self.module(Import(f"{module}.{name}" if grammar == "java" else module), file)
            return self.exported(name, found, hops + 1) if found is not None else None
        return None

    def _in_package(self, name: str, files: tuple[Path, ...]) -> Meaning | None:
        """The meaning of a name in one of a package's files; reads only files whose sketch has the
        name."""
        for file in files:
            sketch = self.shelf.sketch(file) if file != self.own.file else None
            if sketch is None or not (name in sketch.types or name in sketch.names):
                continue
            found = self.defined(name, file)
            if found is not None:
                return found
        return None


def _as_member(name: str, text: str) -> Member:
    return Member(name, MemberKind.CONSTANT, text)


def _family(path: Path) -> str:
    suffix = path.suffix.lower()
    return _FAMILIES.get(suffix, suffix)


def _common_parts(one: Path, other: Path) -> int:
    pairs = zip(one.parts, other.parts, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), 0)
