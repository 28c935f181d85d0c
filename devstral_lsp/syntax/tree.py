"""Questions about the syntax at a place in a text, answered from a tree.

For the completion engine, which asks where a block ends, whether the cursor stands in a comment or
a string, and whether a text still parses with a completion in it. A `Syntax` is a value: an edit
gives a new one, which reuses what the edit left alone. Offsets are code points; that tree-sitter
counts bytes is known only here and in `outline.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING

from devstral_lsp.syntax.grammars import parse
from devstral_lsp.text import Edit, Span

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


_LONE_RETURN = re.compile(r"\r(?!\n)")


class LexicalContext(Enum):
    """What an offset stands in."""

    CODE = "code"
    COMMENT = "comment"
    STRING = "string"

    @property
    def plural(self) -> str:
        """The word of `completion.disabled_in`."""
        return f"{self.value}s"


_DEEPEST, _MOST_PARENTS = 200, 100
"""Limits for nested nodes: code is not nested deeper, and each level costs time."""

_SCOPES = (
    "block", "body", "function", "method", "class", "declaration_list",
    "compound_statement", "module", "do_group", "element", "object", "array", "rule_set",
)  # fmt: skip
"""Parts of the names of nodes that hold a scope of their own, over all grammars."""
_SMALL = ("_name", "_signature", "_call", "call_expression", "parameters", "modifier")
"""Parts of names that would pass for a scope and are none."""


class Syntax:
    """A text and its tree. Lone surrogates are parsed as a replacement character.

    `source` is the text as the parser counts it, in bytes of UTF-8.
    """

    __slots__ = ("_asked", "_tree", "is_ascii", "language_id", "source", "string")

    def __init__(self, string: str, language_id: str, source: bytes, tree: Tree) -> None:
        """Call `Syntax.of` instead."""
        self.string = string
        self.language_id = language_id
        self.source = source
        self._tree = tree
        self.is_ascii = len(source) == len(string)
        self._asked = (0, 0)

    @classmethod
    def of(cls, string: str, language_id: str) -> Syntax | None:
        """The syntax of `string`, None without a grammar or where parsing takes too long.

        About 5 ms for 1,000 lines.
        """
        source = _bytes(string)
        tree = parse(source, language_id)
        return None if tree is None else cls(string, language_id, source, tree)

    @property
    def root(self) -> Node:
        """The node of the whole text."""
        return self._tree.root_node

    def replaced(self, edit: Edit) -> Syntax | None:
        """The syntax with `edit` made; reparses what it touches. `self` stays as it is.

        None where parsing takes too long.
        """
        start, end = edit.span.start, edit.span.end
        string = self.string[:start] + edit.text + self.string[end:]
        if _has_lone_return(self.string) or _has_lone_return(string):
            # `Tree.edit` cannot describe what an edit does to the returns beside it. Such a text is
            # rare, and parsed from its start.
            return Syntax.of(string, self.language_id)
        new = _bytes(edit.text)
        at, old_end = self._byte(start), self._byte(end)
        source = self.source[:at] + new + self.source[old_end:]
        old = self._tree.copy()
        old.edit(
            start_byte=at,
            old_end_byte=old_end,
            new_end_byte=at + len(new),
            start_point=_point(self.source, at),
            old_end_point=_point(self.source, old_end),
            new_end_point=_point(source, at + len(new)),
        )
        tree = parse(source, self.language_id, old)
        return None if tree is None else Syntax(string, self.language_id, source, tree)

    def inside(self, offset: int) -> LexicalContext:
        """What `offset` stands in: right before a comment or a string's end still counts."""
        at = self._byte(offset)
        for node in self._around(at):
            if "comment" in node.type:
                return (
                    LexicalContext.COMMENT if _holds(node, at, self.source) else LexicalContext.CODE
                )
            if _is_string(node):
                return (
                    LexicalContext.STRING
                    if node.start_byte < at < node.end_byte
                    else LexicalContext.CODE
                )
            if node.type in ("interpolation", "template_substitution", "string_interpolation"):
                return LexicalContext.CODE
        return LexicalContext.CODE

    def scope(self, offset: int) -> Span | None:
        """The innermost block, function or class around `offset`; None at the outermost level."""
        at = self._byte(offset)
        for node in _upwards(self.root.descendant_for_byte_range(at, at)):
            if node.parent is not None and _is_scope(node) and _encloses(node, at, self.source):
                return Span(self._offset(node.start_byte), self._offset(node.end_byte))
        return None

    def missing_nodes(self) -> int:
        """How many nodes are errors or were invented for the text to parse."""
        return sum(1 for _ in _faults(self.root))

    def errors(self) -> int:
        """How many of the faults are more than a semicolon left out, which a line may yet get."""
        faults = _faults(self.root)
        return sum(1 for node in faults if node.is_error or node.type != ";")

    def _around(self, at: int) -> list[Node]:
        """The nodes with the byte before `at`, the smallest first: what has just been written
        belongs to it. A node tells its parent by searching from the root, so they are not asked.
        """
        found = [self.root]
        if not at:
            return found
        cursor = self._tree.walk()
        while len(found) < _DEEPEST and cursor.goto_first_child_for_byte(at - 1) is not None:
            node = cursor.node
            if node is None or node.start_byte >= at:
                break
            found.append(node)
        return found[::-1]

    def _byte(self, offset: int) -> int:
        """Counted from the offset that was asked for last: many are asked for in their order."""
        if self.is_ascii:
            return offset
        known, at = self._asked if self._asked[0] <= offset else (0, 0)
        at += len(_bytes(self.string[known:offset]))
        self._asked = (offset, at)
        return at

    def _offset(self, byte: int) -> int:
        return byte if self.is_ascii else len(self.source[:byte].decode("utf-8", "replace"))


