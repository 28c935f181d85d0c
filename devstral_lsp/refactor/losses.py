r"""What a reply leaves out of the original, by structure: no comment's wording counts.

The lines of both are aligned: equal ones first, then changed ones by the words that they share.
What lies between two pairs is a gap. Code of the original in a gap whose words do not come back is
missing: a comment, dots or a stub there stand for it. Line ends are "\n".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import compress, pairwise
from operator import not_

from devstral_lsp.edits.patience_diff import matching_lines
from devstral_lsp.languages import get_language
from devstral_lsp.refactor.code_lines import (
    HEADERS,
    KEYWORDS,
    LEAVES,
    CodeLine,
    Gap,
    assigned_names,
    code_lines,
    leaves_block,
    pair_changed_lines,
)
from devstral_lsp.refactor.control_lines import (
    connected,
    has_emptied_block,
    is_clause,
    lost_control,
)
from devstral_lsp.refactor.results import RAISES, drops_result, is_stub
from devstral_lsp.refactor.stand_ins import is_inline, is_placeholder, is_stand_in, without_phrases
from devstral_lsp.refactor.taken_up import begin_alike, calls, filled_names, takes_up_body

MIN_COVERED = 0.6
"""Share of a line's words that have to come back in new code."""
MIN_REPLACED = 0.4
"""Share of the missing code's length from which on other code replaces it, whatever its words."""
MAX_MERGED = 2
"""Missing lines whose sense a changed line above them may have taken up."""
MAX_ASKED = 0.6
"""Share of the code that may go where the user asks for it: two lines may in any case."""
_SCOPES = re.compile(
    r"\b(?:with|using|use|defer|synchronized|lock_guard|scoped_lock|unique_lock)\b|\btry ?\("
)
_BINDS = re.compile(
    r"\b(?:for|foreach|as|let|const|var|val|auto|lambda|catch|except|using|with|case|each|fn|func)\b"
    r"|=>|->|\|[\w, ]+\||:="
)
"""Other ways than an assignment in which a line gives names their values."""
_CASES = frozenset(("switch", "match", "when", "case"))
_CONTINUES = ("{", "(", "[", ",", "=", "+", "&&", "||", "\\")
"""Ends of lines that the next line continues."""


