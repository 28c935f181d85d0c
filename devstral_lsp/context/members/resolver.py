"""Resolve expressions: names, members, and results of calls.

Uses the syntax only: type annotations first, then bindings, then returned expressions. What would
need the program to run is not resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from devstral_lsp.context.members.bindings import Binding
from devstral_lsp.context.members.chains import Chain, Step, find_cast, parse_chain
from devstral_lsp.context.members.facts import Member, MemberKind, TypeFacts, part_of, type_names
from devstral_lsp.context.members.meaning import Found, Meaning, MeaningKind
from devstral_lsp.context.members.modules import Modules
from devstral_lsp.languages.language import Import

DEEPEST = 14
"""Maximum steps from one meaning to the next."""
MAX_BASES = 12
MAX_STEPS = 1_500
"""Maximum steps of one query in all."""
_SELF = frozenset({"self", "cls", "this", "$this", "static", "Self"})
_SUPER = frozenset({"super", "base", "parent"})
_SELF_TYPE = re.compile(r"\b(?:Self|self|this|static)\b")
_RUST_ROOTS = frozenset({"crate", "self", "super"})
_IMPLICIT_SELF = frozenset({"java", "csharp", "cpp"})
"""Grammars in which a member of the own type is written without `this`."""
_OTHERWISE = re.compile(r" (?:or|else|\?\?|\|\||&&|and|:) ")
_SPLIT = re.compile(r"\.|::|\\")
_ALIAS = re.compile(r"(?:export )?(?:pub(?:\([\w: ]{0,40}\))? )?(?:type|using|typedef)\b")
_HOLDERS = frozenset(
    """
    unwrap expect unwrap_or unwrap_or_else unwrap_or_default as_ref as_mut clone borrow borrow_mut
    lock read write iter iter_mut into_iter next get get_mut first last pop peek values items
    to_owned await deref at find filter slice shift item nth take cloned copied stream orElse
    orElseThrow orElseGet findFirst ok and_then map_err context ok_or ok_or_else insert entry
    value get_or_insert_with
    """.split()  # noqa: SIM905 - a list would be thirty lines
)
"""Container methods whose result is still a value of the element type."""


@dataclass
class Resolver:
    """Resolves for one cursor."""

    modules: Modules
    _left: int = MAX_STEPS
    _parts: dict[tuple[str, Path], tuple[tuple[TypeFacts, Path], ...]] = field(default_factory=dict)

    def expression(self, text: str) -> Meaning | None:
        """The meaning of an expression at the cursor; one that ends in "::" is a path."""
        path = text.removesuffix("::")
        if path == text:
            return self._evaluate(text, self.modules.own.file, self._own_type(), 0, is_own=True)
        if path in _RUST_ROOTS:
            return self.modules.module(Import(path), self.modules.own.file)
        if path in _SELF or path in _SUPER:
            return self._evaluate(path, self.modules.own.file, self._own_type(), 0, is_own=True)
        return self._resolve_qualified(path.partition("<")[0], self.modules.own.file, 0)

    def resolve_type(self, text: str) -> Meaning | None:
        """The first type named in the text that can be resolved."""
        return self._type_in(text, self.modules.own.file, 0)

    def resolve_foreign_type(self, text: str, file: Path) -> Meaning | None:
        """The same for a text of another file."""
        return self._type_in(text, file, 0)

    def resolve_module(self, module: str) -> Meaning | None:
        """The module that an import statement of the document names."""
        return self.modules.module(Import(module), self.modules.own.file)

    def list_members(self, meaning: Meaning) -> list[Found]:
        """The members of a type or value, inherited ones last; of a module, its public names."""
        if meaning.kind is MeaningKind.MODULE:
            return self.modules.public(meaning)
        if meaning.type is None:
            return []
        found: dict[str, Found] = {}
        for each, file in self._list_lineage(meaning.type, meaning.file):
            for member in each.members:
                found.setdefault(member.name, Found(member, each, file))
        return list(found.values())

    def bases_at_cursor(self) -> list[tuple[TypeFacts, Path]]:
        """The base types of the type around the cursor, and their base types."""
        own = self.modules.own
        found: dict[int, tuple[TypeFacts, Path]] = {}
        for name in own.enclosing[1].bases if own.enclosing is not None else ():
            base = self._resolve_qualified(name, own.file, 0)
            if base is not None and base.type is not None:
                for each, file in self._list_lineage(base.type, base.file):
                    found.setdefault(id(each), (each, file))
        return list(found.values())

    def _own_type(self) -> Meaning | None:
        own = self.modules.own
        if own.enclosing is None:
            return None
        return Meaning(MeaningKind.VALUE, own.file, own.enclosing[0])

    def _evaluate(
        self, text: str, file: Path, owner: Meaning | None, depth: int, *, is_own: bool = False
    ) -> Meaning | None:
        """The meaning of an expression in a file; `owner` is a value of the type around it."""
        self._left -= 1
        if depth > DEEPEST or self._left < 0 or not text:
            return None
        if (cast := find_cast(text)) and (named := self._type_in(cast, file, depth + 1)):
            return named.as_value()
        chain = parse_chain(text)
        found = self._chain(chain, file, owner, depth, is_own) if chain is not None else None
        if found is not None:
            is_new = text.startswith("new ") and found.kind is MeaningKind.TYPE
            return found.as_value() if is_new else found
        if (further := _OTHERWISE.search(text)) is not None:
            return self._evaluate(text[further.end() :], file, owner, depth + 1, is_own=is_own)
        if chain is None or not chain.root:
            named = self._type_in(text[:120], file, depth + 1)
            return named.as_value() if named is not None else None
        return None

    def _chain(
        self, chain: Chain, file: Path, owner: Meaning | None, depth: int, is_own: bool
    ) -> Meaning | None:
        if chain.root:
            found, steps = self._root(chain, file, owner, depth, is_own)
        else:
            found = self._evaluate(chain.inner, file, owner, depth + 1, is_own=is_own)
            steps = chain.steps
            if found is not None and found.kind is MeaningKind.TYPE:
                found = found.as_value()
        for step, name in steps:
            if found is None:
                return None
            found = self._step(found, step, name, depth + 1)
        return found

    def _root(
        self, chain: Chain, file: Path, owner: Meaning | None, depth: int, is_own: bool
    ) -> tuple[Meaning | None, tuple[tuple[Step, str], ...]]:
        root, steps = chain.root, chain.steps
        is_path = self.modules.grammar(file) == "rust" and steps and steps[0][0] is Step.MEMBER
        is_path = is_path and (root != "self" or owner is None)
        if root in _SUPER and not (root in _RUST_ROOTS and self.modules.grammar(file) == "rust"):
            if steps and steps[0][0] is Step.CALL:
                steps = steps[1:]
            return self._base_of(owner, depth), steps
        if root.startswith("@") and owner is not None:
            return self._step(owner, Step.MEMBER, root.lstrip("@"), depth + 1), steps
        if is_own and root in self.modules.own.bindings:
            found = self._bound(self.modules.own.bindings[root], owner, depth)
            if found is not None or root not in _SELF:
                return found, steps
        if root in _SELF and owner is not None:
            return owner, steps
        if is_path and root in _RUST_ROOTS:
            module = self.modules.module(Import(root), file)
            return module, steps
        if owner is not None and self.modules.grammar(file) in _IMPLICIT_SELF:
            found = self._step(owner, Step.MEMBER, root, depth + 1)
            if found is not None:
                return found, steps
        return self._named(root, file, depth + 1), steps

    def _bound(self, binding: Binding, owner: Meaning | None, depth: int) -> Meaning | None:
        file = self.modules.own.file
        if binding.of:
            of = part_of(binding.of, binding.index)
            if _SELF_TYPE.fullmatch(of.strip("&* ")) and owner is not None:
                return owner
            named = self._type_in(of, file, depth + 1)
            if named is not None:
                return named.as_value()
        if not binding.value or (binding.value in self.modules.own.bindings and depth > 6):
            return None
        if binding.index:
            is_listed, part = self._unpack(binding, owner, depth)
            if is_listed:
                return part
        found = self._evaluate(binding.value, file, owner, depth + 1, is_own=True)
        return None if found is not None and found.kind is MeaningKind.FUNCTION else found

    def _unpack(
        self, binding: Binding, owner: Meaning | None, depth: int
    ) -> tuple[bool, Meaning | None]:
        """Whether several values or results are listed, and the one at the binding's index."""
        file, listed = self.modules.own.file, f"({binding.value})"
        if (value := part_of(listed, binding.index)) != listed:
            return True, self._evaluate(value, file, owner, depth + 1, is_own=True)
        chain = parse_chain(binding.value)
        if chain is None or chain.steps[-1:] != ((Step.CALL, ""),):
            return False, None
        called = self._chain(replace(chain, steps=chain.steps[:-1]), file, owner, depth, True)
        if called is None or called.member is None:
            return False, None
        part = part_of(called.member.of, binding.index)
        named = self._type_in(part, called.file, depth + 1)
        return part != called.member.of, named.as_value() if named is not None else None

    def _named(self, name: str, file: Path, depth: int) -> Meaning | None:
        """The meaning of an unqualified name in a file."""
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            return None
        return self.resolve_value_type(self.modules.named(name, file), depth)

    def resolve_value_type(self, found: Meaning | None, depth: int = 0) -> Meaning | None:
        """The meaning with its type, if it is a value that a file or a type defines."""
        if found is None or found.kind is not MeaningKind.VALUE or found.member is None:
            return found
        owner = Meaning(MeaningKind.VALUE, found.file, found.type) if found.type else None
        return self._typed(found.member, owner, found.file, depth)

    def _step(self, found: Meaning, step: Step, name: str, depth: int) -> Meaning | None:
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            return None
        if step is Step.INDEX:
            return found
        if step is Step.CALL:
            if found.kind is MeaningKind.TYPE:
                return found.as_value()
            if found.kind is not MeaningKind.FUNCTION or found.member is None:
                return found
            owner = Meaning(MeaningKind.VALUE, found.file, found.type) if found.type else None
            return self._typed(found.member, owner, found.file, depth)
        if found.kind is MeaningKind.MODULE:
            return self.resolve_value_type(self.modules.exported(name, found), depth)
        if found.kind is MeaningKind.FUNCTION or found.type is None:
            return None
        for each, file in self._list_lineage(found.type, found.file):
            member = next((one for one in each.members if one.name == name), None)
            if member is not None:
                owner = Meaning(MeaningKind.VALUE, found.file, found.type)
                return self._member_meaning(member, owner, file, depth)
        if found.kind is MeaningKind.TYPE and name == "new":  # Ruby's constructor
            return found.as_value()
        if found.kind is MeaningKind.TYPE:
            inner = self.modules.facts_of(found.file)
            nested = inner.types.get(name) if inner is not None else None
            return Meaning(MeaningKind.TYPE, found.file, nested) if nested is not None else None
        # `items.first().unwrap()`: a container of a type is taken for a value of it.
        return found if not found.type.members or name in _HOLDERS else None

    def _member_meaning(
        self, member: Member, owner: Meaning | None, file: Path, depth: int
    ) -> Meaning | None:
        if member.kind is MemberKind.METHOD and not member.is_called:
            type_ = owner.type if owner is not None else None
            return Meaning(MeaningKind.FUNCTION, file, type_, member)
        if member.kind is MemberKind.CONSTANT and not member.of and owner is not None:
            return owner
        return self._typed(member, owner, file, depth)

    def _typed(
        self, member: Member, owner: Meaning | None, file: Path, depth: int
    ) -> Meaning | None:
        """A value of the type that a member has or returns."""
        if member.of:
            if owner is not None and _SELF_TYPE.search(member.of):
                return owner
            named = self._type_in(member.of, file, depth + 1)
            if named is not None:
                return named.as_value()
        if not member.value or depth > DEEPEST:
            return None
        found = self._evaluate(member.value, file, owner, depth + 2)
        return found if found is None or found.kind is not MeaningKind.FUNCTION else None

    def _type_in(self, text: str, file: Path, depth: int) -> Meaning | None:
        """The first type named in the text of a type that can be resolved."""
        for name in type_names(text):
            if len(name) < 2:
                continue  # a type variable
            found = self._resolve_qualified(name, file, depth)
            if found is None or found.kind is not MeaningKind.TYPE or found.type is None:
                continue
            return self._resolve_alias(found, depth)
        return None

    def _resolve_alias(self, found: Meaning, depth: int) -> Meaning:
        """The target of an alias without members."""
        each = found.type
        if each is None or each.members or not each.bases or depth > DEEPEST:
            return found
        if not _ALIAS.match(each.header):
            return found
        for base in each.bases:
            inner = self._resolve_qualified(base, found.file, depth + 2)
            if inner is not None and inner.kind is MeaningKind.TYPE and inner.type is not each:
                return inner
        return found

    def _resolve_qualified(self, name: str, file: Path, depth: int) -> Meaning | None:
        first, *rest = _SPLIT.split(name)
        if first in _RUST_ROOTS and rest and self.modules.grammar(file) == "rust":
            found = self.modules.module(Import(first), file)
        else:
            found = self._named(first, file, depth + 1)
        for part in rest:
            if found is None:
                break
            found = self._step(found, Step.MEMBER, part, depth + 1)
        if found is None and rest:
            found = self._named(rest[-1], file, depth + 1)  # qualified by a namespace
        return found

    def _base_of(self, owner: Meaning | None, depth: int) -> Meaning | None:
        if owner is None or owner.type is None:
            return None
        for name in owner.type.bases:
            found = self._resolve_qualified(name, owner.file, depth + 1)
            if found is not None and found.type is not None:
                return found.as_value()
        return None

    def _list_lineage(self, start: TypeFacts, file: Path) -> Iterator[tuple[TypeFacts, Path]]:
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
                self._left -= 1
                found = self._resolve_qualified(base, part_file, 4)
                if found is not None and found.type is not None:
                    waiting.append((found.type, found.file))

    def _parts_of(self, each: TypeFacts, file: Path) -> tuple[tuple[TypeFacts, Path], ...]:
        """The type, and what other files add to it."""
        key = (each.name, file)
        if key not in self._parts:
            self._parts[key] = ((each, file), *self.modules.find_other_parts(each.name, file))
        return self._parts[key]
