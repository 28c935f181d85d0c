"""Find the definitions of a file in its tree: functions, classes and types with their signatures.

Signatures and the first line of documentation are what a model needs for a call; bodies cost ten
times as much and invite copying. The language says which nodes are definitions.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from devstral_lsp.languages import Language, get_language, grammar_of
from devstral_lsp.languages.language import NodeTypes
from devstral_lsp.syntax.node_queries import find_body, find_defined_name, first_child, text_of
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_SIGNATURE_LENGTH = 400
"""Code points above which a signature is generated, or data."""
MAX_LINES = 12
"""Code points of a type or value that is shown unchanged."""
MAX_DEPTH = 50
"""Maximum depth of definitions and their wrappers, since a hostile file may nest without end."""
MAX_MEMBERS = 14
MAX_FILE_BYTES = 1_000_000
"""Code points above which a file is data or generated."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition of a file. `span` is in code points, `line` is counted from 0.

    `signature` ends before the body; `doc` is one line of documentation, "" if there is none.
    `is_value` is True for constants, fields and plain types.
    """

    name: str
    signature: str
    doc: str
    span: Span
    line: int
    last_line: int
    members: tuple[Definition, ...] = ()
    is_value: bool = False


def outline(string: str, language_id: str, *, is_whole: bool = False) -> tuple[Definition, ...]:
    """The definitions at the outer level of `string`, in order; () without a grammar.

    With `is_whole`, also those whose signature or text is too long to show.
    """
    if _nodes_of(language_id) is None or len(string) > MAX_FILE_BYTES:
        return ()
    syntax = Syntax.of(string, language_id)
    return list_definitions(syntax, is_whole=is_whole) if syntax is not None else ()


def list_definitions(syntax: Syntax, *, is_whole: bool = False) -> tuple[Definition, ...]:
    """The same for a parsed text."""
    table = _nodes_of(syntax.language_id)
    if table is None or len(syntax.string) > MAX_FILE_BYTES:
        return ()
    offsets = _Offsets(syntax.source, is_ascii=syntax.is_ascii)
    longest = sys.maxsize if is_whole else MAX_SIGNATURE_LENGTH
    has_docstrings = get_language(syntax.language_id).has_docstrings
    walk = _DefinitionWalk(syntax.source, table, offsets, longest, has_docstrings=has_docstrings)
    return tuple(walk.definitions(syntax.root))


def _nodes_of(language_id: str) -> NodeTypes | None:
    return get_language(language_id).nodes if grammar_of(language_id) else None


def excerpt(definition: Definition, language_id: str, wanted: frozenset[str] = frozenset()) -> str:
    """Render the definition as a declaration: documentation, signature, signatures of members.

    If there are too many members, prefers those named in `wanted`, and keeps their order.
    """
    language = get_language(language_id)
    return "\n".join(_lines(definition, language, wanted))


def _lines(definition: Definition, language: Language, wanted: frozenset[str]) -> Iterator[str]:
    marker = language.line_comment or "//"
    if definition.doc and not language.has_docstrings:
        yield f"{marker} {definition.doc}"
    members = _chosen(definition.members, wanted)
    opening = _opening(definition, language, has_body=bool(members))
    documented = language.has_docstrings and definition.doc
    opening = opening.removesuffix(" ...") if documented else opening
    yield from f"{definition.signature}{opening}".split("\n")
    if documented:
        yield f'    """{definition.doc}"""'
    for member in members:
        yield from (f"    {line}" for line in _lines(member, language, wanted))
    if members and language.braces:
        yield "}"
    elif members and language.block_end_keywords:
        yield language.block_end_keywords[0]


def _opening(definition: Definition, language: Language, *, has_body: bool) -> str:
    if definition.signature.startswith(language.stub_starts):
        return ":" if has_body else ": ..."
    return " {" if has_body and language.braces else ""


def _chosen(members: tuple[Definition, ...], wanted: frozenset[str]) -> list[Definition]:
    if len(members) <= MAX_MEMBERS:
        return list(members)
    ranked = sorted(members, key=lambda member: member.name not in wanted)[:MAX_MEMBERS]
    return sorted(ranked, key=lambda member: member.line)


class _DefinitionWalk:
    """One pass over a tree."""

    def __init__(
        self,
        source: bytes,
        table: NodeTypes,
        offsets: _Offsets,
        longest: int,
        *,
        has_docstrings: bool,
    ) -> None:
        self._source = source
        self._table = table
        self._offsets = offsets
        self._longest = longest
        self._has_docstrings = has_docstrings

    def definitions(
        self, node: Node, outer: Node | None = None, depth: int = 0
    ) -> Iterator[Definition]:
        """The definitions right below `node`; `outer` is a wrapper around `node`."""
        for child in node.named_children if depth < MAX_DEPTH else ():
            kind = child.type
            if kind in self._table.wrappers:
                yield from self.definitions(child, outer or child, depth + 1)
            elif kind in self._table.transparent or kind == "ERROR":
                yield from self.definitions(child, depth=depth + 1)
            elif kind in self._table.containers or kind in self._table.functions:
                yield from self._definition(child, outer or child, depth)
            elif kind in self._table.values:
                yield from self._value(child, outer or child)

    def _definition(self, node: Node, outer: Node, depth: int) -> Iterator[Definition]:
        name, body = find_defined_name(node, self._table, self._source), find_body(node)
        if not name:
            return
        signature = self._cut(outer, _end_before(body) if body is not None else node.end_byte)
        signature = re.sub(r"(?<!\s)\s*\bend$", "", signature)  # of a body that is empty
        members: tuple[Definition, ...] = ()
        if body is not None and node.type in self._table.containers:
            members = tuple(self.definitions(body, depth=depth + 1))
        if len(signature) <= self._longest:
            yield self._made(name, signature, outer, self._doc(outer, body), members)

    def _value(self, node: Node, outer: Node) -> Iterator[Definition]:
        """A type or a constant as written; a function in a constant by its signature."""
        name = find_defined_name(node, self._table, self._source)
        held = _body_of_held_function(node)
        if not name:
            return
        if held is not None:
            text = self._cut(outer, held.start_byte).removesuffix("=>").rstrip()
        else:
            lines = self._cut(outer, outer.end_byte).split("\n")
            text = "\n".join(lines[:MAX_LINES])
        if len(text) <= 2 * self._longest:
            made = self._made(name, text, outer, self._doc(outer, None), ())
            yield made if held is not None else replace(made, is_value=True)

    def _made(
        self, name: str, text: str, node: Node, doc: str, members: tuple[Definition, ...]
    ) -> Definition:
        span = Span(self._offsets.at(node.start_byte), self._offsets.at(node.end_byte))
        first, last = node.start_point.row, node.end_point.row
        return Definition(name, text, doc, span, first, last, members)

    def _doc(self, node: Node, body: Node | None) -> str:
        """The first line of documentation, in the body's first string or the comment above."""
        first = body.named_children[0] if body is not None and body.named_children else None
        if self._has_docstrings and first is not None:
            string = first if first.type == "string" else first_child(first, ("string",))
            return _first_words(text_of(string, self._source)) if string is not None else ""
        return _first_words("\n".join(reversed(list(self._comments_above(node)))))

    def _comments_above(self, node: Node) -> Iterator[str]:
        """The comments right above `node`, the lowest first; attributes may be in between."""
        above, row = node.prev_sibling, node.start_point.row
        while above is not None and row - above.end_point.row <= 1:
            if "comment" in above.type:
                yield text_of(above, self._source)
            elif "attribute" not in above.type:
                return
            row, above = above.start_point.row, above.prev_sibling

    def _cut(self, node: Node, end: int) -> str:
        """The text from the node's start to `end`, without the opener of the body."""
        text = self._source[node.start_byte : end].decode("utf-8", "replace")
        text = text.replace("\r\n", "\n").rstrip()
        text = text.rstrip("{:=").rstrip() if end < node.end_byte else text
        return _dedent(text, node.start_point.column)


