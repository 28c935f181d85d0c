"""Finds all places in a document where one of the last changes could be repeated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.lines import DocumentLines
from devstral_lsp.next_edit.pattern import Pattern, Place
from devstral_lsp.next_edit.rules import learn

MAX_PATTERNS = 48
"""Patterns of the last changes that are searched for: each scans the document once."""


MAX_LINE = 1000
"""Code points of a line to change; a longer one is data or generated code."""

Known = dict[tuple[object, ...], tuple[Pattern, ...]]
"""The patterns learned from recent changes, by the change."""


@dataclass(frozen=True, slots=True)
class LearnedPattern:
    """A pattern, and the changes that it was learned from, the newest last.

    `age` is the number of changes since the newest of them.
    """

    pattern: Pattern
    changes: tuple[UserChange, ...]
    age: int


@dataclass(frozen=True, slots=True)
class PatternPlaces:
    """A pattern and its places in a document, without those of the changes themselves."""

    learned: LearnedPattern
    places: tuple[Place, ...]


def learned_patterns(changes: Sequence[UserChange], known: Known) -> list[LearnedPattern]:
    """The patterns of `changes`, those of the newest first. `known` caches them."""
    names = {each: (each.old, each.new, each.above, each.below) for each in changes}
    for stale in known.keys() - names.values():
        del known[stale]
    found: dict[tuple[str, ...], tuple[Pattern, list[UserChange], int]] = {}
    for age, change in enumerate(reversed(changes)):
        name = names[change]
        if name not in known:
            known[name] = learn(change)
        for pattern in known[name]:
            made = found.setdefault(pattern.key, (pattern, [], age))[1]
            if change not in made:
                made.insert(0, change)
    return [LearnedPattern(pattern, tuple(made), age) for pattern, made, age in found.values()]


def find_places(
    document: DocumentLines, learned: Sequence[LearnedPattern], touched: Sequence[tuple[int, int]]
) -> list[PatternPlaces]:
    """Every place where a change could be repeated, by pattern, except in `touched` lines."""
    found = []
    for each in learned[:MAX_PATTERNS]:
        places = tuple(
            place
            for place in each.pattern.places(document)
            if len(document.line(place.first)) <= MAX_LINE
            and not any(_overlaps(place, start, end) for start, end in touched)
        )
        if places:
            found.append(PatternPlaces(each, places))
    return found


def _overlaps(place: Place, start: int, end: int) -> bool:
    if place.first == place.end:
        return start <= place.first <= end
    return place.first < end and start < place.end


def rules_by_place(found: Sequence[PatternPlaces]) -> dict[int, dict[Place, set[str]]]:
    """For each line, the places that begin there, with the rules that found each."""
    lines: defaultdict[int, dict[Place, set[str]]] = defaultdict(dict)
    for each in found:
        for place in each.places:
            rules = lines[place.first].setdefault(place, set())
            rules.add(each.learned.pattern.rule)
    return lines
