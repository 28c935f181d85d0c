r"""What a reply leaves out of the original, by structure: no comment's wording counts.

The lines of both are aligned: equal ones first, then changed ones by the words that they share.
What lies between two pairs is a gap. Code of the original in a gap whose words do not come back is
missing: a comment, dots or a stub there stand for it. Line ends are "\n".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from devstral_lsp.edits.patience_diff import matching_lines
from devstral_lsp.languages import get_language
from devstral_lsp.refactor.code_lines import (
    FILLER,
    LEAVES,
    CodeLine,
    assigned_name,
    code_lines,
    is_quoted,
    pair_changed_lines,
)

MIN_COVERED = 0.6
"""Share of a line's words that have to come back in new code."""
MIN_REPLACED = 0.4
"""Share of the missing code's length from which on other code replaces it, whatever its words."""
ASKED = 0.5
"""Share of the code that may go from which on the user asked for it: two lines may in any case."""
_DOTS = r"(?:\.{3,}+|…)"
_LONE_DOTS = re.compile(rf"[\[({{<]?\s*{_DOTS}(?:[^\w\n]|{_DOTS})*+")
_INLINE = re.compile(rf"(?:\{{|:|=>)\s*+(?:{_DOTS}|/\*[^*\n]*+\*/)\s*+\}}?[;,]?\Z")
"""The end of a line whose body is left out."""
_RETURNS = re.compile(r"return\b(?!;)[ \t(]*+[^\s;]")
_GIVES = re.compile(r"\b(?:return|raise|throw|panic|yield|lambda|exit|die|goto)\b")
"""Ways in which code gives a value, or does not come to its end."""
_RAISES = re.compile(
    r"(?:raise|throw|panic|todo|unimplemented|abort|die|fatalError|error)\b|TODO\("
)
_CONTINUES = ("{", "(", "[", ",", "=", "+", "&&", "||", "\\")
"""Ends of lines that the next line continues."""


@dataclass(frozen=True)
class _Gap:
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

    @cached_property
    def code(self) -> list[CodeLine]:
        """New lines that are more than a comment, dots or brackets."""
        return [each for each in self.come if each.code and each.words and not is_quoted(each)]


