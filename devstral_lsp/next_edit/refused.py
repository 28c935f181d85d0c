"""The edits and patterns that the user refused.

They are not proposed again until the user makes the change once more.
"""

from __future__ import annotations

from collections import Counter, OrderedDict

from devstral_lsp.next_edit.candidates import LearnedPattern
from devstral_lsp.next_edit.proposal import Proposal

MAX_REFUSALS = 100


class Refusals:
    """The last refusals, and their number for each rule."""

    def __init__(self) -> None:
        self._support: OrderedDict[tuple[str, ...], int] = OrderedDict()
        self._rules: Counter[str] = Counter()

    def add(self, proposal: Proposal) -> None:
        """Record that the user refused `proposal`."""
        for key in (proposal.key, _edit_key(proposal.old, proposal.new)):
            self._support[key] = proposal.support
            self._support.move_to_end(key)
        while len(self._support) > MAX_REFUSALS:
            self._support.popitem(last=False)
        self._rules[proposal.rule] += 1

    def is_refused(
        self, learned: LearnedPattern, old: tuple[str, ...], new: tuple[str, ...]
    ) -> bool:
        """Whether the user refused the pattern, or the replacement of `old` by `new`, and has not
        made the change since.
        """
        known = (self._support.get(key) for key in (learned.pattern.key, _edit_key(old, new)))
        return any(each is not None and len(learned.changes) <= each for each in known)

    def of_rule(self, rule: str) -> int:
        """The number of refusals of a rule."""
        return self._rules[rule]


def _edit_key(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return ("edit", *old, "\n", *new)
