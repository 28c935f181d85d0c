"""What a suggestion is worth: it is held against the code that really stood in the hole.

A suggestion may be shorter than the hole, since the engine shows one statement or block at a time.
So it is first held against as many lines of the truth as it has itself, then against all of it.
Pure but for the parser it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

from benchmarks.holes.places import Hole
from devstral_lsp.languages import get_language

ParseErrors = Callable[[str, str], int | None]
"""Errors in a text of a language, None where nobody can tell."""

LONG_LINE = 20
"""Code points. A line this long is a repetition at whatever column it stands."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` takes the place of the `covers` code points after the cursor; "" is none."""

    text: str
    covers: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What a suggestion is worth.

    `right`: equal to as many lines of the truth as it has; `whole`: to all of it; `agrees`: to as
    many characters, so that half a line may do, which `local` shows on purpose. The similarities
    are 0 for different and 1 for equal texts, of the first line and of the whole. `repeats`: a line
    that follows the hole stands in it more often than in the truth. `broken`: the file has more
    parse errors than with as many lines of the truth. `clean` and `clean_before` say whether it has
    none with the suggestion, and with the hole left empty. None where nobody can tell.
    """

    shown: bool
    right: bool
    first_line: bool
    whole: bool
    agrees: bool
    similarity_first: float
    similarity_whole: float
    repeats: bool
    broken: bool | None
    clean: bool | None
    clean_before: bool | None

    @property
    def bad(self) -> bool:
        """Repeats the suffix or breaks the parse."""
        return self.repeats or bool(self.broken)


def judge(hole: Hole, suggestion: Suggestion, parse_errors: ParseErrors) -> Judged:
    """Hold `suggestion` against the truth of `hole`."""
    covered = hole.after[: suggestion.covers]
    rest = hole.after[suggestion.covers :]
    truth = trimmed_lines(hole.truth + covered)
    said = trimmed_lines(suggestion.text)
    shown = bool(suggestion.text.strip())
    agrees = shown and "\n".join(truth).startswith("\n".join(said))
    errors = _Errors(hole, rest, parse_errors)
    now = errors.with_text(suggestion.text) if shown else None
    due = now if agrees else errors.with_text("\n".join(truth[: len(said)]))
    before = parse_errors(hole.before + hole.after, hole.file.language)
    return Judged(
        shown=shown,
        right=shown and said == truth[: len(said)],
        first_line=shown and said[0] == truth[0],
        whole=shown and said == truth,
        agrees=agrees,
        similarity_first=_similarity(said[0], truth[0]),
        similarity_whole=_similarity("\n".join(said), "\n".join(truth)),
        repeats=shown and not agrees and repeats_suffix(hole, suggestion),
        broken=None if now is None or due is None else now > due,
        clean=None if now is None else now == 0,
        clean_before=None if before is None else before == 0,
    )


def spoils(hole: Hole, raw: str, judged: Judged) -> bool:
    """Whether the model's own text began with the truth, or its first line, and was made worse."""
    said, truth = trimmed_lines(raw), trimmed_lines(hole.truth)
    if said[: len(truth)] == truth:
        return not judged.right
    return said[0] == truth[0] and not judged.first_line


def repeats_suffix(hole: Hole, suggestion: Suggestion) -> bool:
    """Whether a line that follows the hole stands in the suggestion, more often than in the truth.

    A short line counts at the same column only, and one that closes something (`}`, `end`) only as
    the suggestion's last: within it, it closes what the suggestion opened.
    """
    line_before = hole.before[hole.before.rfind("\n") + 1 :]
    said = _visible(line_before + suggestion.text)
    true = _visible(line_before + hole.truth)
    following = _visible(hole.after[suggestion.covers :])
    closers = get_language(hole.file.language).block_end_keywords
    for line in following[:2]:
        closes = not any(map(str.isalnum, line)) or line.strip() in closers
        if _count(line, said[-1:] if closes else said) > _count(line, true):
            return True
        if not closes:
            return False
    return False


def _count(line: str, lines: list[str]) -> int:
    same = [each for each in lines if each.strip() == line.strip()]
    return sum(each == line or len(line.strip()) >= LONG_LINE for each in same)


class _Errors:
    """Parse errors of the file with something in the hole."""

    def __init__(self, hole: Hole, rest: str, parse_errors: ParseErrors) -> None:
        self._hole = hole
        self._rest = rest
        self._parse_errors = parse_errors

    def with_text(self, text: str) -> int | None:
        whole = self._hole.before + text + self._rest
        return self._parse_errors(whole, self._hole.file.language)


def trimmed_lines(text: str) -> list[str]:
    """The lines, without whitespace at the end of lines and of the text."""
    return [line.rstrip() for line in text.rstrip().split("\n")]


def _visible(text: str) -> list[str]:
    """The lines that are not blank, with the blanks before them."""
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def _similarity(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
