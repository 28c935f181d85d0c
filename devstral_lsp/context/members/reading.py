"""Makes the facts of a file from its syntax tree, by the queries of `queries.py`.

The tree is queried in slices, since tree-sitter lets no other thread run meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from devstral_lsp.context.members.facts import (
    FileFacts,
    Imported,
    Member,
    MemberKind,
    Part,
    TypeFacts,
    base_names,
    type_names,
    type_of_parameter,
)
from devstral_lsp.context.members.importing import imports_in
from devstral_lsp.context.members.queries import DEFINITIONS, row_of
from devstral_lsp.syntax.grammars import language_of_grammar
from devstral_lsp.syntax.tree import Syntax

if TYPE_CHECKING:
    from tree_sitter import Node, Query

SLICE_BYTES = 8_192
"""At most 1 ms each, measured on 2,000 lines of Python, TypeScript and Java."""
LONGEST_TEXT = 160
"""Code points of a declaration or an expression; what is longer is cut."""
LONGEST_PARAMS = 1_200
MOST_MEMBERS = 400
"""Of one type. More has only what is generated."""
_TAGS = ("type", "method", "constant", "field", "self", "scope", "embed", "import", "package")
_RANK = {tag: len(_TAGS) - at for at, tag in enumerate(_TAGS)}
_RETURN = re.compile(rb"\breturn[ \t(]+([^\n;]{1,160})")
_SELF = frozenset({"self", "cls", "this"})
_ALIASES = frozenset(
    {
        *("type_alias_declaration", "type_item", "alias_declaration", "type_alias", "type_spec"),
        "type_definition",
    }
)
_ATTRIBUTES = ("attr_reader", "attr_writer", "attr_accessor")
_MIXING_IN = ("include", "extend", "prepend")


@dataclass(slots=True)
class _Found:
    """A match: its node's bytes, what it is, and its parts."""

    start: int
    end: int
    tag: str
    node: Node
    parts: dict[str, Node]


@dataclass(slots=True)
class _Type:
    """A type that is being put together; several parts of a file may add to it."""

    name: str
    header: str = ""
    bases: list[str] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    params: str = ""

    def add(self, member: Member) -> None:
        known = self.members.get(member.name)
        if (known is None and len(self.members) < MOST_MEMBERS) or _says_more(member, known):
            self.members[member.name] = member

    def made(self) -> TypeFacts:
        return TypeFacts(
            *(self.name, self.header, tuple(dict.fromkeys(self.bases))[:12]),
            *(tuple(self.members.values()), tuple(self.parts), self.params),
        )


def read_facts(syntax: Syntax) -> FileFacts:
    """The facts of a text that has been parsed; empty where its language has no row."""
    grammar = row_of(syntax.language_id)
    query = query_of(grammar, DEFINITIONS.get(grammar, ""))
    if query is None:
        return FileFacts(syntax.language_id)
    return _Reading(syntax, grammar, query).model_info()


@cache
def query_of(grammar: str, text: str) -> Query | None:
    """The compiled query; None without a grammar."""
    from tree_sitter import Query

    language = language_of_grammar(grammar) if text else None
    return Query(language, text) if language is not None else None


def matches_of(query: Query, root: Node, start: int, end: int) -> Iterator[dict[str, list[Node]]]:
    """The captures of each match between two bytes; one that reaches over slices comes again."""
    from tree_sitter import QueryCursor

    for at in range(start, end, SLICE_BYTES):
        cursor = QueryCursor(query)
        cursor.set_byte_range(at, min(end, at + SLICE_BYTES))
        for _, captures in cursor.matches(root):
            yield captures


