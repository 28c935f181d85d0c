"""Find the functions, classes and literals around a position by parsing only a part of a document.

Refactoring needs them within a few milliseconds, also in files of 10,000 lines. The part extends
between lines at the outer level. If these are far away, the part is cut and wrapped in an invented
block so that it parses. Offsets are code points of the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from devstral_lsp.languages import get_language, grammar_of
from devstral_lsp.languages.language import NodeTypes
from devstral_lsp.syntax.grammars import parse
from devstral_lsp.syntax.node_queries import (
    FURTHER_CLASSES,
    expand_to_statements,
    find_body,
    find_defined_name,
    find_held_function,
    find_literal,
    is_called_name,
    is_declared_name,
    is_whole,
    lacks_types,
    text_of,
)
from devstral_lsp.syntax.parse_window import MAX_LINES_AROUND, ParseFragment, extract_fragment
from devstral_lsp.text import Span, Text

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

MAX_LINES_WITHIN = 1_000
"""Maximum lines of a selection."""
MAX_LINE_LENGTH = 400
"""Mean code points per line above which a piece is generated, or data."""


class UnitKind(Enum):
    """The kind of a definition."""

    FUNCTION = "function"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class EnclosingDefinition:
    """A function or a class. `span` begins with its decorators; `header` is the text before `body`.

    `lacks_types` says that a parameter or the result has no optional type annotation; `is_member`,
    that it is in a class.
    """

    kind: UnitKind
    name: str
    span: Span
    header: str
    body: Span | None
    lacks_types: bool = False
    is_member: bool = False


class SyntaxWindow:
    """A parsed piece of a document."""

    def __init__(self, piece: ParseFragment, language_id: str, tree: Tree) -> None:
        """Use `SyntaxWindow.around`."""
        self._piece = piece
        self._root = tree.root_node
        self._table = get_language(language_id).nodes or NodeTypes()

    @classmethod
    def around(cls, text: Text, span: Span, language_id: str) -> SyntaxWindow | None:
        """The window around `span`; None without a grammar, or if `span` is too long."""
        language = get_language(language_id)
        first, last = text.line_of(span.start), text.line_of(span.end)
        if grammar_of(language_id) is None or last - first > MAX_LINES_WITHIN:
            return None
        near = cls._of(extract_fragment(text, first, last, language), language_id, last - first)
        if near is None or not near._root.has_error:
            return near
        wide = cls._of(
            extract_fragment(text, first, last, language, wide=True), language_id, last - first
        )
        return near if wide is None or wide._root.has_error else wide

    @classmethod
    def _of(cls, piece: ParseFragment, language_id: str, lines: int) -> SyntaxWindow | None:
        if len(piece.string) > MAX_LINE_LENGTH * (2 * MAX_LINES_AROUND + lines):
            return None
        tree = parse(piece.source, language_id)
        return None if tree is None else cls(piece, language_id, tree)

    def units(self, span: Span) -> tuple[EnclosingDefinition, ...]:
        """The functions and classes around `span`, the innermost first; none outside of the
        window."""
        if not self._piece.holds(span):
            return ()
        start, end = self._piece.byte(span.start), self._piece.byte(span.end)
        return tuple(self._upwards(self._root.descendant_for_byte_range(start, end)))

    def members(self, unit: EnclosingDefinition) -> tuple[EnclosingDefinition, ...]:
        """The functions and classes at the outer level of a class."""
        if unit.body is None:
            return ()
        start, end = self._piece.byte(unit.body.start), self._piece.byte(unit.body.end)
        node = self._root.descendant_for_byte_range(start, end)
        while node is not None and node.parent is not None and node.parent.end_byte == end:
            if node.parent.start_byte != start:
                break
            node = node.parent  # a body with one member spans the same bytes
        return tuple(self._below(node)) if node is not None else ()

    def top_level_definitions(self) -> tuple[EnclosingDefinition, ...]:
        """The functions and classes at the outer level of the window."""
        return tuple(self._below(self._root))

    def is_whole(self, span: Span) -> bool:
        """Whether `span` is exactly a number of statements or one expression, without whitespace
        around.

        Also True if the code does not parse.
        """
        start, end = self._piece.byte(span.start), self._piece.byte(span.end)
        node = self._root.descendant_for_byte_range(start, end)
        return node is None or is_whole(node, start, end)

    def widened(self, span: Span) -> Span:
        """`span`, extended to whole statements; unchanged if the code does not parse."""
        start, end = self._piece.byte(span.start), self._piece.byte(span.end)
        node = self._root.descendant_for_byte_range(start, end)
        start, end = expand_to_statements(node, start, end)
        wide = Span(self._piece.offset(start), self._piece.offset(end))
        return wide if self._piece.holds(wide) else span

    def literal(self, span: Span) -> Span | None:
        """The number or string at `span` that could be replaced by a constant."""
        node = find_literal(self._smallest(span), self._piece.source)
        return self._span(node) if node is not None else None

    def declared_name(self, span: Span) -> str:
        """The variable whose declaration or assignment has its name at `span`; "" if none."""
        node = self._smallest(span)
        if node is None or not is_declared_name(node):
            return ""
        return text_of(node, self._piece.source)

    def called_name(self, span: Span) -> str:
        """The unqualified name of the function that is called at `span`; "" if none."""
        node = self._smallest(span)
        if node is None or not is_called_name(node):
            return ""
        return text_of(node, self._piece.source)

    def _smallest(self, span: Span) -> Node | None:
        """The smallest named node that contains `span`. A cursor right after a word is at that
        word."""
        start, end = self._piece.byte(span.start), self._piece.byte(span.end)
        if start != end:
            return self._root.named_descendant_for_byte_range(start, end)
        node = self._root.named_descendant_for_byte_range(start, start + 1)
        if start and (node is None or node.start_byte != start):
            node = self._root.named_descendant_for_byte_range(start - 1, start)
        return node

    def _upwards(self, node: Node | None) -> Iterator[EnclosingDefinition]:
        while node is not None:
            inner = self._unwrap(node) or node
            unit = self._unit(inner)
            if unit is not None:
                yield unit
                node = self._outer(inner)
            node = node.parent

    def _below(self, node: Node) -> Iterator[EnclosingDefinition]:
        for child in node.named_children:
            if child.type in self._table.transparent:
                yield from self._below(child)
                continue
            unit = self._unit(self._unwrap(child) or child)
            if unit is not None:
                yield unit

    def _unwrap(self, node: Node) -> Node | None:
        """The definition in an `export`, a decorator or a template."""
        while node.type in self._table.wrappers:
            inner = [each for each in node.named_children if self._may_define(each)]
            if not inner:
                return None
            node = inner[-1]
        return node

    def _outer(self, node: Node) -> Node:
        while node.parent is not None and node.parent.type in self._table.wrappers:
            node = node.parent
        return node

    def _may_define(self, node: Node) -> bool:
        return node.type in self._table.wrappers or self._kind(node) is not None

    def _unit(self, node: Node) -> EnclosingDefinition | None:
        kind = self._kind(node)
        outer = self._outer(node)
        span = self._span(outer)
        if kind is None or not self._piece.holds(span):
            return None
        body = find_body(node)
        end = self._span(body).start if body is not None else span.end
        return EnclosingDefinition(
            kind=kind,
            name=find_defined_name(node, self._table, self._piece.source),
            span=span,
            header=self._piece.slice(Span(span.start, end)),
            body=self._span(body) if body is not None else None,
            lacks_types=kind is UnitKind.FUNCTION
            and lacks_types(node, self._table, self._piece.source),
            is_member=self._is_member(outer),
        )

    def _kind(self, node: Node) -> UnitKind | None:
        if node.type in self._table.functions:
            return UnitKind.FUNCTION
        if node.type in self._table.containers or node.type in FURTHER_CLASSES:
            return UnitKind.CLASS if find_body(node) is not None else None
        if node.type in self._table.values and find_held_function(node) is not None:
            return UnitKind.FUNCTION
        return None

    def _is_member(self, node: Node) -> bool:
        above = node.parent
        while above is not None and above.type not in self._table.functions:
            if above.type in self._table.containers:
                return True
            above = above.parent
        return False

    def _span(self, node: Node) -> Span:
        return Span(self._piece.offset(node.start_byte), self._piece.offset(node.end_byte))
