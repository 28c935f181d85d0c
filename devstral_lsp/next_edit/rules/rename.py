"""A name is replaced by another: the same wherever it occurs."""

from __future__ import annotations

from collections.abc import Iterator

from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.pattern import Pattern
from devstral_lsp.next_edit.substitution import Substitution
from devstral_lsp.next_edit.tokens import is_name, split_tokens, token_edits

MIN_LENGTH = 2
"""Of a name: a single letter means something else in another function."""


def learn(change: UserChange) -> Iterator[Pattern]:
    """The names that were replaced in a line and no longer occur in it."""
    if len(change.old) != 1 or len(change.new) != 1:
        return
    seen = set()
    for edit in token_edits(change.old[0], change.new[0]):
        if len(edit.old) != 1 or len(edit.new) != 1 or (edit.old, edit.new) in seen:
            continue
        old, new = edit.old[0], edit.new[0]
        if is_name(old) and is_name(new) and len(old) >= MIN_LENGTH:
            seen.add((edit.old, edit.new))
            if old not in split_tokens(change.new[0]):
                yield Substitution("rename", "", old, new, "")
