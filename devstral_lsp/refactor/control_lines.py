"""Lines that steer the code beside them, such as `} else {`, `except OSError:` or `break;`.

They share few names with other lines, so what became of one is told by the lines around it: where
those stay and nothing stands between them any more, the control flow is another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from devstral_lsp.refactor.code_lines import CodeLine, leaves_block

_CLAUSE = re.compile(r"\W*(?:else|elif|elsif|elseif|except|catch|rescue|finally|ensure|default)\b")
_OPENS = re.compile(r"\{\Z|\b(?:then|do|else)\Z")
_CLOSES = re.compile(r"\}|\b(?:end|fi|done|else|elif|elsif|elseif)\b")
_JUMPS = frozenset(("break", "continue", "return"))


def lost_control(
    old: Sequence[CodeLine], new: Sequence[CodeLine], pairs: Mapping[int, int]
) -> frozenset[int]:
    """The numbers of the control lines of `old` that are gone from between lines that stay.

    `pairs` are the places in `old` of the lines that stay or changed, and theirs in `new`.
    """
    with_words = [at for at, line in enumerate(old) if line.words]
    return frozenset(
        old[at].number
        for above, at, below in zip(with_words, with_words[1:], with_words[2:], strict=False)
        if at not in pairs and above in pairs and below in pairs
        if is_clause(old[at]) or (old[at].words & _JUMPS and not old[at].says_something)
        if not any(line.words for line in new[pairs[above] + 1 : pairs[below]])
        if not _is_needless(old, at, old[above], new[pairs[above]], new[pairs[below]])
    )


def is_clause(line: CodeLine) -> bool:
    """Whether a line opens an alternative, a handler or a clean-up of the block above it."""
    return _CLAUSE.match(line.code) is not None


def _is_needless(
    old: Sequence[CodeLine], at: int, was_above: CodeLine, above: CodeLine, below: CodeLine
) -> bool:
    """Whether the lines beside `old[at]` mean the same without it, or others than before."""
    if not is_clause(old[at]):
        return was_above.text != above.text
    is_plain = not old[at].words - {"else", "default"}
    return is_plain and below.columns < above.columns and _leaves_above(old, at)


def _leaves_above(old: Sequence[CodeLine], at: int) -> bool:
    """Whether the block above a clause never comes to its end."""
    last = None
    for line in reversed(old[:at]):
        if line.words and line.columns <= old[at].columns:
            break
        if line.words and (last is None or line.columns < last.columns):
            last = line
    return last is not None and leaves_block(last)


def has_emptied_block(old: Sequence[CodeLine], new: Sequence[CodeLine]) -> bool:
    """Whether more blocks of `new` than of `old` have nothing in them, not even a comment.

    A block of `old` that has a comment alone may lose that.
    """
    return _empty_blocks(new) > _empty_blocks([each for each in old if each.code])


def _empty_blocks(lines: Sequence[CodeLine]) -> int:
    """How many lines after the first open a block that the next line closes."""
    return sum(
        _OPENS.search(line.code) is not None and _CLOSES.match(below.text) is not None
        for line, below in pairwise(lines[1:])
        if below.columns <= line.columns
    )


def connected(lines: Sequence[CodeLine]) -> list[list[CodeLine]]:
    """`lines` in groups: those of one group have names in common, directly or by way of others."""
    parents = list(range(len(lines)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    first: dict[str, int] = {}
    for at, line in enumerate(lines):
        for name in line.names:
            parents[root(at)] = root(first.setdefault(name, at))
    groups: dict[int, list[CodeLine]] = {}
    for at, line in enumerate(lines):
        groups.setdefault(root(at), []).append(line)
    return list(groups.values())
