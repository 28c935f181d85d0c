"""What a proposal is worth: the user's own edits that are left tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from benchmarks.next_edit.histories import LineEdit, edits_between
from devstral_lsp.next_edit.tokens import split_tokens


class Verdict(Enum):
    RIGHT = "right"
    """It does as the user does."""
    TOWARD = "toward"
    """Each token that it changes is one that the user changes there, too."""
    WRONG = "wrong"
    """The user changes these lines in another way."""
    SPURIOUS = "spurious"
    """The user does not change these lines."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, the edits that the proposal meets, and what is left of them after it."""

    verdict: Verdict
    met: tuple[LineEdit, ...] = ()
    left: tuple[LineEdit, ...] = ()


def judge(
    lines: Sequence[str], remaining: Sequence[LineEdit], first: int, end: int, new: Sequence[str]
) -> Judged:
    """Judge that lines `first` to before `end` become `new`, while `remaining` is to be done."""
    met = tuple(each for each in remaining if _meets(each, first, end))
    if not met:
        return Judged(Verdict.SPURIOUS)
    top = min(first, *(each.start for each in met))
    bottom = max(end, *(each.end for each in met))
    now = list(lines[top:bottom])
    wanted = _made(now, met, top)
    proposed = _made(now, [LineEdit(first, end, tuple(new))], top)
    if _comes_nearer(now, proposed, wanted):
        left = tuple(
            LineEdit(each.start + top, each.end + top, each.new)
            for each in edits_between(proposed, wanted)
        )
        return Judged(Verdict.RIGHT, met, left)
    tokens = [split_tokens("\n".join(part)) for part in (now, proposed, wanted)]
    is_toward = max(map(len, tokens)) < 2000 and _comes_nearer(*tokens)
    return Judged(Verdict.TOWARD if is_toward else Verdict.WRONG, met)


def _meets(edit: LineEdit, first: int, end: int) -> bool:
    if first == end or edit.start == edit.end:
        return edit.start <= end and first <= edit.end
    return edit.start < end and first < edit.end


def _made(lines: Sequence[str], edits: Sequence[LineEdit], top: int) -> list[str]:
    made = list(lines)
    for each in sorted(edits, key=lambda each: each.start, reverse=True):
        made[each.start - top : each.end - top] = each.new
    return made


def _comes_nearer(now: Sequence[str], proposed: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether all that `proposed` changes brings it nearer to `wanted`."""
    cost = _distance(now, proposed)
    return cost > 0 and _distance(proposed, wanted) <= _distance(now, wanted) - cost


def _distance(one: Sequence[str], other: Sequence[str]) -> int:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    return len(one) + len(other) - 2 * same
