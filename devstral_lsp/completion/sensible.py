"""Whether what the user's own code says makes sense where it would stand.

It is said from what stood in like places: names may belong to another function, and it may end
anywhere. Knows neither `local` nor where it looked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from devstral_lsp.completion.extent.ground import Ground
from devstral_lsp.completion.extent.nodes import path_to
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.identifiers import KEYWORDS
from devstral_lsp.completion.types import CursorContext, Draft

if TYPE_CHECKING:
    from tree_sitter import Node

_NAME = re.compile(r"(?<![\w.$@>:#\"'])[A-Za-z_]\w*(?!\w|\s*[(:=])")

_ENDS_OPEN = re.compile(r"(?:[|+*/%&<-]|[^=]=|->|::|\w\.|\b(?:and|or|not|in|is|if|else))\s*$")

_FUNCTION = re.compile(r"function|method|lambda|closure|arrow|constructor|func_literal")

_BINDS = frozenset(
    ("name", "left", "pattern", "parameter", "parameters", "declarator", "declarators", "alias")
)
"""Fields of grammars in which a name is declared or assigned to."""

_PART_OF_BOUND = re.compile(r"pattern|declarator|target$|^expression_list$|^dotted_name$")
"""Types of nodes that may stand between a name and such a field."""


def finished_part(draft: Draft, place: CursorContext) -> Draft | None:
    """The draft up to the bracket that it leaves open, braces of blocks aside; None if it ends in a
    string, where something must follow, or is but a keyword."""
    text, offset = brackets.joined(draft, place)
    opened = brackets.unmatched(brackets.scan(text, place.language).brackets)[0]
    own = [each for each in opened if each.position >= offset and each.character != "{"]
    kept = reading.shorten(draft, own[0].position - offset) if own else draft
    if kept is None or _is_half(kept, place) or _is_lone(kept, place):
        return None
    return kept


def _is_half(draft: Draft, place: CursorContext) -> bool:
    """Whether it ends within a string, or where something must follow."""
    text, offset = brackets.joined(draft, place)
    asides = brackets.scan(text, place.language).asides
    last = asides[-1] if asides else None
    quotes = place.language.quotes
    in_string = last is not None and last.is_open and last.opener in quotes
    begun_here = last is not None and last.start >= offset
    is_prose = last is not None and last.is_open and not begun_here
    return (in_string and begun_here) or (
        not is_prose and _ENDS_OPEN.search(draft.text) is not None
    )


def _is_lone(draft: Draft, place: CursorContext) -> bool:
    """Whether it is but a keyword, or a name that the document never lets stand alone."""
    word = draft.text.strip()
    if word in KEYWORDS and not draft.text[:1].isalnum():
        return True
    if not word.isidentifier() or reading.before(place)[-1:].isidentifier():
        return False
    if word in KEYWORDS:
        return True
    around = reading.before(place) + "\n" + reading.after(place)
    uses = re.findall(rf"\b{re.escape(word)}\b(.?)", around)
    return word[:1].isupper() and bool(uses) and all(each == "." for each in uses)


def is_in_scope(draft: Draft, place: CursorContext) -> bool:
    """Whether no name in it belongs to other functions: declared or assigned to in one, and used
    nowhere else. What they only use (a type, a built-in) they have from outside as well."""
    if brackets.aside_at_cursor(place) is not None:
        return True  # prose
    ground = Ground.of(place)
    syntax = ground.without_draft() if ground is not None else None
    if ground is None or syntax is None:
        return True
    at = len(ground.above.rstrip().encode(errors="replace"))
    path = path_to(syntax.root, max(0, at - 1))
    if any(node.is_error for node in path):
        return True  # half-written code does not say what is around it
    own = next((node for node in path if _FUNCTION.search(node.type)), None)
    for name in {match.group() for match in _NAME.finditer(draft.text)} - KEYWORDS:
        uses = list(_uses(syntax.source, name.encode()))
        elsewhere = uses and all(_is_elsewhere(syntax.root, use, own) for use in uses)
        if elsewhere and any(_is_bound(path_to(syntax.root, use)) for use in uses):
            return False
    return True


def _uses(source: bytes, name: bytes) -> Iterator[int]:
    return (match.start() for match in re.finditer(rb"(?<![\w.$])%b\b" % re.escape(name), source))


def _is_elsewhere(root: Node, at: int, own: Node | None) -> bool:
    """Whether the byte `at` lies within another function than `own`, behind its name."""
    if own is not None and own.start_byte <= at < own.end_byte:
        return False
    for node in path_to(root, at):
        if _FUNCTION.search(node.type):
            named = node.child_by_field_name("name")
            return named is None or not named.start_byte <= at < named.end_byte
    return False


def _is_bound(path: Sequence[Node]) -> bool:
    """Whether the last node of the path is a name that is declared or assigned to there."""
    for parent, node in zip(path[-2::-1], path[:0:-1], strict=True):
        field = parent.field_name_for_child(parent.children.index(node))
        is_parameter = field is None and parent.type.endswith(("parameter", "parameters"))
        if field in _BINDS or is_parameter:
            return True
        if not _PART_OF_BOUND.search(parent.type):
            return False
    return False