def _has_lone_return(string: str) -> bool:
    return "\r" in string and string.count("\r") != string.count("\r\n")


def _bytes(string: str) -> bytes:
    if _has_lone_return(string):  # whitespace to grammars, a line end to LSP
        string = _LONE_RETURN.sub("\n", string)
    try:
        return string.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return string.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _point(source: bytes, at: int) -> tuple[int, int]:
    return source.count(b"\n", 0, at), at - (source.rfind(b"\n", 0, at) + 1)


def _upwards(node: Node | None) -> Iterator[Node]:
    for _ in range(_MOST_PARENTS):
        if node is None:
            return
        yield node
        node = node.parent


def _holds(node: Node, at: int, source: bytes) -> bool:
    """Whether a cursor at `at` writes into the comment: one to the line's end goes on there."""
    if node.start_byte >= at:
        return False
    closed = source[node.start_byte : node.end_byte].endswith((b"*/", b"-->", b"]]"))
    return at < node.end_byte or (at == node.end_byte and not closed)


def _is_string(node: Node) -> bool:
    return node.is_named and (
        node.type in ("template_string", "char_literal", "character_literal", "heredoc_body")
        or node.type.endswith(("string", "string_literal"))
    )


def _is_scope(node: Node) -> bool:
    name = node.type
    return (
        node.is_named
        and any(part in name for part in _SCOPES)
        and not any(part in name for part in _SMALL)
    )


def _encloses(node: Node, at: int, source: bytes) -> bool:
    """Whether `at` lies inside: beyond the brackets where the scope has some, else at its edge."""
    if node.start_byte < at < node.end_byte:
        return True
    edge = source[at : at + 1] if at == node.start_byte else source[at - 1 : at]
    return node.start_byte <= at <= node.end_byte and edge not in (b"{", b"}", b"[", b"]", b">")


def _faults(node: Node) -> Iterator[Node]:
    """Errors below `node`, outermost only; looks only where something is wrong."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            waiting.extend(node.children)
