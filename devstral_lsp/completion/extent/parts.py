"""Find the visible end of a unit, the units around it, and where a long one can be cut."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from devstral_lsp.completion.extent import nodes
from devstral_lsp.completion.extent.ground import Ground
from devstral_lsp.completion.source import brackets
from devstral_lsp.completion.source.reading import is_comment
from devstral_lsp.languages import Language
from devstral_lsp.syntax.tree import Syntax

if TYPE_CHECKING:
    from tree_sitter import Node

END_OF_LINE = re.compile(rb"[ \t]*+[;,]*+[ \t]*+(?:(?://|#|--|/\*)[^\n]*+)?(?:\n|\Z)")
"""Characters that may follow a unit on its last line."""

HEREDOC = re.compile(rb"<<[~-]?[\"'`]?[A-Z_]{2}")

HAS_MEMBERS = re.compile(
    r"\b(?:class|interface|trait|impl|module|namespace|object|enum|struct|extension)\b"
)
"""Openers of blocks whose members are units of their own."""

_OPENING = (b"(", b"[", b"{")


@lru_cache(maxsize=8)
def lines_of_whole_parts(ground: Ground, shown: str, language: Language) -> int:
    """The number of lines of `shown` up to the end of the last complete part of a longer unit."""
    found = brackets.scan(shown, language)
    if found.asides and found.asides[-1].is_open:
        return shown.rstrip().count("\n") + 1  # a long string or comment
    opened = brackets.unmatched(found.brackets)[0]
    closing = "".join(brackets.CLOSING[each.character] for each in reversed(opened))
    syntax = ground.with_draft(f"{shown}\n{closing}")
    if syntax is None:
        return 0
    start = len(ground.above.encode(errors="replace"))
    until = start + len(shown.encode(errors="replace")) + 1
    ends = [
        node.end_byte
        for node in nodes.units_below(syntax.root, language.name, start, until)
        if node.end_byte <= until
        and not node.has_error
        and not nodes.leads_on(node)
        and END_OF_LINE.match(syntax.source, node.end_byte)
        and syntax.source[node.end_byte - 1 : node.end_byte] not in _OPENING
    ]
    count = syntax.source.count(b"\n", start, max(ends)) + 1 if ends else 0
    lines = shown.split("\n")[:count]
    while lines and (not lines[-1].strip() or is_comment(lines[-1], language)):
        lines.pop()
    return len(lines)


def last_of_paragraph(syntax: Syntax, member: Node) -> Node:
    """The last member of a paragraph (members without a blank line between) that starts at
    `member`."""
    while (following := member.next_named_sibling) is not None:
        between = syntax.source[visible_end(syntax, member) : following.start_byte]
        if between.count(b"\n") != 1 and not nodes.leads_on(member):
            break
        member = following
    return member


def lacks_its_end(unit: Node) -> bool:
    """Whether the parser inserted the token after the unit."""
    above = unit.parent
    if above is None or not above.has_error:
        return False
    return any(each.is_missing and each.start_byte >= unit.end_byte for each in above.children)


def new_section(unit: Node, syntax: Syntax) -> int | None:
    """The end of the members before a blank line and `private:` or a similar label."""
    body = unit.child_by_field_name("body")
    for member in body.named_children if body is not None else ():
        above = member.prev_named_sibling
        if member.type == "access_specifier" and above is not None:
            end = visible_end(syntax, above)
            if syntax.source[end : member.start_byte].count(b"\n") > 1:
                return end
    return None


def visible_end(syntax: Syntax, node: Node) -> int:
    """The end of `node` without trailing whitespace, which some grammars include."""
    text = syntax.source[node.start_byte : node.end_byte]
    return node.start_byte + len(text.rstrip())


def led_to(node: Node, syntax: Syntax, until: int) -> Node:
    """The unit right below comments, attributes and decorators; the last of these if there is none,
    in another paragraph or further left. Not after `until`."""
    while nodes.leads_on(node):
        following = node.next_named_sibling
        if following is None or following.start_byte >= until:
            return node
        between = syntax.source[visible_end(syntax, node) : following.start_byte]
        if between.count(b"\n") > 1 or following.start_point[1] < node.start_point[1]:
            return node
        node = following
    return node
