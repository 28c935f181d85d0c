"""All places in a document where one of the last changes may be made again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.lines import DocumentLines
from devstral_lsp.next_edit.pattern import Pattern, Place
from devstral_lsp.next_edit.rules import learn

MAX_PATTERNS = 48
"""That are looked for, of the last changes: each reads the document once."""


MAX_LINE = 1000
"""Code points of a line that is changed; a longer one is no code that is read."""

Known = dict[tuple[object, ...], tuple[Pattern, ...]]
"""What was learned from changes that still count."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A pattern, and the changes that it was learned from, the newest last.

    `age` counts the changes since the newest of them.
    """

    pattern: Pattern
    changes: tuple[UserChange, ...]
    age: int


@dataclass(frozen=True, slots=True)
class PatternPlaces:
    """A pattern and its places in a document, those of the changes themselves left out."""

    learned: Learned
    places: tuple[Place, ...]


def learned_patterns(changes: Sequence[UserChange], known: Known) -> list[Learned]:
    """The patterns of `changes`, those of the newest first. What was learned before is `known`."""
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
    return [Learned(pattern, tuple(made), age) for pattern, made, age in found.values()]


def find_places(
    document: DocumentLines, learned: Sequence[Learned], touched: Sequence[tuple[int, int]]
) -> list[PatternPlaces]:
    """Every place at which a change may be made again, by pattern, but in `touched` lines."""
    found = []
    for each in learned[:MAX_PATTERNS]:
        places = tuple(
            place
            for place in each.pattern.places(document)
            if len(document.line(place.first)) <= MAX_LINE
            and not any(_meets(place, start, end) for start, end in touched)
        )
        if places:
            found.append(PatternPlaces(each, places))
    return found


def _meets(place: Place, start: int, end: int) -> bool:
    if place.first == place.end:
        return start <= place.first <= end
    return place.first < end and start < place.end


def outcomes_by_line(found: Sequence[PatternPlaces]) -> dict[int, dict[Place, set[str]]]:
    """For each line the places that begin there, and the rules that found each."""
    lines: defaultdict[int, dict[Place, set[str]]] = defaultdict(dict)
    for each in found:
        for place in each.places:
            rules = lines[place.first].setdefault(place, set())
            rules.add(each.learned.pattern.rule)
    return lines
