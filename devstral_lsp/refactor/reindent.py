"""A reply's lines, laid out as the original's are: line numbers off, indentation and edges back.

Models start at the margin what stood in a class, or leave out the first line's indentation, and
trim blank lines. Works on text with "\\n"; knows no document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from textwrap import dedent

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.indentation import indent_of, match_indent_style
from devstral_lsp.refactor.placeholders import find_placeholders
from devstral_lsp.syntax.tree import LexicalContext, Syntax

_NUMBERED = re.compile(r"[ \t]*+(\d{1,9}+)(?>[ \t]*[:|│→]|[ \t]*\t)(.*)")


def without_line_numbers(code: str, original: str) -> str:
    """`code` without numbers that count its lines; itself where they are not those."""
    lines = code.split("\n")
    found = [_NUMBERED.fullmatch(line) for line in lines if line.strip()]
    if len(found) < 2 or not all(found) or all(map(_NUMBERED.fullmatch, original.split("\n"))):
        return code
    numbers = [int(match[1]) for match in found if match]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        return code
    bare = [match[2] if (match := _NUMBERED.fullmatch(line)) else "" for line in lines]
    led = all(line[0] == " " for line in bare if line.strip())
    return "\n".join(line[1:] if led else line for line in bare)


def reindent_to_original(code: str, original: str, language: str) -> str:
    """`code` at the original's base indentation, in its style, between its blank edges."""
    code = match_indent_style(original, code)
    lines = _based(_trimmed(code.split("\n")), _trimmed(original.split("\n")), language)
    first, last = _edges(original.split("\n"))
    if not lines or first == last:
        return code
    return "\n".join([*original.split("\n")[:first], *lines, *original.split("\n")[last:]])


def _trimmed(lines: Sequence[str]) -> list[str]:
    first, last = _edges(lines)
    return list(lines[first:last])


def _edges(lines: Sequence[str]) -> tuple[int, int]:
    """The first line that is not blank, and the one after the last."""
    told = [at for at, line in enumerate(lines) if line.strip()]
    return (told[0], told[-1] + 1) if told else (0, 0)


def _based(lines: list[str], old: list[str], language: str) -> list[str]:
    if not lines or not old:
        return lines
    quoted, fixed = _quoted(lines, language), _directives(lines, language)
    aside = quoted | fixed | find_placeholders("\n".join(lines), "\n".join(old), language)
    base, wanted = _base(lines, aside), _base(old, _aside(old, language))
    if (first := _first_only(lines, old, aside)) and _stands(first, language):
        return first
    if base == wanted:
        return lines
    move = _move(lines, aside, base, wanted)
    moved = []
    for at, line in enumerate(lines):
        if at in fixed and (not indent_of(line) or line.lstrip() in old):
            moved.append(line.lstrip())
        elif not line.strip() or (at in quoted and _stays(line, move, base, old)):
            moved.append(line)
        else:
            moved.append(move(line))
    return moved


def _aside(lines: Sequence[str], language: str) -> frozenset[int]:
    """The lines whose indentation says nothing of the code's."""
    return _quoted(lines, language) | _directives(lines, language)


def _directives(lines: Sequence[str], language: str) -> frozenset[int]:
    """The preprocessor's lines, which may stand at the margin wherever the code does."""
    if not get_language(language).has_preprocessor:
        return frozenset()
    return frozenset(at for at, line in enumerate(lines) if line.lstrip().startswith("#"))


def _stays(line: str, move: Callable[[str], str], base: str, old: Sequence[str]) -> bool:
    """Whether a line inside a string stands at its place already."""
    if line in old:
        return True
    return move(line) not in old and not line.startswith(base or " ")


def _move(
    lines: Sequence[str], aside: frozenset[int], base: str, wanted: str
) -> Callable[[str], str]:
    """What takes a line from below `base` to below `wanted`."""
    if wanted.endswith(base):
        return lambda line: wanted[: len(wanted) - len(base)] + line
    lead = base[: len(base) - len(wanted)]
    told = [line for at, line in enumerate(lines) if line.strip() and at not in aside]
    if base.endswith(wanted) and all(line.startswith(lead) for line in told):
        return lambda line: line.removeprefix(lead)
    return lambda line: _shifted(line, base, wanted)


def _base(lines: Sequence[str], aside: frozenset[int]) -> str:
    """What every line of code begins with."""
    indents = [indent_of(line) for at, line in enumerate(lines) if line.strip() and at not in aside]
    return min(indents, key=_columns, default="")


def _columns(indent: str) -> int:
    return len(indent.expandtabs())


def _quoted(lines: Sequence[str], language: str) -> frozenset[int]:
    """The lines that begin inside a string."""
    code = "\n".join(lines)
    syntax = Syntax.of(code, language)
    if syntax is None or not re.search(r"[\"'`]", code):
        return frozenset()
    found = set()
    offset = 0
    for at, line in enumerate(lines):
        if at and syntax.inside(offset) is LexicalContext.STRING:
            found.add(at)
        offset += len(line) + 1
    return frozenset(found)


def _shifted(line: str, base: str, wanted: str) -> str:
    return wanted + line.removeprefix(base) if line.startswith(base) else wanted + line.lstrip()


def _first_only(lines: list[str], old: Sequence[str], aside: frozenset[int]) -> list[str]:
    """The lines with the first one's indentation given back; [] where more than that is missing."""
    rest = [line for at, line in enumerate(lines) if at and line.strip() and at not in aside]
    wanted = indent_of(old[0])
    if indent_of(lines[0]) or not rest or not wanted:
        return []
    if min(_columns(indent_of(line)) for line in rest) < _columns(wanted):
        return []
    if sum(wanted + line in old for line in rest) > sum(line in old for line in rest):
        return []
    return [wanted + lines[0], *lines[1:]]


def _stands(lines: Sequence[str], language: str) -> bool:
    """Whether the language accepts the indentation."""
    is_broken = get_language(language).has_broken_blocks
    return is_broken is None or not is_broken(dedent("\n".join(lines)))
