"""A proposed edit."""

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.next_edit.candidates import LearnedPattern
from devstral_lsp.next_edit.pattern import Place
from devstral_lsp.text import Edit, Snapshot, Span


@dataclass(frozen=True, slots=True)
class Proposal:
    """The replacement of whole lines of a document.

    `edit` covers the lines from `first` to before `end`, without the last line end unless it
    inserts or deletes lines. `old` and `new` are the lines, without line ends. `key` is that of the
    pattern, `support` the number of changes that it was learned from.
    """

    uri: str
    version: int | None
    edit: Edit
    first: int
    end: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    rule: str
    key: tuple[str, ...]
    support: int
    probability: float
    id: str = ""

    def is_same(self, other: Proposal) -> bool:
        """Whether both replace the same lines by the same lines."""
        return (self.uri, self.first, self.old, self.new) == (
            other.uri,
            other.first,
            other.old,
            other.new,
        )


def proposal_of(
    snapshot: Snapshot, place: Place, learned: LearnedPattern, probability: float
) -> Proposal:
    """The proposal for a place, with the document's line ends."""
    text = snapshot.text
    newline = _newline_at(snapshot, place.first)
    start = text.line_start(place.first)
    if place.new and place.end > place.first:
        edit = Edit(Span(start, text.line_end(place.end - 1)), newline.join(place.new))
    elif place.new:
        edit = Edit(Span(start, start), "".join(line + newline for line in place.new))
    else:
        edit = Edit(_whole_lines(snapshot, place.first, place.end), "")
    return Proposal(
        uri=snapshot.uri,
        version=snapshot.version,
        edit=edit,
        first=place.first,
        end=place.end,
        old=tuple(text.line(number) for number in range(place.first, place.end)),
        new=place.new,
        rule=learned.pattern.rule,
        key=learned.pattern.key,
        support=len(learned.changes),
        probability=probability,
    )


def _whole_lines(snapshot: Snapshot, first: int, end: int) -> Span:
    """The lines with their line ends; at the end of the document, with the line end before them."""
    text = snapshot.text
    if end < text.line_count:
        return Span(text.line_start(first), text.line_start(end))
    return Span(text.line_end(first - 1) if first else 0, len(text))


def _newline_at(snapshot: Snapshot, line: int) -> str:
    """The line end of a line; if it has none, that of the line before."""
    text = snapshot.text
    for number in (line, line - 1):
        if 0 <= number < text.line_count - 1:
            return text.slice(text.line_end(number), text.line_start(number + 1))
    return "\n"
