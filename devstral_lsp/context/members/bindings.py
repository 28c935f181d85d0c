"""The names that the function around a cursor binds: parameters, locals, targets of loops."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devstral_lsp.context.members.queries import BINDINGS, row_of
from devstral_lsp.context.members.reading import matches_of, query_of
from devstral_lsp.syntax.tree import Syntax

if TYPE_CHECKING:
    from tree_sitter import Node

LONGEST_TEXT = 300
OUTSIDE_BYTES = 8_000
"""Before a cursor that stands in no function."""
_FUNCTIONS = ("function", "method", "constructor")
_NO_NAMES = frozenset({"mut", "ref", "const", "auto"})
_NAME = re.compile(r"[$]?[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Binding:
    """`of` is the text of the type, `value` what the name is bound to; one of them may be "".

    `index` tells which of several names it is, as in `a, b = pair()`.
    """

    of: str
    value: str
    index: int = 0


def bindings_at(syntax: Syntax, row: int) -> Mapping[str, Binding]:
    """What each name is bound to above the line `row`; the last binding counts."""
    grammar = row_of(syntax.language_id)
    query = query_of(grammar, BINDINGS.get(grammar, ""))
    if query is None:
        return {}
    end = _byte_of_row(syntax.source, row)
    start = _start_of_function(syntax.root, end, row)
    found: dict[str, tuple[int, Binding]] = {}
    for captures in matches_of(query, syntax.root, start, end):
        parts = {name: nodes[0] for name, nodes in captures.items()}
        node = parts["name"]
        if not start <= node.start_byte < end:
            continue
        if "test" in parts and _text(parts["test"], syntax.source) != "isinstance":
            continue
        for name, binding in _bound(parts, syntax.source, grammar):
            known = found.get(name)
            # A later binding that says nothing does not hide one that does.
            if known is None or (node.start_byte >= known[0] and (binding.of or binding.value)):
                if known is not None and known[0] == node.start_byte and known[1].of:
                    continue
                found[name] = (node.start_byte, binding)
    return {name: binding for name, (_, binding) in found.items()}


def _bound(parts: dict[str, Node], source: bytes, grammar: str) -> Iterator[tuple[str, Binding]]:
    pattern = _text(parts["name"], source)
    of = _text(parts["of"], source) if "of" in parts else ""
    value = _text(parts["value"], source) if "value" in parts else ""
    of = of.removeprefix("->").lstrip(": ")
    names = [each for each in _NAME.findall(pattern) if each not in _NO_NAMES]
    if grammar == "rust":  # `Some(ref name)` binds `name`
        names = [each for each in names if not each[:1].isupper()]
    is_fields = pattern.startswith("{") and value
    for index, name in enumerate(names):
        if name == "_":
            continue  # takes a place and binds nothing
        bound = f"{value}.{name}" if is_fields else value
        yield name, Binding(of, bound, index if len(names) > 1 and not is_fields else 0)


def result_at(syntax: Syntax, row: int) -> str:
    """The text of the type that the innermost function around the line `row` returns."""
    at = _byte_of_row(syntax.source, row)
    node: Node | None = syntax.root
    found = ""
    for _ in range(60):
        if node is None:
            break
        result = node.child_by_field_name("return_type") or node.child_by_field_name("result")
        if result is not None and result.end_byte <= at:
            found = _text(result, syntax.source)
        node = _child_at(node, at)
    return found


def _child_at(node: Node, at: int) -> Node | None:
    return next((each for each in node.children if each.start_byte <= at <= each.end_byte), None)


def _byte_of_row(source: bytes, row: int) -> int:
    """Where the line `row` ends; the text's end where there is no such line."""
    lines = source.split(b"\n", row + 1)
    return len(source) - len(lines[-1]) - 1 if len(lines) == row + 2 else len(source)


def _start_of_function(root: Node, at: int, row: int) -> int:
    """Where the outermost function around a byte starts."""
    node: Node | None = root
    for _ in range(40):
        if node is None:
            break
        if any(part in node.type for part in _FUNCTIONS) and node.start_point.row <= row:
            return node.start_byte
        node = next(
            (each for each in node.children if each.start_byte <= at <= each.end_byte), None
        )
    return max(0, at - OUTSIDE_BYTES)


def _text(node: Node, source: bytes) -> str:
    return " ".join(source[node.start_byte : node.end_byte].decode("utf-8", "replace").split())[
        :LONGEST_TEXT
    ]
