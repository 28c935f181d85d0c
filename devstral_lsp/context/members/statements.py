"""Combine the statements of a file into facts: types with their members, functions, imports.

`reading.py` creates the statements from a syntax tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from devstral_lsp.context.members.facts import (
    MAX_OVERLOADS,
    FileFacts,
    Imported,
    Member,
    MemberKind,
    Part,
    TypeFacts,
    type_of_parameter,
)

MAX_MEMBERS = 400
"""Maximum members of one type; only generated types have more."""


@dataclass(slots=True)
class Statement:
    """A match without its nodes.

    Bytes and rows are those of the tagged node. `key` is the byte of its name, `since` the byte of
    the first thing that it depends on, `head_end` the byte before its body. The parameters of a
    function are visible up to its `body_end`. `name` is the defined or extended type; "" for the
    type around the statement.
    """

    tag: str
    key: int
    start: int
    end: int
    row: int
    last_row: int
    since: int
    head_end: int
    name: str = ""
    member: Member | None = None
    header: str = ""
    params: str = ""
    bases: tuple[str, ...] = ()
    imports: tuple[Imported, ...] = ()
    body_end: int = 0
    is_signature: bool = False
    """Whether it has no meaning outside of a type."""


Statements = Mapping[tuple[int, bool], Statement]
"""Statements by the byte of the name, and whether it is a scope."""


def sort_key(each: Statement) -> tuple[int, int, int]:
    """Sort key: the order of the text, outer statements before inner ones."""
    return each.start, -each.end, each.key


def facts_of(statements: Iterable[Statement], language_id: str) -> FileFacts:
    """Combine statements, which must be in the order of the text."""
    sweep = _Sweep()
    for each in statements:
        sweep.take(each)
    return FileFacts(
        language=language_id,
        package=sweep.package,
        types={name: each.build() for name, each in sweep.types.items()},
        members=sweep.members,
        imports=tuple(sweep.imports),
    )


class _Sweep:
    """One pass over the statements of a file."""

    def __init__(self) -> None:
        self.types: dict[str, _Type] = {}
        self.members: dict[str, Member] = {}
        self.imports: list[Imported] = []
        self.package = ""
        self._around: list[tuple[int, _Type | None, str]] = []
        """The open scopes: end, type (None for a function), and parameters."""

    def take(self, each: Statement) -> None:
        while self._around and self._around[-1][0] <= each.start:
            self._around.pop()
        if each.tag == "type":
            self._type(each)
        elif each.tag == "method":
            self._method(each)
        elif each.tag == "scope":
            self._around.append((each.body_end, None, each.params))
        elif each.tag == "self":
            self._self(each)
        elif each.tag == "embed":
            outer = self._around[-1][1] if self._around else None
            if outer is not None:
                outer.bases += each.bases
        elif each.tag == "import":
            self.imports += each.imports
        elif each.tag == "package":
            self.package = self.package or each.name
        elif each.member is not None and (self._around or not each.is_signature):
            self._add(each.member)

    def _type(self, each: Statement) -> None:
        known = self.types.setdefault(each.name, _Type(each.name))
        if not known.header:
            known.header, known.params = each.header, each.params
        known.bases += each.bases
        known.parts.append(Part(each.row, each.last_row, each.bases))
        self._around.append((each.end, known, ""))

    def _method(self, each: Statement) -> None:
        member = each.member
        assert member is not None, "each has one"
        if each.name:
            self.types.setdefault(each.name, _Type(each.name)).add(member)
        else:
            self._add(member)
        if each.body_end:
            self._around.append((each.body_end, None, member.params))

    def _self(self, each: Statement) -> None:
        outer = next((outer for _, outer, _ in reversed(self._around) if outer is not None), None)
        member = each.member
        if outer is None or member is None:
            return
        if not member.of and member.value.isidentifier():
            params = next((params for _, each, params in reversed(self._around) if not each), "")
            member = replace(member, of=type_of_parameter(member.value, params))
        outer.add(replace(member, name=member.name.lstrip("@$#"), text=member.text.lstrip("@")))

    def _add(self, member: Member) -> None:
        """Add a member to the type around it or to the module; names in a function are local."""
        if not self._around:
            self.members[member.name] = _merged(member, self.members.get(member.name))
        elif (outer := self._around[-1][1]) is not None:
            outer.add(member)


@dataclass(slots=True)
class _Type:
    """A type under construction, to which several parts of a file may add."""

    name: str
    header: str = ""
    bases: list[str] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    params: str = ""

    def add(self, member: Member) -> None:
        known = self.members.get(member.name)
        if known is not None or len(self.members) < MAX_MEMBERS:
            self.members[member.name] = _merged(member, known)

    def build(self) -> TypeFacts:
        return TypeFacts(
            *(self.name, self.header, tuple(dict.fromkeys(self.bases))[:12]),
            *(tuple(self.members.values()), tuple(self.parts), self.params),
        )


def _merged(new: Member, known: Member | None) -> Member:
    """The declaration of a name that counts: of overloads the one with the most parameters, with
    the others."""
    if known is None:
        return new
    if new.kind is not MemberKind.METHOD or known.kind is not MemberKind.METHOD:
        says_more = (new.of and not known.of) or (new.value and not (known.of or known.value))
        return new if says_more and known.kind is not MemberKind.METHOD else known
    if known.is_called or new.params == known.params:
        return known
    first, other = (new, known) if len(new.params) > len(known.params) else (known, new)
    others = (*known.overloads, replace(other, overloads=()))[:MAX_OVERLOADS]
    return replace(first, overloads=others)
