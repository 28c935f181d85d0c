"""What the user did not want: by edit, and by what the edit does.

A change that was refused stays silent until the user makes it by hand once more.
"""

from __future__ import annotations

from collections import Counter, OrderedDict

from devstral_lsp.next_edit.candidates import Learned
from devstral_lsp.next_edit.proposal import Proposal

MAX_REFUSALS = 100


class Refusals:
    """The last refusals, and how many there were of each rule."""

    def __init__(self) -> None:
        self._support: OrderedDict[tuple[str, ...], int] = OrderedDict()
        self._rules: Counter[str] = Counter()

    def add(self, proposal: Proposal) -> None:
        """The user did not take `proposal`."""
        for key in (proposal.key, _edit_key(proposal.old, proposal.new)):
            self._support[key] = proposal.support
            self._support.move_to_end(key)
        while len(self._support) > MAX_REFUSALS:
            self._support.popitem(last=False)
        self._rules[proposal.rule] += 1

    def is_refused(self, learned: Learned, old: tuple[str, ...], new: tuple[str, ...]) -> bool:
        """Whether a pattern was refused, or that lines `old` become `new`, and the user has not
        made the change since.
        """
        known = (self._support.get(key) for key in (learned.pattern.key, _edit_key(old, new)))
        return any(each is not None and len(learned.changes) <= each for each in known)

    def of_rule(self, rule: str) -> int:
        """How many refusals there were of a rule."""
        return self._rules[rule]


def _edit_key(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return ("edit", *old, "\n", *new)
