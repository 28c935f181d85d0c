"""Tokens are inserted between others: the same where those are adjacent."""

from __future__ import annotations

from collections.abc import Iterator

from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.pattern import Pattern
from devstral_lsp.next_edit.substitution import Substitution
from devstral_lsp.next_edit.tokens import split_tokens, token_edits

MIN_EVIDENCE = 4
"""Characters that a place must share with the change."""
REACHES = ((4, 0), (2, 2), (4, 4))
"""How many tokens to the left and to the right must be equal; fewer at the ends of the line."""


def learn(change: UserChange) -> Iterator[Pattern]:
    """Each insertion, with different numbers of tokens around it."""
    if len(change.old) != 1 or len(change.new) != 1:
        return
    tokens = split_tokens(change.old[0].strip())
    for edit in token_edits(change.old[0].strip(), change.new[0].strip()):
        if "".join(edit.old).strip():
            continue
        old, new = "".join(edit.old), "".join(edit.new)
        found = set()
        for reach_left, reach_right in REACHES:
            left = "".join(tokens[max(0, edit.start - reach_left) : edit.start])
            right = "".join(tokens[edit.end : edit.end + reach_right])
            pattern = Substitution("insertion", left, old, new, right)
            if pattern.evidence >= MIN_EVIDENCE and pattern not in found and new.strip():
                found.add(pattern)
                yield pattern
