r"""Puts a reply that holds only the changed definitions at the places of those in the original.

Line ends are "\n".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from textwrap import dedent

from devstral_lsp.languages import get_language
from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.languages.tokens import unmatched_brackets
from devstral_lsp.refactor.code_lines import code_lines
from devstral_lsp.refactor.losses import Comparison
from devstral_lsp.syntax.outline import Definition, outline
from devstral_lsp.syntax.tree import Syntax


def place_definitions(code: str, original: str, language: str) -> str:
    """The original with the definitions in `code`, if it holds some of them and nothing else.

    `code` itself where it holds all of them, anything besides, or none that has a certain place.
    """
    tag = get_language(language).opening_tag
    old, new = (e if tag[:2] in e else tag + e for e in (dedent(original), dedent(code)))
    old_definitions = outline(old, language, is_whole=True)
    if _is_broken(new, old, language) or not outline(new, language, is_whole=True):
        new = _in_class(new, tag, old, old_definitions)
    if _is_broken(new, old, language):
        return code
    new_definitions = outline(new, language, is_whole=True)
    if not old_definitions or not new_definitions:
        return code
    parts = _parts(old_definitions, new_definitions)
    lines, given = old.split("\n"), new.split("\n")
    if not parts or _holds_more(new, language, new_definitions, parts):
        return code
    remarks, new_remarks = (_comment_lines(text, language) for text in (old, new))
    stand_ins = Comparison(old, new, language).stand_ins
    for there, part in sorted(parts, key=lambda each: each[0].line, reverse=True):
        # Above a member that is given with its class, a comment may stand for the ones before it.
        is_given = part not in new_definitions and new_definitions[0].name in code
        aside = stand_ins if is_given else frozenset[int]()
        first, new_first = there.line, _first(part.line, new_remarks - aside)
        if new_first < part.line:
            first = _first(first, remarks)
        moved = _moved(given[new_first : part.last_line + 1], indent_of(lines[there.line]))
        lines[first : there.last_line + 1] = moved
    placed = "\n".join(lines)
    return placed if tag[:2] in original else placed.removeprefix(tag)


def _is_broken(new: str, old: str, language: str) -> bool:
    """Whether a part of the original has errors that the original has not."""
    kind = get_language(language)
    if unmatched_brackets(new, kind) and not unmatched_brackets(old, kind):
        return True
    is_, was = (Syntax.of(each, language) for each in (new, old))
    return is_ is not None and was is not None and is_.errors() > was.errors()


def _in_class(new: str, tag: str, old: str, definitions: Sequence[Definition]) -> str:
    """`new` between the header and the end of the one class that `old` is; itself if it is none."""
    if len(definitions) != 1 or not definitions[0].members:
        return new
    lines, around = old.split("\n"), definitions[0]
    end = around.line + around.signature.count("\n") + 1
    end += lines[end].strip() == "{"
    closing = lines[around.last_line] if not any(map(str.isalnum, lines[around.last_line])) else ""
    header = tag.split("\n")[:-1] if tag[:2] in new else []
    return "\n".join([*header, *lines[around.line : end], new.removeprefix(tag), closing])


def _parts(
    old: Sequence[Definition], new: Sequence[Definition]
) -> list[tuple[Definition, Definition]]:
    """What each definition of the reply replaces; () where the reply is no part of the original."""
    if not {each.name for each in old} - {each.name for each in new}:
        there_by_head = {(each.name, each.signature): each for each in old}
        classes = [(mine, there_by_head.get((mine.name, mine.signature))) for mine in new]
        return [
            part
            for mine, there in classes
            if there is not None and len(mine.members) < len(there.members)
            for part in _parts(there.members, mine.members)
        ]
    places_of = defaultdict(list)
    for each in _flat(old):
        places_of[each.name].append(each)
    parts = []
    for mine in new:
        places = places_of[mine.name]
        if len(places) != 1 or (len(new) >= len(old) and places[0] in old):
            return []
        parts.append((places[0], mine))
    return parts


def _flat(definitions: Sequence[Definition]) -> Iterator[Definition]:
    for each in definitions:
        yield each
        yield from _flat(each.members)


def _holds_more(
    code: str,
    language: str,
    definitions: Sequence[Definition],
    parts: Sequence[tuple[Definition, Definition]],
) -> bool:
    """Whether there is code that no part holds, but for the header of a class around them."""
    held: set[int] = set()
    for _, part in parts:
        held.update(range(part.line, part.last_line + 1))
    for each in definitions:
        if each.line not in held:
            held.update(range(each.line, each.line + each.signature.count("\n") + 1))
            held.add(each.last_line)
    tag = get_language(language).opening_tag.rstrip()
    lines = (line for line in code_lines(code, language) if line.words and line.text != tag)
    return any(line.number not in held for line in lines)


def _comment_lines(text: str, language: str) -> frozenset[int]:
    return frozenset(each.number for each in code_lines(text, language) if not each.code)


def _first(line: int, comments: frozenset[int]) -> int:
    """The first line of the comment right above `line`; itself without one."""
    while line - 1 in comments:
        line -= 1
    return line


def _moved(lines: Sequence[str], indent: str) -> list[str]:
    """The lines of a definition, at another indentation."""
    base = indent_of(lines[0])
    return [indent + each.removeprefix(base) if each.strip() else each for each in lines]
