r"""Indentation of the code in a reply: that of the code which it replaces, or of what is around it.

Models start at the margin what stood in a class, leave out the first line's indentation, indent by
another width, and trim blank lines. Line ends are "\n".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from textwrap import dedent

from devstral_lsp.languages import get_language
from devstral_lsp.languages.indentation import detect_indent_unit, indent_of, match_indent_style
from devstral_lsp.refactor.losses import Comparison
from devstral_lsp.syntax.outline import outline
from devstral_lsp.syntax.tree import LexicalContext, Syntax


def fit_insertion(code: str, blank: str, around: tuple[str, str], language: str) -> str:
    """`code`, which replaces the line `blank`, at the indentation of what is around it.

    A definition gets blank lines between itself and its neighbours.
    """
    file = "\n".join(around)
    bare = _rescaled(match_indent_style(file, dedent(code).strip("\n")), "", file, language)
    kind = get_language(language)
    # A paragraph, too, stands between blank lines.
    defines = kind.has_fences or any(not each.is_value for each in outline(bare, language))
    starter = kind.block_start_token
    above, below = around[0].split("\n")[-2::-1], around[1].split("\n")[1:]
    over, under = (next((line for line in each if line.strip()), "") for each in (above, below))
    defines |= kind.braces and bare.endswith("}") and not (indent_of(over) or indent_of(under))
    opens = over.rstrip().endswith(starter or "{")
    closes = under.strip()[:1] in tuple("})]") or under.strip() in kind.block_end_keywords
    if blank or not under:
        indent = blank or _base(_code(code.split("\n"), frozenset()))
    elif closes:
        indent = indent_of(under) + detect_indent_unit(file) if opens else indent_of(over)
    elif opens or not defines:
        indent = max(indent_of(under), "" if opens else indent_of(over), key=_columns)
    else:
        indent = min(indent_of(under), indent_of(over), key=_columns)
    lines = [indent + each if each.strip() else each for each in bare.split("\n")]
    if not defines:
        return "\n".join(lines)
    wanted = 1 if indent or not starter else 2
    blanks = (
        next((at for at, line in enumerate(each) if line.strip()), wanted)
        for each in (above, below)
    )
    top, end = (max(0, wanted - each) for each in blanks)
    end = 0 if closes else end
    ending = [""] * (end + 1 if end else 0)  # the last is the line that the others end with
    return "\n".join([*[""] * (0 if opens else top), *lines, *ending])


def reindent(code: str, original: str, language: str, around: Sequence[str] = ()) -> str:
    """`code` with the indentation and the blank first and last lines of `original`.

    `around` is the document before and after it, which shows its width where the original does not.
    """
    file = "\n".join(around)
    code = _rescaled(match_indent_style(original, code), original, file, language)
    if not original.strip():
        return code
    new, old = code.split("\n"), original.split("\n")
    (new_top, new_end), (top, end) = _edges(new), _edges(old)
    if new_top == new_end or top == end:
        return code
    lines = _based(new[new_top:new_end], old[top:end], language)
    return "\n".join([*old[:top], *lines, *old[end:]])


def _rescaled(code: str, original: str, file: str, language: str) -> str:
    """`code` with the width of a level that `original` has, or else `file`.

    Only where the first lines of all blocks show it, or else the lines with words that both have.
    """
    new, old = dedent(code), dedent(original)
    theirs, ours = detect_indent_unit(new), detect_indent_unit(old) or detect_indent_unit(file)
    if "\t" in theirs + ours or not theirs or not ours or theirs == ours:
        return code
    lines = new.split("\n")
    if not all(len(indent_of(line)) % len(theirs) == 0 for line in lines if line.strip()):
        return code
    steps = [_steps(text, language) for text in (new, old)]
    steps[1] = steps[1] or _steps(file, language)
    if steps != [{len(theirs)}, {len(ours)}] and not _shows(lines, old, len(theirs), len(ours)):
        return code
    quoted = _quoted(lines, language)
    return "\n".join(
        line if at in quoted else ours * (len(indent_of(line)) // len(theirs)) + line.lstrip(" ")
        for at, line in enumerate(lines)
    )


def _steps(text: str, language: str) -> set[int]:
    """How much further in the first line of each block is than the line that opens it."""
    starter = get_language(language).block_start_token or "{"
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    return {
        len(indent_of(below)) - len(indent_of(line))
        for line, below in pairwise(lines)
        if line.endswith(starter) and len(indent_of(below)) > len(indent_of(line))
    }


def _shows(lines: Sequence[str], old: str, theirs: int, ours: int) -> bool:
    """Whether the lines with words that both have are indented by so many columns a level."""
    counts = Counter(line.strip() for line in old.split("\n"))
    known = {e.strip(): len(indent_of(e)) for e in old.split("\n") if counts[e.strip()] == 1}
    both = [
        (len(indent_of(line)), known[line.strip()])
        for line in lines
        if line.strip() in known and indent_of(line) and re.search(r"\w", line)
    ]
    return bool(old.strip()) and all(mine * ours == had * theirs for mine, had in both)


def _edges(lines: Sequence[str]) -> tuple[int, int]:
    """The first line that is not blank, and the one after the last."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return (filled[0], filled[-1] + 1) if filled else (0, 0)