class _Reading:
    """One pass over a file."""

    def __init__(self, syntax: Syntax, grammar: str, query: Query) -> None:
        self._syntax = syntax
        self._source = syntax.source
        self._grammar = grammar
        self._query = query
        self._types: dict[str, _Type] = {}
        self._members: dict[str, Member] = {}
        self._imports: list[Imported] = []
        self._package = ""
        self._around: list[tuple[int, _Type | None, str]] = []
        """What the sweep stands in: its end, the type or None for a function, its parameters."""

    def model_info(self) -> FileFacts:
        takes = {
            "type": self._type,
            "method": self._method,
            "constant": self._constant,
            "field": self._field,
            "self": self._self,
            "scope": self._scope,
            "embed": self._embed,
            "import": self._import,
            "package": self._name_package,
        }
        for found in self._found():
            while self._around and self._around[-1][0] <= found.start:
                self._around.pop()
            takes[found.tag](found)
        return FileFacts(
            language=self._syntax.language_id,
            package=self._package,
            types={name: each.made() for name, each in self._types.items()},
            members=self._members,
            imports=tuple(self._imports),
        )

    def _found(self) -> list[_Found]:
        """All matches in the order of the text; of several for one name, that which says most."""
        best: dict[tuple[int, bool], _Found] = {}
        for captures in matches_of(self._query, self._syntax.root, 0, len(self._source)):
            tag = next(each for each in _TAGS if each in captures)
            node = captures[tag][0]
            parts = {name: nodes[0] for name, nodes in captures.items()}
            key = parts.get("name", node).start_byte, tag == "scope"
            known = best.get(key)
            if known is None or _RANK[tag] > _RANK[known.tag]:
                best[key] = _Found(node.start_byte, node.end_byte, tag, node, parts)
            elif known.tag == tag:
                known.parts = parts | known.parts
        return sorted(best.values(), key=lambda each: (each.start, -each.end))

    def _type(self, found: _Found) -> None:
        name = _base_name(self._part(found, "name"))
        known = self._types.setdefault(name, _Type(name))
        is_extension = found.node.type == "impl_item"
        if not known.header and not is_extension:
            known.header = self._header(found)
            known.params = self._part(found, "params")
        base = self._part(found, "base", most=2_000)
        named = base_names(base, is_alias=found.node.type in _ALIASES)
        bases = tuple(each for each in named if each != name)
        known.bases += bases
        known.parts.append(Part(found.node.start_point.row, found.node.end_point.row, bases))
        self._around.append((found.end, known, ""))

    def _header(self, found: _Found) -> str:
        if self._grammar != "go":
            return self._before(found, "body")
        return f"type {self._between(found.start, found.end).partition('{')[0]}"[
            :LONGEST_TEXT
        ].rstrip()

    def _method(self, found: _Found) -> None:
        name, owner = self._part(found, "name"), self._part(found, "owner")
        qualifier, _, plain = name.rpartition("::")
        member = Member(
            name=plain or name,
            kind=MemberKind.METHOD,
            text=self._before(found, "body"),
            of=_type_text(self._part(found, "result")),
            value=self._returned(found),
            params=self._part(found, "params", most=LONGEST_PARAMS),
            line=found.node.start_point.row,
            is_called=self._is_property(found.node),
        )
        if owner:  # `(s *Store[T])`
            outer = owner.strip("() ").partition("[")[0].split()[-1].lstrip("*")
            self._types.setdefault(outer, _Type(outer)).add(member)
        elif qualifier:
            outer = _base_name(qualifier)
            self._types.setdefault(outer, _Type(outer)).add(member)
        else:
            self._add(member)
        body = found.parts.get("body")
        if body is not None:
            self._around.append((body.end_byte, None, member.params))

    def _scope(self, found: _Found) -> None:
        """A function without a name: what it holds is its own."""
        self._around.append((found.end, None, self._part(found, "params")))

    def _constant(self, found: _Found) -> None:
        self._add(self._value(found, MemberKind.CONSTANT))

    def _field(self, found: _Found) -> None:
        is_signature = found.node.type == "property_signature"
        if "name" not in found.parts or (is_signature and not self._around):
            return
        if self._grammar == "ruby":
            if self._part(found, "owner") in _ATTRIBUTES:
                name = self._part(found, "name").lstrip(":")
                self._add(Member(name, MemberKind.FIELD, name, line=found.node.start_point.row))
            return
        self._add(self._value(found, MemberKind.FIELD))

    def _self(self, found: _Found) -> None:
        """A field that is bound in a function of the type around it."""
        owner = self._part(found, "owner")
        outer = next((each for _, each, _ in reversed(self._around) if each is not None), None)
        if outer is None or (owner and owner not in _SELF):
            return
        member = self._value(found, MemberKind.FIELD)
        if not member.of and member.value.isidentifier():
            params = next((params for _, each, params in reversed(self._around) if not each), "")
            member = replace(member, of=type_of_parameter(member.value, params))
        outer.add(replace(member, name=member.name.lstrip("@$#"), text=member.text.lstrip("@")))

    def _embed(self, found: _Found) -> None:
        owner = self._part(found, "owner")
        outer = self._around[-1][1] if self._around else None
        if outer is not None and (not owner or owner in _MIXING_IN):
            outer.bases += type_names(self._part(found, "base").lstrip("*"))

    def _import(self, found: _Found) -> None:
        text = _text(found.node, self._source)
        self._imports += imports_in(text, self._grammar)

    def _name_package(self, found: _Found) -> None:
        self._package = self._package or self._part(found, "package")

    def _add(self, member: Member) -> None:
        """To the type around it, or to the module; what a function holds is nobody else's."""
        if not self._around:
            if _says_more(member, self._members.get(member.name)):
                self._members[member.name] = member
        elif (outer := self._around[-1][1]) is not None:
            outer.add(member)

    def _value(self, found: _Found, kind: MemberKind) -> Member:
        name, of = self._part(found, "name"), _type_text(self._part(found, "of"))
        value = self._part(found, "value")
        text = _one_line(_text(found.node, self._source))
        value_node, of_node = found.parts.get("value"), found.parts.get("of")
        if found.tag == "self" and self._grammar == "python":
            text = f"{name}: {of}" if of else f"{name} = {value}"
        elif value_node is not None and value_node.end_byte - value_node.start_byte > 40:
            text = self._between(found.start, value_node.start_byte).rstrip("= ")
        elif of_node is not None and self._grammar == "go":
            text = self._between(found.start, of_node.end_byte)
        return Member(
            *(name.lstrip("$#"), kind, text[:LONGEST_TEXT].rstrip(";, "), of, value, ""),
            found.node.start_point.row,
        )

    def _returned(self, found: _Found) -> str:
        """What a function without a declared result returns first."""
        body = found.parts.get("body")
        if "result" in found.parts or body is None:
            return ""
        match = _RETURN.search(self._source, body.start_byte, body.end_byte)
        if match is not None:
            return _one_line(match[1].decode("utf-8", "replace"))
        is_expression = not any(part in body.type for part in ("block", "statement", "body"))
        return _one_line(_text(body, self._source))[:LONGEST_TEXT] if is_expression else ""

    def _is_property(self, node: Node) -> bool:
        if self._grammar == "python":
            above = node.prev_named_sibling
            return (
                above is not None and b"property" in self._source[above.start_byte : above.end_byte]
            )
        return self._source[node.start_byte : node.start_byte + 40].lstrip().startswith(b"get ")

    def _before(self, found: _Found, part: str) -> str:
        """The node's text up to one of its parts, on one line."""
        node = found.parts.get(part)
        end = node.start_byte if node is not None and node != found.node else found.end
        text = self._between(found.start, end)
        if self._grammar == "python":
            text = text.partition(": #")[0]
        return text.removesuffix("=>").rstrip("{:;= ")[:LONGEST_TEXT]

    def _between(self, start: int, end: int) -> str:
        return _one_line(self._source[start:end].decode("utf-8", "replace"))

    def _part(self, found: _Found, name: str, most: int = LONGEST_TEXT) -> str:
        node = found.parts.get(name)
        return _one_line(_text(node, self._source))[:most] if node is not None else ""


def _text(node: Node, source: bytes) -> str:
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _type_text(text: str) -> str:
    return text.removeprefix("->").lstrip(": ")


def _says_more(new: Member, known: Member | None) -> bool:
    """Whether a further declaration of a name is to take the place of the known one."""
    if known is None:
        return True
    if new.kind is MemberKind.METHOD and known.kind is MemberKind.METHOD:
        return len(new.params) > len(known.params)  # of overloads, that which can do most
    return bool(new.of) and not known.of and known.kind is not MemberKind.METHOD


def _base_name(text: str) -> str:
    """`Foo` of `&'a module::Foo<T>`."""
    names = type_names(text.partition("<")[0]) or type_names(text)
    return re.split(r"\.|::|\\", names[0])[-1] if names else text
