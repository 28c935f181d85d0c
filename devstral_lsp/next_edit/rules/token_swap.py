"""Tokens are replaced or deleted: the same between equal neighbours."""

from __future__ import annotations

from collections.abc import Iterator

from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.pattern import Pattern
from devstral_lsp.next_edit.substitution import Substitution
from devstral_lsp.next_edit.tokens import is_name, split_tokens, token_edits

MIN_EVIDENCE = 4
"""Characters that a place must share with the change."""
MIN_ALONE = 7
"""Characters of deleted text that is matched without its neighbours."""


def learn(change: UserChange) -> Iterator[Pattern]:
    """Each replacement with one token on each side, and alone if it is distinctive enough."""
    if len(change.old) != 1 or len(change.new) != 1:
        return
    tokens = split_tokens(change.old[0])
    for edit in token_edits(change.old[0], change.new[0]):
        if not "".join(edit.old).strip() or _is_rename(edit.old, edit.new):
            continue
        old, new = "".join(edit.old), "".join(edit.new)
        left = _beside(tokens[: edit.start][::-1])[::-1]
        right = _beside(tokens[edit.end :])
        for around in ((left, right), ([], right), ([], [])):
            pattern = Substitution("token_swap", "".join(around[0]), old, new, "".join(around[1]))
            if pattern.evidence >= (MIN_EVIDENCE if new or any(around) else MIN_ALONE):
                yield pattern


def _is_rename(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    return len(old) == len(new) == 1 and is_name(old[0]) and is_name(new[0])


def _beside(tokens: list[str]) -> list[str]:
    """The next token, with the space before it, but without the line's indentation."""
    found = tokens[:1]
    if found and found[0].isspace():
        found = tokens[:2] if len(tokens) > 1 else []
    return found