class _Offsets:
    """Converts bytes to code points; fast for ascending bytes."""

    def __init__(self, source: bytes, *, is_ascii: bool) -> None:
        self._source = source
        self._is_ascii = is_ascii
        self._byte = self._offset = 0

    def at(self, byte: int) -> int:
        if self._is_ascii:
            return byte
        if byte < self._byte:
            return self._offset - len(self._source[byte : self._byte].decode("utf-8", "replace"))
        self._offset += len(self._source[self._byte : byte].decode("utf-8", "replace"))
        self._byte = byte
        return self._offset


def _end_before(body: Node) -> int:
    """The end of the signature: before the body, and before comments that precede it."""
    before = body.prev_sibling
    while before is not None and "comment" in before.type:
        before = before.prev_sibling
    return body.start_byte if before is None else before.end_byte


def _body_of_held_function(node: Node) -> Node | None:
    """The body of the function in `const name = …`."""
    declarator = first_child(node, ("variable_declarator",))
    value = declarator.child_by_field_name("value") if declarator is not None else None
    if value is None or value.type not in ("arrow_function", "function_expression"):
        return None
    return value.child_by_field_name("body")


_MARKS = re.compile(
    r"^[\s/*#!;\-\"'rRbBuU]*?(?:/\*+|\*+/?|//[/!]*|#+!?|--+\[*|[rRbBuU]{0,2}(?:\"{3}|'{3}|\"|'))\s*"
)
_TAGS = re.compile(r"</?\w[^<>]*+>|\*/|\"{3}|'{3}|[\"']$|\]\]$")


def _first_words(comment: str) -> str:
    """The first line of a comment or docstring with words, at most 160 code points."""
    for line in comment.splitlines():
        words = _TAGS.sub("", _MARKS.sub("", line)).strip()
        if any(letter.isalnum() for letter in words):
            return words[:160]
    return ""


def _dedent(text: str, columns: int) -> str:
    """Later lines, dedented by the column of the first."""
    first, *rest = text.split("\n")
    moved = (line[min(columns, len(line) - len(line.lstrip())) :] for line in rest)
    return "\n".join([first, *moved])
