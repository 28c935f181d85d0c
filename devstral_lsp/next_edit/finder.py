"""Finds the edit to propose after the last changes. Synchronous; for one thread at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from devstral_lsp.next_edit.candidates import (
    Known,
    LearnedPattern,
    find_places,
    learned_patterns,
    rules_by_place,
)
from devstral_lsp.next_edit.changes import ChangeHistory, DocumentEdit, UserChange
from devstral_lsp.next_edit.classifier import probability
from devstral_lsp.next_edit.display import Display
from devstral_lsp.next_edit.features import PatternInDocument, pattern_features, place_features
from devstral_lsp.next_edit.lines import DocumentLines
from devstral_lsp.next_edit.pattern import MAX_PLACES, Pattern, Place
from devstral_lsp.next_edit.proposal import Proposal, proposal_of
from devstral_lsp.next_edit.refused import Refusals
from devstral_lsp.next_edit.safety import is_safe
from devstral_lsp.text import Snapshot

MIN_PROBABILITY = 0.8
"""Of a proposal."""
MAX_DOCUMENT = 1_000_000
"""Code points of a document that is searched."""
MAX_SCORED = 4
"""Places of one pattern below the cursor that are scored, and as many above it."""
MAX_CHECKED = 3
"""Candidates that are checked until one is safe."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place, its pattern and features, and the probability that the user wants the edit."""

    place: Place
    learned: LearnedPattern
    features: tuple[float, ...]
    probability: float


