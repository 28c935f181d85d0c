"""Node types of all grammars: containers of statements, statements, and prefixes of statements.

A unit is a statement, a member, an element or an entry: a named child of a container. It is found
by walking up from a token to the first node whose parent is a container.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 400
"""Maximum depth of nodes."""

_SEQUENCES = frozenset(
    {
        "program", "module", "source_file", "translation_unit", "compilation_unit", "document",
        "stylesheet", "fragment", "chunk", "statement_list", "body_statement", "block_body",
        "then", "ERROR",
    }
)  # fmt: skip
"""Nodes that are a sequence of units, and may start where the first unit does."""

_HOLDERS = re.compile(
    r"case|switch_section|switch_block_statement_group|^begin$|^do$|^else$|^ensure$|^do_group$"
    r"|element$|labeled_statement|enum_body_declarations|^preproc_(?:if|else|elif)|colon_block"
    r"|^declaration$"
)
"""More containers of units, after a header. In `bash`, any node can contain units."""

_BASH_HOLDERS = frozenset({"if_statement", "elif_clause", "else_clause", "case_item"})

_NO_UNITS = re.compile(
    r"_clause$|^else$|^elsif$|^rescue$|^ensure$|^preproc_(?:else|elif)|closing|end_tag$"
)
"""Named children of containers that continue the parent node."""

_OPENERS = frozenset({"{", "(", "[", "<", "${", "#{", "{|", "%w(", "%i("})

_LEADING = frozenset(
    {
        "comment", "line_comment", "block_comment", "attribute_item", "inner_attribute_item",
        "decorator", "attribute_list", "access_specifier", "documentation_comment", "modifiers",
        "annotation", "marker_annotation", "attribute_group", "attribute_declaration",
    }
)  # fmt: skip
"""Nodes that belong to the following unit."""

_CASE = re.compile(r"case|switch_|default")

_COMMENTS = frozenset({"comment", "line_comment", "block_comment", "documentation_comment"})


def path_to(root: Node, at: int) -> list[Node]:
    """The nodes that contain the byte `at`, from `root` to the smallest."""
    found = [root]
    cursor = root.walk()
    while len(found) < _DEEPEST and cursor.goto_first_child_for_byte(at) is not None:
        node = cursor.node
        if node is None or node.start_byte > at:
            break
        found.append(node)
    return found


def is_sequence(node: Node) -> bool:
    """Whether `node` is a sequence of units."""
    if node.type in _SEQUENCES:
        return True
    if node.type != "block":
        return False
    first = node.child(0)
    return first is None or first.type not in _OPENERS  # Python and Lua


def is_bracketed(node: Node) -> bool:
    """Whether `node` begins with an opening bracket or tag."""
    first = node.child(0)
    if first is None:
        return False
    return first.type in _OPENERS or first.type in ("start_tag", "jsx_opening_element")


def is_comment(node: Node) -> bool:
    return node.type in _COMMENTS


def leads_on(node: Node) -> bool:
    """Whether `node` belongs to the following unit: a comment, an attribute, a decorator."""
    if node.type in _LEADING:
        return True
    if node.type == "jsx_expression" and node.named_child_count == 1:
        return node.named_children[0].type in _COMMENTS
    if not node.child_count or _CASE.search(node.type) is None:
        return False
    # A label without statements continues in the next statement.
    last = node.child(node.child_count - 1)
    return last is not None and last.type == ":"


def is_unit(path: Sequence[Node], at: int, language: str) -> bool:
    """Whether the node `path[at]` is a unit, judged by its parent."""
    if at == 0:
        return True
    node, above = path[at], path[at - 1]
    if is_sequence(above):
        return not is_sequence(node)
    if above.start_byte >= node.start_byte or not node.is_named or _NO_UNITS.search(node.type):
        return False
    if language == "shellscript" and above.type in _BASH_HOLDERS:
        return True
    return is_bracketed(above) or _is_holder(above)


def _is_holder(node: Node) -> bool:
    return _HOLDERS.search(node.type) is not None and node.type != "declaration"


def units_below(node: Node, language: str, since: int, until: int) -> Iterator[Node]:
    """All units in `node` that end after the byte `since` and start before `until`."""
    waiting = [(node, 0)]
    while waiting:
        above, depth = waiting.pop()
        for child in above.children:
            if child.start_byte >= until:
                break
            if child.end_byte <= since:
                continue
            if depth < _DEEPEST:
                waiting.append((child, depth + 1))
            if is_unit((above, child), 1, language):
                yield child
