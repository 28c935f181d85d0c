"""Find the names that the function around a cursor binds: parameters, locals, loop variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devstral_lsp.context.members.chains import find_receiver
from devstral_lsp.context.members.elements import of_callback, of_element
from devstral_lsp.context.members.facts import split_parameters
from devstral_lsp.context.members.queries import BINDINGS, grammar_of
from devstral_lsp.context.members.reading import compile_query, query_matches
from devstral_lsp.syntax.tree import Syntax

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_TEXT_LENGTH = 300
OUTSIDE_BYTES = 8_000
"""Lines read before a cursor that is in no function."""
_FUNCTIONS = ("function", "method", "constructor")
_NO_NAMES = frozenset({"mut", "ref", "const", "auto"})
_LOOPS = frozenset({"for_statement", "for_in_clause"})
_COMPREHENSION = re.compile(r"\bfor ([\w, ]{1,60}) in ")
_CALLBACK = re.compile(
    r"\.(\w{1,30})\((?:async )?[(|]?(\w{1,40})(?=[|]|\)? ?[-=]>|, \w{1,40}\) =>)"
)
_NAME = re.compile(r"[$]?[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Binding:
    """A bound name. `of` is the text of its type, `value` the bound expression; either may be "".

    `index` is the position among several names, as in `a, b = pair()`.
    """

    of: str
    value: str
    index: int = 0
    path: str = ""
    """The field of the type that is bound, as in `{ path }: Type`."""


def find_bindings(syntax: Syntax, row: int) -> Mapping[str, Binding]:
    """The binding of each name above the line `row`; the last one counts."""
    grammar = grammar_of(syntax.language_id)
    query = compile_query(grammar, BINDINGS.get(grammar, ""))
    if query is None or syntax.is_full_of_errors():
        return {}
    end = _byte_of_row(syntax.source, row)
    start = _start_of_function(syntax.root, end, row)
    found: dict[str, tuple[int, Binding]] = {}
    for captures in query_matches(query, syntax.root, start, end):
        parts = {name: nodes[0] for name, nodes in captures.items()}
        node = parts["name"]
        if not start <= node.start_byte < end:
            continue
        if "test" in parts and _text(parts["test"], syntax.source) != "isinstance":
            continue
        for name, binding in _bound(parts, syntax.source, grammar):
            known = found.get(name)
            # A later binding without type and value does not replace an earlier one.
            if known is None or (node.start_byte >= known[0] and (binding.of or binding.value)):
                if known is not None and known[0] == node.start_byte and known[1].of:
                    continue
                found[name] = (node.start_byte, binding)
    return {name: binding for name, (_, binding) in found.items()}


def find_bindings_of_line(line: str) -> Mapping[str, Binding]:
    """The names that comprehensions and callbacks bind in the line at the cursor, which does not
    parse."""
    found: dict[str, Binding] = {}
    for match in _COMPREHENSION.finditer(line):
        names = _NAME.findall(match[1])
        for index, name in enumerate(names):
            value, at = of_element(line[match.end() :], index, len(names))
            found[name] = Binding("", value, at if len(names) > 1 else 0)
    for match in _CALLBACK.finditer(line):
        if value := of_callback(find_receiver(line[: match.start()]), match[1]):
            found[match[2]] = Binding("", value)
    return found


def _bound(parts: dict[str, Node], source: bytes, grammar: str) -> Iterator[tuple[str, Binding]]:
    pattern = _text(parts["name"], source)
    of = _text(parts["of"], source) if "of" in parts else ""
    value = _text(parts["value"], source) if "value" in parts else ""
    of = of.removeprefix("->").lstrip(": ")
    names = [each for each in _NAME.findall(pattern) if each not in _NO_NAMES]
    if grammar == "rust":  # `Some(ref name)` binds `name`
        names = [each for each in names if not each[:1].isupper()]
    if "via" in parts:
        value = of_callback(value, _text(parts["via"], source))
    kind = _kind(parts["name"]) if grammar == "python" else ""
    if pattern.startswith("{"):
        for name, path in _fields(pattern):
            yield name, Binding(of, f"{value}.{path}" if value else "", path=path if of else "")
        return
    for index, name in enumerate(names):
        if name == "_":
            continue  # a placeholder that binds no name
        bound, at = value, index
        if kind in _LOOPS and value:
            bound, at = of_element(value, index, len(names))
        elif kind == "with_item":
            bound = f"({value}).__enter__()"
        yield name, Binding(of, bound, at if len(names) > 1 else 0)


def _fields(pattern: str) -> Iterator[tuple[str, str]]:
    """The names that `{ a, b: c }` binds, each with the field that it takes."""
    for each in split_parameters(pattern):
        names = _NAME.findall(each.partition("=")[0])
        if names and (len(names) == 1 or ":" in each):
            yield names[-1], names[0]


def _kind(name: Node) -> str:
    """The type of the statement that binds a name, of a pattern's the one around it."""
    above = name.parent
    if above is not None and above.type == "as_pattern" and above.parent is not None:
        above = above.parent
    return above.type if above is not None else ""


def find_return_type(syntax: Syntax, row: int) -> str:
    """The text of the return type of the innermost function around the line `row`; "" if none."""
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
    """The byte offset of the end of line `row`, or of the text."""
    lines = source.split(b"\n", row + 1)
    return len(source) - len(lines[-1]) - 1 if len(lines) == row + 2 else len(source)


def _start_of_function(root: Node, at: int, row: int) -> int:
    """The start of the outermost function around a byte."""
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
        :MAX_TEXT_LENGTH
    ]
