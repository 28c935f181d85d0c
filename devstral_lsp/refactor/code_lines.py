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
        *("endif", "default", "unsafe"),
    )
)
"""Words of lines that mean nothing by themselves."""
KEYWORDS = frozenset(
    (
        *("if", "elif", "for", "foreach", "while", "until", "in", "of", "not", "and", "or", "is"),
        *("switch", "case", "match", "when", "with", "let", "const", "var", "val", "self", "this"),
    )
)
"""Words that code has in common without being about the same."""
HEADERS = frozenset(("if", "for", "foreach", "while", "switch", "match", "case"))
"""Words with which a line opens a block."""
_CONDITION = re.compile(r"\?|&&|\|\||\b(?:if|unless|and|or)\b")
_DECLARES = re.compile(r"[\w$*][\w<>\[\], *&$:|?]*")
"""What stands before the `=` of an assignment to a plain name."""
_BLOCK_COMMENTS = (("/*", "*/"), ("<!--", "-->"))


LEAVES = re.compile(r"(?:return|raise|throw|break|continue|goto|panic|exit|die)\b")
"""The start of a line after which its block does not go on."""

_MODIFIER = re.compile(r"(?:return|raise|die|break|next)\b.*\b(?:if|unless)\b(?!.*\belse\b)")


@dataclass(frozen=True)
class CodeLine:
    """A line that is not blank. `code` lacks a comment at its end, "" where there is only one.

    `is_argument` says that it begins within round or square brackets.
    """

    number: int
    text: str
    code: str
    columns: int
    is_argument: bool = False

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self.counts)

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word stands in its code."""
        return Counter(_WORD.findall(self.code))

    @cached_property
    def names(self) -> frozenset[str]:
        """The words that may be names of the code's own."""
        return frozenset(
            e for e in self.words - KEYWORDS if e.lower() not in FILLER and not e.isdigit()
        )

    @cached_property
    def says_something(self) -> bool:
        return any(each.lower() not in FILLER for each in self.words)

    @property
    def has_comment(self) -> bool:
        return self.code != self.text


@dataclass(frozen=True)
class Gap:
    """What lies between two pairs of lines: `gone` from the original, `come` in the reply.

    `missing` is the code in `gone` that does not come back anywhere. `was` and `above` are the line
    before it in either text; `follows` is the one after it in the reply.
    """

    gone: tuple[CodeLine, ...]
    missing: tuple[CodeLine, ...]
    come: tuple[CodeLine, ...]
    was: CodeLine | None
    above: CodeLine | None
    follows: CodeLine | None

    @property
    def follows_change(self) -> bool:
        return self.was is not None and self.above is not None and self.was.text != self.above.text

    @property
    def new_words(self) -> frozenset[str]:
        """The words that the line before it had not."""
        known = self.was.counts if self.was is not None else Counter[str]()
        return frozenset(self.above.counts - known) if self.above is not None else frozenset()

    @property
    def goes_on(self) -> bool:
        """Whether it is part of the same rewriting as the gap before it."""
        return self.above is not None and (self.follows_change or not self.above.words)

    @property
    def is_conditional(self) -> bool:
        """Whether the line before it got a condition."""
        if self.was is None or self.above is None:
            return False
        was, now = (len(_CONDITION.findall(each.code)) for each in (self.was, self.above))
        return now > was

    @cached_property
    def code(self) -> list[CodeLine]:
        """New lines that are more than a comment, dots or brackets."""
        return [each for each in self.come if each.code and each.words and not is_quoted(each)]


def assigned_names(line: CodeLine) -> list[str]:
    """The plain names that a line gives a value to."""
    left, found, right = line.code.partition("=")
    left = left.removesuffix(":").rstrip()
    if line.is_argument or not found or right[:1] in ("=", ">") or not _DECLARES.fullmatch(left):
        return []
    parts = (part.partition(": ")[0].strip().rpartition(" ")[2] for part in left.split(","))
    return [name for part in parts if (name := part.lstrip("*&$"))]


def leaves_block(line: CodeLine) -> bool:
    """Whether the block of a line does not go on after it, on whatever condition."""
    return LEAVES.match(line.code) is not None and _MODIFIER.match(line.code) is None


def is_quoted(line: CodeLine) -> bool:
    """Whether a line is a string and nothing else, as documentation is."""
    return _STRING.fullmatch(line.code) is not None


def code_lines(text: str, language: str) -> Iterator[CodeLine]:
    """The lines that are not blank."""
    kind = get_language(language)
    closer, depth, opened_at = "", 0, 0
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
        columns = len(indent_of(line).expandtabs())
        if code and columns <= opened_at and bare[0] not in ")]}":
            depth = 0  # a bracket in a pattern or a string was taken for one of the code
        yield CodeLine(number, bare, code, columns, is_argument=depth > 0)
        opened_at = opened_at if depth else columns
        depth = max(0, depth + _opened_brackets(code))


def _opened_brackets(code: str) -> int:
    """How many more round and square brackets a line opens than it closes."""
    code = _STRING.sub("", code)
    return sum(map(code.count, "([")) - sum(map(code.count, ")]"))


def _openers(kind: Language) -> Iterator[tuple[str, str]]:
    if kind.block_comment is not None:
        yield kind.block_comment
    elif not kind.line_comment:
        yield from _BLOCK_COMMENTS


def _without_comment(text: str, kind: Language) -> str:
    """A line's code; a comment counts as one where no quote is open before it."""
    bare = text.removeprefix("{")  # JSX has comments in braces
    for opener, closer in (*_openers(kind), *_BLOCK_COMMENTS):
        for each in (text, bare):
            if each.startswith(opener) and closer not in each[: -len(closer) - 1].rstrip("}"):
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
