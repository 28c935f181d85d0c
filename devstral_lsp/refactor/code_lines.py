"""The lines of code in a text: their words, their comments, and which line became which other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from devstral_lsp.languages import Language, get_language
from devstral_lsp.languages.indentation import indent_of

MIN_ALIKE = 0.5
"""Share of common words (Dice) from which on one line has become the other."""
MAX_TABLE = 40_000
"""Pairs of lines of one gap that are compared; in a larger gap no line has become another."""
_WORD = re.compile(r"\w+")
_STRING = re.compile(r"[rRbBuUfF]{0,2}(\"{3}|'{3}|\"|')[^\"'\n]*+\1?")
FILLER = frozenset(
    (
        *("pass", "break", "continue", "else", "end", "fi", "done", "then", "do", "begin"),
        *("return", "none", "null", "nil", "undefined", "void", "try", "finally", "esac"),
        *("endif", "loop", "default", "unsafe"),
    )
)
"""Words of lines that mean nothing by themselves."""
_DECLARES = re.compile(r"\w[\w<>\[\], ]*")
"""What stands before the `=` of an assignment to a plain name."""
_BLOCK_COMMENTS = (("/*", "*/"), ("<!--", "-->"))


LEAVES = re.compile(r"(?:return|raise|throw|break|continue|goto|panic|exit|die)\b")
"""The start of a line after which its block does not go on."""


@dataclass(frozen=True)
class CodeLine:
    """A line that is not blank. `code` lacks a comment at its end, "" where there is only one."""

    number: int
    text: str
    code: str
    columns: int

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self.counts)

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word stands in its code."""
        return Counter(_WORD.findall(self.code))

    @cached_property
    def says_something(self) -> bool:
        return any(each.lower() not in FILLER for each in self.words)

    @property
    def has_comment(self) -> bool:
        return self.code != self.text


def assigned_name(code: str) -> str:
    """The plain name that a line gives a value to; "" if it gives none."""
    left, found, right = code.partition("=")
    left = left.removesuffix(":").rstrip()
    if not found or right[:1] in ("=", ">") or not _DECLARES.fullmatch(left):
        return ""
    return left.rpartition(" ")[2]


def is_quoted(line: CodeLine) -> bool:
    """Whether a line is a string and nothing else, as documentation is."""
    return _STRING.fullmatch(line.code) is not None


def code_lines(text: str, language: str) -> Iterator[CodeLine]:
    """The lines that are not blank."""
    kind = get_language(language)
    closer = ""
    for number, line in enumerate(text.split("\n")):
        bare = line.strip()
        if not bare:
            continue
        code = "" if closer else _without_comment(bare, kind)
        if closer and closer in bare:
            closer = ""
        elif not closer:
            opened = [each for each in _openers(kind) if bare.startswith(each[0])]
            closer = opened[0][1] if opened and opened[0][1] not in bare else ""
        yield CodeLine(number, bare, code, len(indent_of(line).expandtabs()))


def _openers(kind: Language) -> Iterator[tuple[str, str]]:
    if kind.block_comment is not None:
        yield kind.block_comment
    elif not kind.line_comment:
        yield from _BLOCK_COMMENTS


def _without_comment(text: str, kind: Language) -> str:
    """A line's code; a comment counts as one where no quote is open before it."""
    bare = text.removeprefix("{")  # JSX has comments in braces
    for opener, closer in (*_openers(kind), *_BLOCK_COMMENTS):
        if bare.startswith(opener) and closer not in bare[: -len(closer) - 1].rstrip("}"):
            return ""
    markers = [kind.line_comment] if kind.line_comment or kind.block_comment else ["#", "//", "--"]
    for marker in filter(None, markers):
        if text.startswith(marker):
            return ""
        code, found, _ = text.partition(f" {marker}")
        if found and not any(code.count(quote) % 2 for quote in ('"', "'", "`")):
            return code.rstrip()
    return text


def pair_changed_lines(
    old: Sequence[CodeLine], new: Sequence[CodeLine], gone: tuple[int, int], come: tuple[int, int]
) -> dict[int, int]:
    """Which lines of a gap have become which, so that the sum of what they share is largest."""
    rows = [at for at in range(*gone) if old[at].says_something and old[at].code]
    columns = [at for at in range(*come) if new[at].says_something and new[at].code]
    if not rows or not columns or len(rows) * len(columns) > MAX_TABLE:
        return {}
    best = [[0.0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    alike = [[_likeness(old[row], new[at]) for at in columns] for row in rows]
    for i in range(len(rows) - 1, -1, -1):
        for j in range(len(columns) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], alike[i][j] + best[i + 1][j + 1])
    pairs, i, j = {}, 0, 0
    while i < len(rows) and j < len(columns):
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs[rows[i]] = columns[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(one: CodeLine, other: CodeLine) -> float:
    if bool(LEAVES.match(one.code)) != bool(LEAVES.match(other.code)):
        return 0.0
    share = 2 * len(one.words & other.words) / (len(one.words) + len(other.words))
    return share if share >= MIN_ALIKE else 0.0
