"""Resolve expressions: names, members, and results of calls.

Uses the syntax only: type annotations first, then bindings, then returned expressions. What would
need the program to run is not resolved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from devstral_lsp.context.members import type_text
from devstral_lsp.context.members.bindings import Binding
from devstral_lsp.context.members.chains import Chain, Step, find_cast, parse_chain, steps_after
from devstral_lsp.context.members.elements import HOLDERS, listed, passed_on, required_module
from devstral_lsp.context.members.facts import Member, MemberKind, TypeFacts, part_of, type_names
from devstral_lsp.context.members.lineage import Lineage
from devstral_lsp.context.members.meaning import Found, Meaning, MeaningKind
from devstral_lsp.context.members.modules import Modules
from devstral_lsp.languages.language import Import

DEEPEST = 14
"""Maximum steps from one meaning to the next."""
MAX_STEPS = 1_500
"""Maximum steps of one query in all."""
_SELF = frozenset({"self", "cls", "this", "$this", "static", "Self"})
_SUPER = frozenset({"super", "base", "parent"})
_RUST_ROOTS = frozenset({"crate", "self", "super"})
_IMPLICIT_SELF = frozenset({"java", "csharp", "cpp"})
"""Grammars in which a member of the own type is written without `this`."""
_OTHERWISE = re.compile(r" (?:or|else|\?\?|\|\||&&|and|:|\?) ")
_SPLIT = re.compile(r"\.|::|\\")


@dataclass
class Resolver:
    """Resolves for one cursor."""

    modules: Modules
    _left: int = MAX_STEPS

    def __post_init__(self) -> None:
        self.lineage = Lineage(self.modules, self._base)

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

    def resolve_type(self, text: str, file: Path | None = None) -> Meaning | None:
        """The first type named in the text, of another `file`, that can be resolved."""
        return self._type_in(text, file or self.modules.own.file, 0)

    def resolve_module(self, module: str) -> Meaning | None:
        """The module that an import statement of the document names."""
        return self.modules.module(Import(module), self.modules.own.file)

    def list_members(self, meaning: Meaning) -> list[Found]:
        """The members of a type or value, inherited ones last; of a module, its public names."""
        if meaning.kind is MeaningKind.MODULE:
            return self.modules.public(meaning)
        return self.lineage.members_of(meaning)

    def bases_at_cursor(self) -> list[tuple[TypeFacts, Path]]:
        """The base types of the type around the cursor, and their base types."""
        enclosing = self.modules.own.enclosing
        return self.lineage.of_bases(enclosing[1].bases if enclosing is not None else ())

    def _base(self, name: str, file: Path) -> Meaning | None:
        self._left -= 1
        return self._resolve_qualified(name, file, 4)

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
        text = passed_on(text)
        if (cast := find_cast(text)) and (named := self._type_in(cast, file, depth + 1)):
            return named.as_value()
        path, rest = required_module(text)
        if path and (module := self.modules.module(Import(path), file)) is not None:
            return self._take(module, steps_after(rest), depth)
        chain = parse_chain(text)
        found = self._chain(chain, file, owner, depth, is_own) if chain is not None else None
        explicit = type_text.given_types(text)
        if found is not None:
            if explicit and found.arguments is None:
                found = replace(found, arguments=(explicit, file))
            is_new = text.startswith("new ") and found.kind is MeaningKind.TYPE
            return found.as_value() if is_new else found
        if explicit and (named := self._type_in(explicit, file, depth + 1)) is not None:
            return named.as_value()
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
            if found is not None and chain.is_list:
                found = replace(found, is_held=True)
        return self._take(found, steps, depth)

    def _take(
        self, found: Meaning | None, steps: Sequence[tuple[Step, str]], depth: int
    ) -> Meaning | None:
        for at, (step, name) in enumerate(steps):
            if found is None:
                return None
            following = steps[at + 1] if at + 1 < len(steps) else None
            part = self._part_of_result(found, step, following, depth)
            found = part or self._step(found, step, name, depth + 1)
        return found

    def _part_of_result(
        self, found: Meaning, step: Step, following: tuple[Step, str] | None, depth: int
    ) -> Meaning | None:
        """One of several results, as in `pair()[1]`."""
        is_call = step is Step.CALL and found.kind is MeaningKind.FUNCTION
        if not is_call or found.member is None or following is None or following[0] != Step.INDEX:
            return None
        index, of = following[1], found.member.of
        part = part_of(of, int(index)) if index.isdigit() and len(index) < 3 else of
        named = self._type_in(part, found.file, depth + 1) if part != of else None
        return named.as_value() if named is not None else None

    def _root(
        self, chain: Chain, file: Path, owner: Meaning | None, depth: int, is_own: bool
    ) -> tuple[Meaning | None, tuple[tuple[Step, str], ...]]:
        root, steps = chain.root, chain.steps
        is_path = self.modules.grammar(file) == "rust" and steps and steps[0][0] is Step.MEMBER
        is_path = is_path and (root != "self" or owner is None)
        if root in _SUPER and not (root in _RUST_ROOTS and self.modules.grammar(file) == "rust"):
            if steps and steps[0][0] is Step.CALL:
                steps = steps[1:]
            return self.lineage.base_of(owner), steps
        if root.startswith("@") and owner is not None:
            return self._step(owner, Step.MEMBER, root.lstrip("@"), depth + 1), steps
        if is_own and root in self.modules.own.bindings:
            found = self._bound(self.modules.own.bindings[root], owner, depth)
            if found is not None or root not in _SELF:
                return found, steps
        if root in _SELF and owner is not None:
            return replace(owner, kind=MeaningKind.TYPE) if root == "cls" else owner, steps
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
            if type_text.is_self_type(of) and owner is not None:
                return owner
            named = self._type_in(of, file, depth + 1)
            if named is not None and binding.path:
                return self._step(named.as_value(), Step.MEMBER, binding.path, depth + 1)
            if named is not None:
                return named.as_value()
        if not binding.value or (binding.value in self.modules.own.bindings and depth > 6):
            return None
        if binding.index:
            is_listed, part = self._unpack(binding, owner, depth)
            if is_listed:
                return part
        return self._evaluate(binding.value, file, owner, depth + 1, is_own=True)

    def _unpack(
        self, binding: Binding, owner: Meaning | None, depth: int
    ) -> tuple[bool, Meaning | None]:
        """Whether several values or results are listed, and the one at the binding's index."""
        file, values = self.modules.own.file, listed(binding.value)
        if (value := part_of(values, binding.index)) != values:
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
            return self._special(found, "__getitem__", depth) or found
        if step is Step.CALL:
            if found.kind is MeaningKind.TYPE:
                return found.as_value()
            if found.kind is MeaningKind.VALUE:
                return self._special(found, "__call__", depth) or found
            if found.kind is not MeaningKind.FUNCTION or found.member is None:
                return found
            owner = replace(found, kind=MeaningKind.VALUE, member=None) if found.type else None
            return self._typed(found.member, owner, found.file, depth)
        if found.kind is MeaningKind.MODULE:
            return self.resolve_value_type(self.modules.exported(name, found), depth)
        if found.kind is MeaningKind.FUNCTION or found.type is None:
            return None
        if found.is_held and name.startswith("__"):
            return found
        for each, file in self.lineage.of(found.type, found.file):
            member = next((one for one in each.members if one.name == name), None)
            if member is not None:
                owner = replace(found, kind=MeaningKind.VALUE, is_held=False)
                return self._member_meaning(member, owner, file, depth)
        if found.kind is MeaningKind.TYPE and name == "new":  # Ruby's constructor
            return found.as_value()
        if found.kind is MeaningKind.TYPE:
            inner = self.modules.facts_of(found.file)
            nested = inner.types.get(name) if inner is not None else None
            return Meaning(MeaningKind.TYPE, found.file, nested) if nested is not None else None
        # `items.first().unwrap()`: a container of a type is taken for a value of it.
        return found if not found.type.members or name in HOLDERS else None

    def _special(self, found: Meaning, name: str, depth: int) -> Meaning | None:
        """The result of a value's method that the language calls by itself; None without one."""
        members = found.type.members if found.type is not None and not found.is_held else ()
        member = next((each for each in members if each.name == name), None)
        return self._typed(member, found, found.file, depth) if member is not None else None

    def _member_meaning(
        self, member: Member, owner: Meaning | None, file: Path, depth: int
    ) -> Meaning | None:
        if member.kind is MemberKind.METHOD and not member.is_called:
            type_ = owner.type if owner is not None else None
            given = owner.arguments if owner is not None else None
            return Meaning(MeaningKind.FUNCTION, file, type_, member, arguments=given)
        if member.kind is MemberKind.CONSTANT and not member.of and owner is not None:
            return owner
        return self._typed(member, owner, file, depth)

    def _typed(
        self, member: Member, owner: Meaning | None, file: Path, depth: int
    ) -> Meaning | None:
        """A value of the type that a member has or returns."""
        if member.of:
            if owner is not None and type_text.names_self_type(member.of):
                return owner
            named = self._type_in(member.of, file, depth + 1)
            given = owner.arguments if owner is not None else None
            if named is None and given is not None:
                named = self._type_in(*given, depth + 1)  # a type variable
                if named is not None and not member.of.isidentifier():
                    named = replace(named, is_held=True)
            elif named is not None and named.arguments is not None and given is not None:
                is_known = self._type_in(*named.arguments, depth + 1) is not None
                named = named if is_known else replace(named, arguments=given)
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
            if found is not None and found.kind is MeaningKind.FUNCTION and "typeof " in text:
                return self._step(found, Step.CALL, "", depth + 1)
            if found is None or found.kind is not MeaningKind.TYPE or found.type is None:
                continue
            arguments = type_text.type_arguments(text, name)
            is_held = not arguments and not type_text.is_value_of(text, name)
            found = replace(self._resolve_alias(found, depth), is_held=is_held)
            return replace(found, arguments=(arguments, file) if arguments else found.arguments)
        return None

    def _resolve_alias(self, found: Meaning, depth: int) -> Meaning:
        """The target of an alias without members."""
        each = found.type
        if each is None or each.members or not each.bases or depth > DEEPEST:
            return found
        if not type_text.is_alias(each.header):
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