class NextEditFinder:
    """Proposes the user's next edit in a document. Belongs to one editor."""

    def __init__(self) -> None:
        self._history = ChangeHistory()
        self._refusals = Refusals()
        self._display = Display()
        self._known: Known = {}
        self._ids = count(1)

    def follow(self, edit: DocumentEdit) -> None:
        """Call this when a document was edited."""
        self._display.follow(edit)
        self._history.follow(edit)

    def forget(self, uri: str) -> None:
        """Call this when a document was closed."""
        self._history.forget(uri)
        self._display.forget(uri)

    def propose(
        self, snapshot: Snapshot, offset: int, *, is_typing: bool = False
    ) -> Proposal | None:
        """The most probable edit of `snapshot` with the cursor at `offset` (code points); None if
        none is probable enough. The snapshot must be the result of the edits given to `follow`.

        If `is_typing`, the last change may be incomplete: it counts only if it repeats another.
        """
        changes = self._history.changes()
        if (missed := self._display.take_missed(changes)) is not None:
            self._refusals.add(missed)
        if len(snapshot.text) > MAX_DOCUMENT:
            return None
        recent = self._history.open_changes() if is_typing else ()
        for each in self._ranked(snapshot, offset, changes):
            if is_typing and not _is_repeated(each.learned, recent):
                continue
            proposal = proposal_of(snapshot, each.place, each.learned, each.probability)
            if is_safe(snapshot, proposal):
                return self._offer(proposal)
        self._display.clear()
        return None

    def everywhere(self, proposal_id: str, snapshots: Sequence[Snapshot]) -> list[Proposal]:
        """All edits of `snapshots` that repeat the change of the current proposal; [] if that is
        another one. The edits of one document do not overlap.

        Where one place of a document is probable enough, all of them are changed: a name that is
        renamed in half of a file no longer runs.
        """
        current = self._display.current
        if current is None or current.id != proposal_id:
            return []
        learned = learned_patterns(self._history.changes(), self._known)
        pattern = next((each.pattern for each in learned if each.pattern.key == current.key), None)
        return [
            proposal
            for snapshot in snapshots
            if pattern is not None
            and len(snapshot.text) <= MAX_DOCUMENT
            and any(pattern.places(DocumentLines(snapshot.text)))
            for proposal in self._all_of(snapshot, pattern)
            if is_safe(snapshot, proposal)
        ]

    def _all_of(self, snapshot: Snapshot, pattern: Pattern) -> list[Proposal]:
        """The edits for all places of a pattern in a document; [] if none is probable enough."""
        found = [
            proposal_of(snapshot, each.place, each.learned, each.probability)
            for each in self.candidates(snapshot, 0, most=MAX_PLACES)
            if each.learned.pattern.key == pattern.key
        ]
        return found if any(each.probability >= MIN_PROBABILITY for each in found) else []

    def candidates(
        self, snapshot: Snapshot, offset: int, most: int = MAX_SCORED
    ) -> Iterator[Candidate]:
        """The `most` places of each pattern below the cursor, and as many above it."""
        line, changes = snapshot.text.line_of(offset), self._history.changes()
        learned = learned_patterns(changes, self._known)
        repetitive = max((len(each.changes) for each in learned), default=1)
        text = snapshot.text
        touched = {
            each: (text.line_of(each.span.start), text.line_of(each.span.end) + 1)
            for each in changes
            if each.uri == snapshot.uri
        }
        document = DocumentLines(text)
        found = find_places(document, learned, tuple(touched.values()))
        rules = rules_by_place(found)
        for each in found:
            rule = each.learned.pattern.rule
            in_document = PatternInDocument(
                learned=each.learned,
                places=each.places,
                uri=snapshot.uri,
                document=document,
                changed_lines=tuple(
                    touched[change][0] for change in each.learned.changes if change in touched
                ),
                repetitive=repetitive,
                refusals=self._refusals.of_rule(rule),
            )
            shared = pattern_features(in_document)
            for place in _nearest(each.places, line, most):
                here = rules[place.first]
                # The weights were fitted with the cursor at the last change. A cursor at the place
                # itself counts as right above it.
                is_there = place.first <= line < max(place.end, place.first + 1)
                cursor = place.first - 1 if is_there else line
                features = place_features(
                    in_document, shared, place, cursor, len(here[place]), len(here) - 1
                )
                yield Candidate(place, each.learned, features, probability(rule, features))

    def shown(self, proposal_id: str) -> None:
        """Record that the editor displays a proposal."""
        self._display.shown(proposal_id)

    def covered(self) -> None:
        """Record that a completion hides the proposal."""
        self._display.covered()

    def accepted(self, proposal_id: str) -> None:
        """Record that the user took a proposal."""
        self._display.accepted(proposal_id)

    def refused(self, proposal_id: str) -> None:
        """Record that the user refused a proposal."""
        current = self._display.current
        if current is not None and current.id == proposal_id:
            self._refusals.add(current)
            self._display.clear()

    def _ranked(
        self, snapshot: Snapshot, offset: int, changes: Sequence[UserChange]
    ) -> Sequence[Candidate]:
        line = snapshot.text.line_of(offset)
        probable = [
            each
            for each in self.candidates(snapshot, offset)
            if each.probability >= MIN_PROBABILITY
            and not self._refusals.is_refused(
                each.learned, _lines(snapshot, each.place), each.place.new
            )
            and not _is_reverting(each.place, snapshot, changes)
        ]
        probable.sort(key=lambda each: _order(each, line))
        return probable[:MAX_CHECKED]

    def _offer(self, proposal: Proposal) -> Proposal:
        """Display the proposal, with the id of the current one if it is the same."""
        current = self._display.current
        if current is not None and current.is_same(proposal):
            proposal = replace(proposal, id=current.id)
        else:
            proposal = replace(proposal, id=str(next(self._ids)))
        self._display.offer(proposal, self._history.changes())
        return proposal


def _is_repeated(learned: LearnedPattern, recent: Sequence[UserChange]) -> bool:
    """Whether it was learned from one of the `recent` changes and from another one before."""
    return len(learned.changes) > 1 and learned.changes[-1] in recent


def _nearest(places: Sequence[Place], line: int, most: int) -> Sequence[Place]:
    """The `most` places below the cursor, and as many above it."""
    below = [place for place in places if place.first >= line]
    above = [place for place in places if place.first < line]
    return [*below[:most], *above[-most:]]


def _order(candidate: Candidate, line: int) -> tuple[int, bool, int]:
    """The most probable first; of about equally probable ones, the next one below the cursor."""
    first = candidate.place.first
    return -round(5 * candidate.probability), first < line, abs(first - line)


def _lines(snapshot: Snapshot, place: Place) -> tuple[str, ...]:
    return tuple(snapshot.text.line(number) for number in range(place.first, place.end))


def _is_reverting(place: Place, snapshot: Snapshot, changes: Sequence[UserChange]) -> bool:
    """Whether the edit would revert one of the last changes."""
    old = tuple(line.strip() for line in _lines(snapshot, place))
    new = tuple(line.strip() for line in place.new)
    return any(
        (old, new)
        == (tuple(line.strip() for line in each.new), tuple(line.strip() for line in each.old))
        for each in changes
    )