class Comparison:
    """An original and what a reply makes of it."""

    def __init__(self, old: str, new: str, language: str) -> None:
        self._language = language
        self._new_lines = new.split("\n")
        self._old, self._new = (list(code_lines(text, language)) for text in (old, new))

    @cached_property
    def stand_ins(self) -> frozenset[int]:
        """The lines of the reply (from 0) that stand for others."""
        found: set[int] = set()
        known = Counter(each.text for each in self._old)
        for gap in self._gaps:
            for at, line in enumerate(gap.come):
                if known[line.text] > 0:
                    known[line.text] -= 1
                elif self._is_stand_in(line, gap, at):
                    found.add(line.number)
            if gap.follows_change and gap.missing and gap.above and _is_inline(gap.above):
                found.add(gap.above.number)
        return frozenset(found)

    def is_alone(self, number: int) -> bool:
        """Whether a stand-in is all that its line holds."""
        line = self._by_number[number]
        return not line.code or is_quoted(line) or bool(_LONE_DOTS.fullmatch(line.text))

    def loss(self, *, max_removed: float = 0.0) -> str | None:
        """What the reply leaves out, in a sentence that quotes no code; None if nothing.

        `max_removed` is the share of the code that may go without other code in its place. What a
        comment, dots or a stub stand for may never.
        """
        if self.stand_ins:
            return "The edit leaves code out: a comment or dots stand for it."
        if self._is_stub():
            return "The edit has a stub in the place of code."
        needed = [each for each in self._rewritten if any(map(self._is_needed, each))]
        lost = [each for each in self._rewritten if not self._is_replaced(each)]
        if len(lost) < len(self._rewritten):
            lost = [each for each in lost if not self._is_unused(each)]
        if max_removed and not needed:
            lost = [each for each in lost if not self._is_unreachable(each)]
            is_cut_off = any(self._is_cut_off(each, max_removed) for each in lost)
            lost = lost if is_cut_off or self._is_much(lost, max_removed) else []
        count = sum(len(gap.missing) for gaps in needed or lost for gap in gaps)
        if not count:
            return "The edit returns no value any more." if self._drops_result() else None
        lines = "line" if count == 1 else "lines"
        return f"The edit drops {count} {lines} of code, and nothing takes their place."

    @cached_property
    def _pairs(self) -> dict[int, int]:
        """Lines of the original by their places in `_old`, and what they are in `_new`."""
        pairs = matching_lines([e.text for e in self._old], [e.text for e in self._new])
        ends = [(-1, -1), *sorted(pairs.items()), (len(self._old), len(self._new))]
        for (top, new_top), (end, new_end) in pairwise(ends):
            pairs |= pair_changed_lines(
                self._old, self._new, (top + 1, end), (new_top + 1, new_end)
            )
        return dict(sorted(pairs.items()))

    @cached_property
    def _gaps(self) -> list[_Gap]:
        ends = [(-1, -1), *self._pairs.items(), (len(self._old), len(self._new))]
        gaps = []
        for (top, new_top), (end, new_end) in pairwise(ends):
            gone = tuple(each for each in self._old[top + 1 : end] if each.says_something)
            gap = _Gap(
                gone=gone,
                missing=tuple(each for each in gone if not self._comes_back(each)),
                come=tuple(self._new[new_top + 1 : new_end]),
                was=self._old[top] if top >= 0 else None,
                above=self._new[new_top] if top >= 0 else None,
                follows=self._new[new_end] if new_end < len(self._new) else None,
            )
            gaps.append(gap)
        return gaps

    @cached_property
    def _rewritten(self) -> list[list[_Gap]]:
        """The gaps with missing code, together with those that belong to the same rewriting."""
        runs: list[list[_Gap]] = []
        for gap in self._gaps:
            if runs and gap.goes_on:
                runs[-1].append(gap)
            else:
                runs.append([gap])
        return [run for run in runs if any(each.missing for each in run)]

    @cached_property
    def _come_back(self) -> frozenset[str]:
        """The words that new lines have, and changed ones beside what they had."""
        words: set[str] = set()
        there = {new: old for old, new in self._pairs.items()}
        for at, line in enumerate(self._new):
            known = self._old[there[at]].counts if at in there else Counter[str]()
            words |= (line.counts - known).keys()
        return frozenset(words)

    @cached_property
    def _moved(self) -> Counter[str]:
        """New lines that may be lines of the original at another place."""
        paired = frozenset(self._pairs.values())
        return Counter(e.text for at, e in enumerate(self._new) if at not in paired)

    def _comes_back(self, line: CodeLine) -> bool:
        if not line.code or self._moved[line.text] > 0:
            return True
        return len(line.words & self._come_back) >= MIN_COVERED * len(line.words)

    def _is_stand_in(self, line: CodeLine, gap: _Gap, at: int) -> bool:
        if _is_inline(line) or (line.has_comment and line.code and not line.says_something):
            return bool(gap.missing)
        if line.code and not _LONE_DOTS.fullmatch(line.text) and not is_quoted(line):
            return False
        if _is_dotted_comment(line):
            return True
        return bool(gap.missing) and self._stands_alone(line, gap, at)

    def _stands_alone(self, line: CodeLine, gap: _Gap, at: int) -> bool:
        """Whether nothing right below is what a comment may be about."""
        if not gap.code:
            return True
        below = gap.come[at + 1] if at + 1 < len(gap.come) else None
        if below is None or below.columns < line.columns:
            return True
        return any(not each.strip() for each in self._new_lines[line.number + 1 : below.number])

    def _is_needed(self, gap: _Gap) -> bool:
        """Whether a missing line gave a value to a name that the reply still uses."""
        for line in gap.missing:
            name = assigned_name(line.code)
            if name in self._uses and self._introduced[name] == line.number:
                return True
        return False

    def _drops_result(self) -> bool:
        """Whether values were returned, and none is in any way."""
        if get_language(self._language).returns_last_expression:
            return False
        gave = any(_RETURNS.match(each.code) for each in self._old)
        return gave and not any(
            _GIVES.search(each.code) or ("=>" in each.code and each.text not in self._known)
            for each in self._new
        )

    def _is_unused(self, run: Sequence[_Gap]) -> bool:
        """Whether all that is missing gave values to names that other code now does without."""
        names = [assigned_name(each.code) for gap in run for each in gap.missing]
        return all(name and name not in self._words for name in names)

    @cached_property
    def _by_number(self) -> dict[int, CodeLine]:
        return {each.number: each for each in self._new}

    @cached_property
    def _last_with_words(self) -> int:
        return max((each.number for each in self._new if each.words), default=-1)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word for each in self._new for word in each.words)

    @cached_property
    def _places(self) -> dict[int, int]:
        """Of each line of the original by its number, its place in `_old`."""
        return {each.number: at for at, each in enumerate(self._old)}

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(each.text for each in self._old)

    @cached_property
    def _introduced(self) -> dict[str, int]:
        """The line of the original in which each word stands first."""
        return {word: each.number for each in reversed(self._old) for word in each.words}

    @cached_property
    def _uses(self) -> frozenset[str]:
        """The names that the reply uses without giving them a value."""
        return self._words - {assigned_name(each.code) for each in self._new}

    def _is_replaced(self, run: Sequence[_Gap]) -> bool:
        """Whether other code takes the place of what is missing.

        A changed line does with the words that it got, where code before it is gone.
        """
        gone = [each for gap in run for each in gap.gone]
        missing = [each for gap in run for each in gap.missing]
        if len(missing) * 2 <= len(gone):
            return True
        come = [each for gap in run for each in gap.code if each.text not in self._known]
        words = {word for each in come for word in each.words}
        for at, gap in enumerate(run):
            if gap.follows_change and gap.above and any(each.gone for each in run[:at]):
                words |= gap.new_words
                calls = {f"{word}(" for word in gap.new_words}
                if any(each in gap.above.code for each in calls):
                    return True
        old = {word for each in gone for word in each.words}
        shared = {e for e in words & old if e.lower() not in FILLER and not e.isdigit()}
        if shared:
            return len(come) != 1 or len(missing) == 1 or not _RAISES.match(come[0].code)
        if len(missing) > 1 and len(come) < 2:
            return False
        length = sum(len(each.code) for each in come)
        return length >= MIN_REPLACED * sum(len(each.code) for each in missing)

    def _is_unreachable(self, run: Sequence[_Gap]) -> bool:
        """Whether what is gone stood after a `return` of its own block."""
        missing = [each for gap in run for each in gap.missing]
        was = next(gap.was for gap in run if gap.missing)
        return (
            was is not None
            and self._places[was.number] + 1 == self._places[missing[0].number]
            and LEAVES.match(was.code) is not None
            and not was.code.endswith(_CONTINUES)
            and all(each.columns >= was.columns for each in missing)
        )

    def _is_cut_off(self, run: Sequence[_Gap], share: float) -> bool:
        """Whether the end of the original is gone, from within a block on."""
        last = [gap for gap in run if gap.missing][-1]
        missing = last.missing
        end = max((each.number for each in (*last.come, *filter(None, [last.above]))), default=-1)
        if self._last_with_words > end:
            return False
        if missing[0].columns <= min(each.columns for each in self._old):
            return False
        is_asked = share > ASKED and len(missing) == 1
        return not is_asked or LEAVES.match(missing[0].code) is not None

    def _is_much(self, lost: Sequence[Sequence[_Gap]], share: float) -> bool:
        every = sum(each.says_something for each in self._old)
        count = sum(len(gap.missing) for run in lost for gap in run)
        return count > max(2 if share > ASKED else 1, share * every)

    def _is_stub(self) -> bool:
        """Whether the reply ends in an error or an empty value that takes the place of code."""
        code = [each for each in self._new if each.words]
        count = sum(len(gap.missing) for gap in self._gaps)
        if not code or code[-1].text in self._known:
            return False
        if _RAISES.match(code[-1].code):
            return count > 0 and len(code) <= sum(bool(each.words) for each in self._old)
        values = code[-1].words - {"return"}
        is_empty = all(each.lower() in FILLER or each.isdigit() for each in values)
        return count > 1 and _RETURNS.match(code[-1].code) is not None and is_empty


def _is_inline(line: CodeLine) -> bool:
    return _INLINE.search(line.text) is not None


def _is_dotted_comment(line: CodeLine) -> bool:
    """Whether a comment begins with dots: it then stands for something, if only for nothing."""
    return not line.code and re.match(rf"\W{{0,8}}?(?<!\.){_DOTS}", line.text) is not None