class Comparison:
    """An original and what a reply makes of it."""

    def __init__(self, old: str, new: str, language: str) -> None:
        self._language = language
        self._is_data = get_language(language).root_kind is not None
        self._new_lines = new.split("\n")
        self._old, self._new = (list(code_lines(text, language)) for text in (old, new))
        self._lines_with = Counter(word for each in self._old for word in each.words)
        self._new = without_phrases(self._old, self._new, language)

    @cached_property
    def stand_ins(self) -> frozenset[int]:
        """The lines of the reply (from 0) that stand for others."""
        found: set[int] = set()
        known = Counter(each.text for each in self._old)
        for gap in self._gaps:
            for at, line in enumerate(gap.come):
                if known[line.text] > 0:
                    known[line.text] -= 1
                elif is_stand_in(gap, at, self._new_lines):
                    found.add(line.number)
            if gap.follows_change and gap.missing and gap.above and is_inline(gap.above):
                found.add(gap.above.number)
        return frozenset(found)

    def is_alone(self, number: int) -> bool:
        """Whether a stand-in is all that its line holds."""
        line = self._by_number[number]
        return not line.code or is_placeholder(line)

    def loss(
        self, *, may_tidy: bool = False, is_asked: bool = False, reported: Collection[int] = ()
    ) -> str | None:
        """What the reply leaves out, in a sentence that quotes no code; None if nothing.

        With `may_tidy`, code that cannot be reached may go, and the `reported` lines (from 0) that
        a diagnostic is about. `is_asked` says that the user asks for code to go, in their own
        words. What a comment, dots or a stub stand for may never.
        """
        if self.stand_ins:
            return "The edit leaves code out: a comment or dots stand for it."
        count = sum(len(gap.missing) for gap in self._gaps)
        if is_stub(self._old, self._new, count) or has_emptied_block(self._old, self._new):
            return "The edit has a stub in the place of code."
        needed = [e for e in self._rewritten if any(self._is_needed(gap, is_asked) for gap in e)]
        lost = [each for each in self._rewritten if not self._is_replaced(each)]
        if len(lost) < len(self._rewritten):
            lost = [each for each in lost if not self._is_unused(each)]
        if (may_tidy or is_asked) and not needed:
            lost = [e for e in lost if not self._is_unreachable(e) and not _is_of(e, reported)]
            if is_asked and not any(map(self._is_cut_off, lost)) and not self._is_much(lost):
                lost = []
        count = sum(len(gap.missing) for gaps in needed or lost for gap in gaps)
        if not count:
            return (
                "The edit returns no value any more."
                if drops_result(self._old, self._new, self._language)
                else None
            )
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
    def _gaps(self) -> list[Gap]:
        ends = [(-1, -1), *self._pairs.items(), (len(self._old), len(self._new))]
        gaps = []
        lost = lost_control(self._old, self._new, self._pairs)
        for (top, new_top), (end, new_end) in pairwise(ends):
            between = self._old[top + 1 : end]
            gone = tuple(e for e in between if e.says_something or e.number in lost)
            gap = Gap(
                gone=gone,
                missing=tuple(e for e in gone if e.number in lost or not self._comes_back(e)),
                come=tuple(self._new[new_top + 1 : new_end]),
                was=self._old[top] if top >= 0 else None,
                above=self._new[new_top] if top >= 0 else None,
                follows=self._new[new_end] if new_end < len(self._new) else None,
            )
            gaps.append(gap)
        return gaps

    @cached_property
    def _rewritten(self) -> list[list[Gap]]:
        """The gaps with missing code, together with those that belong to the same rewriting."""
        runs: list[list[Gap]] = []
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

    def _is_needed(self, gap: Gap, is_asked: bool) -> bool:
        """Whether a missing line gave a value to a name that the reply still uses, or another
        meaning to lines that stay; the latter may go where the user asks for it.
        """
        if not is_asked and any(is_clause(e) and not self._is_case(e) for e in gap.missing):
            return True
        return any(
            name in self._uses and self._introduced[name] == line.number
            for line in gap.gone
            for name in assigned_names(line)
        )

    def _is_case(self, clause: CodeLine) -> bool:
        """Whether a clause of conditions has become a case of a `switch`, `match` or `when`."""
        cases = [each for each in self._new if each.words & _CASES and each.text not in self._known]
        words = {word for each in cases for word in each.words}
        return bool(cases) and clause.names <= words

    def _is_unused(self, run: Sequence[Gap]) -> bool:
        """Whether all that is missing gave values to names that other code now does without."""
        names = [assigned_names(each) for gap in run for each in gap.missing]
        return all(
            each
            and not self._words.intersection(each)
            and all(self._lines_with[name] > 1 for name in each)
            for each in names
        )

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
    def _scoped(self) -> frozenset[str]:
        """The words of new lines that bind a resource to a block, which then cleans up."""
        lines = [e for e in self._new if _SCOPES.search(e.code) and e.text not in self._known]
        return frozenset(word for each in lines for word in each.words) - KEYWORDS

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
        bound = {name for each in self._new for name in assigned_names(each)}
        for line in self._new:
            if line.text not in self._known and _BINDS.search(line.code):
                bound |= line.words
        return self._words - bound

    def _is_replaced(self, run: Sequence[Gap]) -> bool:
        """Whether other code takes the place of what is missing.

        A changed line does with the words that it got, where code before it is gone.
        """
        gone = [each for gap in run for each in gap.gone]
        missing = [each for gap in run for each in gap.missing]
        filled = filled_names(self._old, self._new)
        is_filling = len(missing) <= MAX_MERGED and all(e.names & filled for e in missing)
        if is_filling or len(missing) * 3 <= len(gone):
            return True
        come = [each for gap in run for each in gap.code if each.text not in self._known]
        words = {word for each in come for word in each.words}
        for at, gap in enumerate(run):
            if not gap.follows_change or gap.above is None:
                continue
            if takes_up_body(gap):
                return True
            if gap.is_conditional:
                words |= gap.above.names
            elif any(each.gone for each in run[:at]):
                words |= gap.new_words
                if calls(gap.above, gap.new_words):
                    return True
            elif len(missing) <= MAX_MERGED or begin_alike(gap):
                words |= gap.new_words
        if all((each.words - KEYWORDS) & self._scoped for each in missing):
            return True
        groups = [each for each in connected(missing) if any(line.names for line in each)]
        if any(each.code.startswith("return") for each in come):  # another way to the same value
            groups = [g for g in groups if not all(e.code.startswith("return") for e in g)]
        is_about = [self._is_about(each, words) for each in groups]
        if any(is_about) or len(missing) < len(gone):
            is_error = len(come) == 1 and len(missing) > 1 and RAISES.match(come[0].code)
            rest = compress(groups, map(not_, is_about))
            is_rest_local = all(self._is_local(each, gone) for each in rest)
            return is_rest_local and not is_error
        if self._is_data or (len(missing) > 1 and len(come) < 2):
            return False
        length = sum(len(each.code) for each in come)
        return length >= MIN_REPLACED * sum(len(each.code) for each in missing)

    def _is_about(self, group: Sequence[CodeLine], words: Collection[str]) -> bool:
        """Whether `words` have names in common with `group`, or are of a header like it."""
        if any(not each.names.isdisjoint(words) for each in group):
            return True
        return len(group) == 1 and not (group[0].words & KEYWORDS & HEADERS).isdisjoint(words)

    def _is_local(self, group: Sequence[CodeLine], gone: Sequence[CodeLine]) -> bool:
        """Whether `group` is about a variable that is given its value in `gone`, and is no more."""
        names = {name for each in group for name in each.names}
        return any(
            name in names and name not in self._words
            for each in gone
            for name in assigned_names(each)
        )

    def _is_unreachable(self, run: Sequence[Gap]) -> bool:
        """Whether what is gone stood after a `return` of its own block."""
        missing = [each for gap in run for each in gap.missing]
        was = next(gap.was for gap in run if gap.missing)
        return (
            was is not None
            and self._places[was.number] + 1 == self._places[missing[0].number]
            and leaves_block(was)
            and not was.code.endswith(_CONTINUES)
            and all(each.columns >= was.columns for each in missing)
        )

    def _is_cut_off(self, run: Sequence[Gap]) -> bool:
        """Whether the end of the original is gone, from within a block on."""
        last = [gap for gap in run if gap.missing][-1]
        missing = last.missing
        end = max((each.number for each in (*last.come, *filter(None, [last.above]))), default=-1)
        if self._last_with_words > end:
            return False
        if missing[0].columns <= min(each.columns for each in self._old):
            return False
        return len(missing) > 1 or LEAVES.match(missing[0].code) is not None

    def _is_much(self, lost: Sequence[Sequence[Gap]]) -> bool:
        every = sum(each.says_something for each in self._old)
        count = sum(len(gap.missing) for run in lost for gap in run)
        return count > max(2, MAX_ASKED * every)


def _is_of(run: Sequence[Gap], lines: Collection[int]) -> bool:
    """Whether all that is missing are these lines of the original, with what they continue on."""
    return all(
        each.number in lines or (each.is_argument and each is not gap.missing[0])
        for gap in run
        for each in gap.missing
    )
