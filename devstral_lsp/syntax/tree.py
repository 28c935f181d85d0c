"""Answer questions about the syntax at a position: the end of a block, comments and strings,
errors.

A `Syntax` is immutable: an edit returns a new one, which shares the unchanged parts. Offsets are
code points; only this module and `outline.py` convert to tree-sitter's bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from devstral_lsp.syntax.grammars import parse
from devstral_lsp.text import Edit, Span

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


_LONE_RETURN = re.compile(r"\r(?!\n)")


class LexicalContext(Enum):
    """The context of an offset."""

    CODE = "code"
    COMMENT = "comment"
    STRING = "string"

    @property
    def plural(self) -> str:
        """The word of `completion.disabled_in`."""
        return f"{self.value}s"


_DEEPEST, _MAX_PARENTS = 200, 100
"""Limits of nested nodes: code is not nested deeper, and each level costs time."""
MAX_IN_ERROR = 4_000
"""Children of an error node, of which ordinary code has some hundreds."""

_SCOPES = (
    "block", "body", "function", "method", "class", "declaration_list",
    "compound_statement", "module", "do_group", "element", "object", "array", "rule_set",
)  # fmt: skip
"""Parts of the types of nodes that are scopes, in all grammars."""
_SMALL = ("_name", "_signature", "_call", "call_expression", "parameters", "modifier")
"""Parts of types that look like scopes and are none."""


@dataclass(frozen=True, slots=True)
class EditEffect:
    """The effect of an edit: the bytes `start` to `old_end` are now `start` to `new_end`, and in
    `ranges` of the new text the nodes have changed."""

    start: int
    old_end: int
    new_end: int
    ranges: tuple[tuple[int, int], ...]


class Syntax:
    """A text and its tree. Lone surrogates are parsed as a replacement character.

    `source` is the text as the parser reads it, in UTF-8.
    """

    __slots__ = ("_asked", "_tree", "is_ascii", "language_id", "source", "string")

    def __init__(self, string: str, language_id: str, source: bytes, tree: Tree) -> None:
        """Use `Syntax.of`."""
        self.string = string
        self.language_id = language_id
        self.source = source
        self._tree = tree
        self.is_ascii = len(source) == len(string)
        self._asked = (0, 0)

    @classmethod
    def of(cls, string: str, language_id: str) -> Syntax | None:
        """The syntax of `string`; None without a grammar, or if parsing takes too long.

        About 5 ms for 1,000 lines.
        """
        source = _bytes(string)
        tree = parse(source, language_id)
        return None if tree is None else cls(string, language_id, source, tree)

    @property
    def root(self) -> Node:
        """The node of the whole text."""
        return self._tree.root_node

    def apply_edit(self, edit: Edit) -> Syntax | None:
        """The syntax after `edit`, parsed incrementally; `self` does not change.

        None if parsing takes too long.
        """
        changed = self.changed(edit)
        return None if changed is None else changed[0]

    def changed(self, edit: Edit) -> tuple[Syntax, EditEffect] | None:
        """The same, with the effect of the edit; it covers the whole text if that contains a
        lone CR."""
        start, end = edit.span.start, edit.span.end
        string = self.string[:start] + edit.text + self.string[end:]
        if _has_lone_return(self.string) or _has_lone_return(string):
            # `Tree.edit` cannot describe the effect of an edit on adjacent lone CRs. Such texts
            # are rare, and parsed from scratch.
            whole = Syntax.of(string, self.language_id)
            length = 0 if whole is None else len(whole.source)
            everything = EditEffect(0, len(self.source), length, ((0, length),))
            return None if whole is None else (whole, everything)
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
        if tree is None:
            return None
        ranges = tuple((each.start_byte, each.end_byte) for each in old.changed_ranges(tree))
        change = EditEffect(at, old_end, at + len(new), ranges)
        return Syntax(string, self.language_id, source, tree), change

    def inside(self, offset: int) -> LexicalContext:
        """The context of `offset`. The position right before the end of a comment or string is
        inside."""
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
        """The innermost block, function or class around `offset`; None at the outer level."""
        at = self._byte(offset)
        for node in _upwards(self.root.descendant_for_byte_range(at, at)):
            if node.parent is not None and _is_scope(node) and _encloses(node, at, self.source):
                return Span(self._offset(node.start_byte), self._offset(node.end_byte))
        return None

    def missing_nodes(self) -> int:
        """The number of error nodes and missing nodes."""
        return sum(1 for _ in _faults(self.root))

    def is_full_of_errors(self) -> bool:
        """Whether an error has so many children that a query would take too long.

        A query looks at all further tokens of an error for each of them: 0.02 s for 4,000 brackets
        in a row, half a minute for 100,000.
        """
        return any(node.child_count > MAX_IN_ERROR for node in _faults(self.root))

    def errors(self) -> int:
        """The number of syntax errors, without missing semicolons, which may still be typed."""
        faults = _faults(self.root)
        return sum(1 for node in faults if node.is_error or node.type != ";")

    def _around(self, at: int) -> list[Node]:
        """The nodes that contain the byte before `at` (the latest typed text), the smallest
        first. Walks from the root, because `Node.parent` does so for each node."""
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
        """Counted from the previous offset, because many are converted in order."""
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
    for _ in range(_MAX_PARENTS):
        if node is None:
            return
        yield node
        node = node.parent


def _holds(node: Node, at: int, source: bytes) -> bool:
    """Whether a cursor at `at` is in the comment; a line comment includes its end."""
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
    """Whether `at` is inside of the scope: between its brackets, if it has some."""
    if node.start_byte < at < node.end_byte:
        return True
    edge = source[at : at + 1] if at == node.start_byte else source[at - 1 : at]
    return node.start_byte <= at <= node.end_byte and edge not in (b"{", b"}", b"[", b"]", b">")


def _faults(node: Node) -> Iterator[Node]:
    """The outermost errors below `node`; skips subtrees without errors."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            waiting.extend(node.children)