def _based(lines: list[str], old: list[str], language: str) -> list[str]:
    """`lines` at the base indentation of `old`."""
    quoted, directives = _quoted(lines, language), _directives(lines, language)
    stubs = Comparison("\n".join(old), "\n".join(lines), language).stand_ins
    aside = quoted | directives | stubs
    code = _code(lines, aside)
    base = _base(code)
    wanted = _base(_code(old, _quoted(old, language) | _directives(old, language)))
    first = [indent_of(old[0]) + lines[0], *lines[1:]]
    is_broken = get_language(language).has_broken_blocks
    # A comment or a directive at the margin does not tell where the rest stands.
    is_there = 2 * sum(line in old for line in code[1:]) > len(code) > 3
    lacks_first = _lacks_first_indent(lines[0], code if 0 in aside else code[1:], old)
    if (lacks_first or (is_there and first[0] == old[0])) and not (
        is_broken is not None and is_broken(dedent("\n".join(first)))
    ):
        return first
    if base == wanted or is_there:
        return lines
    move = _move(code, base, wanted)
    moved = []
    for at, line in enumerate(lines):
        if at in directives and (not indent_of(line) or line.lstrip() in old):
            moved.append(line.lstrip())
        elif not line.strip() or (at in quoted and _stays(line, move, base, old)):
            moved.append(line)
        else:
            moved.append(move(line))
    return moved


def _code(lines: Sequence[str], aside: frozenset[int]) -> list[str]:
    """The lines whose indentation is that of the code: not blank, and not among those `aside`."""
    return [line for at, line in enumerate(lines) if line.strip() and at not in aside]


def _directives(lines: Sequence[str], language: str) -> frozenset[int]:
    """The preprocessor's lines, which may stand at the margin wherever the code does."""
    if not get_language(language).has_preprocessor:
        return frozenset()
    return frozenset(at for at, line in enumerate(lines) if line.lstrip().startswith("#"))


def _quoted(lines: Sequence[str], language: str) -> frozenset[int]:
    """The lines that begin inside a string."""
    code = "\n".join(lines)
    syntax = Syntax.of(code, language) if re.search(r"[\"'`]", code) else None
    if syntax is None:
        return frozenset()
    starts = accumulate((len(line) + 1 for line in lines[:-1]), initial=0)
    return frozenset(
        at
        for at, start in enumerate(starts)
        if at and syntax.inside(start) is LexicalContext.STRING
    )


def _base(code: Sequence[str]) -> str:
    """The indentation that every line of code begins with."""
    return min(map(indent_of, code), key=_columns, default="")


def _columns(indent: str) -> int:
    return len(indent.expandtabs())


def _move(code: Sequence[str], base: str, wanted: str) -> Callable[[str], str]:
    """What moves a line from below `base` to below `wanted`."""
    if wanted.endswith(base):
        return lambda line: wanted[: len(wanted) - len(base)] + line
    surplus = base[: len(base) - len(wanted)]
    if base.endswith(wanted) and all(line.startswith(surplus) for line in code):
        return lambda line: line.removeprefix(surplus)
    return lambda line: wanted + (line[len(base) :] if line.startswith(base) else line.lstrip())


def _stays(line: str, move: Callable[[str], str], base: str, old: Sequence[str]) -> bool:
    """Whether a line inside a string stands at its place already."""
    return line in old or (move(line) not in old and not line.startswith(base or " "))


def _lacks_first_indent(first: str, rest: Sequence[str], old: Sequence[str]) -> bool:
    """Whether the first line lacks its indentation, and no other line of code does."""
    wanted = indent_of(old[0])
    if indent_of(first) or not rest or not wanted:
        return False
    if min(_columns(indent_of(line)) for line in rest) < _columns(wanted):
        return False
    return sum(wanted + line in old for line in rest) <= sum(line in old for line in rest)
