"""A user who edits documents, for the tests of next edits."""

from __future__ import annotations

from devstral_lsp.next_edit.changes import DocumentEdit, UserChange
from devstral_lsp.next_edit.finder import NextEditFinder
from devstral_lsp.next_edit.lines import DocumentLines
from devstral_lsp.next_edit.pattern import Pattern, Place
from devstral_lsp.next_edit.proposal import Proposal
from devstral_lsp.next_edit.rules import RULES
from devstral_lsp.text import Snapshot, Span, Text

URI = "file:///work/a.py"


class Typist:
    """Edits documents, and asks for the next edit."""

    def __init__(self) -> None:
        self.finder = NextEditFinder()
        self.documents: dict[str, Snapshot] = {}

    def open(self, text: str, uri: str = URI, language: str = "python") -> None:
        self.documents[uri] = Snapshot(uri, 1, language, Text.of(text))

    def text(self, uri: str = URI) -> str:
        return str(self.documents[uri].text)

    def replace(self, old: str, new: str, uri: str = URI) -> int:
        """Replace the first `old` in one edit; gives the offset after it."""
        at = self.text(uri).index(old)
        self.edit(at, at + len(old), new, uri)
        return at + len(new)

    def edit(self, start: int, end: int, new: str, uri: str = URI) -> None:
        before = self.documents[uri]
        after = Snapshot(
            uri, (before.version or 0) + 1, before.language, before.text.replace(start, end, new)
        )
        self.documents[uri] = after
        self.finder.follow(DocumentEdit.between(before, after))

    def ask(self, at: int = 0, uri: str = URI) -> Proposal | None:
        return self.finder.propose(self.documents[uri], at)

    def take(self, proposal: Proposal) -> None:
        """Make a proposed edit."""
        span = proposal.edit.span
        self.edit(span.start, span.end, proposal.edit.text, proposal.uri)

    def taken(self, proposal: Proposal | None) -> str:
        """The document as it would be."""
        assert proposal is not None
        span = proposal.edit.span
        text = self.documents[proposal.uri].text
        return str(text.replace(span.start, span.end, proposal.edit.text))


def change(old: str, new: str, above: str = "", below: str = "") -> UserChange:
    """A finished change of whole lines; "" is no line."""
    lines = (tuple(text.split("\n")) if text else () for text in (old, new))
    return UserChange(URI, "python", *lines, above, below, Span(0, 0), 1)


def learned(rule: str, made: UserChange) -> list[Pattern]:
    return list(RULES[rule](made))


def results(rule: str, made: UserChange, document: str) -> list[str]:
    """The document after each edit that any pattern of the rule would make of it, each once."""
    text = DocumentLines(Text.of(document))
    found = []
    for pattern in learned(rule, made):
        for place in pattern.places(text):
            result = _made(document, place)
            if result not in found:
                found.append(result)
    return found


def _made(document: str, place: Place) -> str:
    lines = document.split("\n")
    lines[place.first : place.end] = place.new
    return "\n".join(lines)
