"""The rules that derive patterns from changes. Each is a file, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.pattern import Pattern
from devstral_lsp.next_edit.rules import (
    generalised_line,
    inserted_block,
    insertion,
    rename,
    same_block,
    token_swap,
)

RULES: Mapping[str, Callable[[UserChange], Iterator[Pattern]]] = MappingProxyType(
    {
        "same_block": same_block.learn,
        "rename": rename.learn,
        "token_swap": token_swap.learn,
        "insertion": insertion.learn,
        "generalised_line": generalised_line.learn,
        "inserted_block": inserted_block.learn,
    }
)
"""Rules by name: each learns patterns from a change."""


def learn(change: UserChange) -> tuple[Pattern, ...]:
    """The patterns that all rules learn from a change."""
    return tuple(pattern for rule in RULES.values() for pattern in rule(change))
