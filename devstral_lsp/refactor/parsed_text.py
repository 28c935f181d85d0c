"""A document's text together with its syntax, which is parsed once for all who look at it.

Parsing 10,000 lines takes as long as ten keystrokes: a text with edits made is parsed again only
where they touch. Knows neither what the edits are for nor whether they are any good.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from devstral_lsp.refactor.line_edits import apply_edits
from devstral_lsp.syntax.outline import Definition, definitions_of
from devstral_lsp.syntax.tree import LexicalContext, Syntax
from devstral_lsp.text import Edit, Snapshot, Span, Text


class ParsedDocument:
    """A snapshot, and what its text is made of, found when it is first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.language = snapshot.language

    @property
    def text(self) -> Text:
        return self.snapshot.text

    @cached_property
    def string(self) -> str:
        return str(self.text)

    @cached_property
    def syntax(self) -> Syntax | None:
        """None without a grammar."""
        return Syntax.of(self.string, self.language)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """Those at the outer level, long ones as well."""
        return definitions_of(self.syntax, is_whole=True) if self.syntax else ()

    def is_quoted(self, line: int) -> bool:
        """Whether a line begins in a string or a comment."""
        at = self.text.line_start(line)
        return self.syntax is not None and self.syntax.inside(at) is not LexicalContext.CODE

    def edited(self, edits: Sequence[Edit]) -> ParsedDocument:
        """The document with `edits` made, whose offsets are all in this one."""
        old = self.snapshot
        text = apply_edits(old.text, edits)
        return _Edited(Snapshot(old.uri, old.version, old.language, text), self, edits)


class _Edited(ParsedDocument):
    """A text that is not parsed from the start."""

    def __init__(self, snapshot: Snapshot, before: ParsedDocument, edits: Sequence[Edit]) -> None:
        super().__init__(snapshot)
        self._before = before
        self._edits = edits

    @cached_property
    def syntax(self) -> Syntax | None:
        syntax = self._before.syntax
        for edit in reversed(_joined(self._before.text, self._edits)):
            if syntax is None:
                return None
            syntax = syntax.replaced(edit)
        return syntax


_NEAR = 10_000
"""Code points. Edits that are no farther apart are told to the parser as one."""


def _joined(text: Text, edits: Sequence[Edit]) -> list[Edit]:
    """The same edits, from the first to the last, in as few pieces as make sense."""
    joined: list[Edit] = []
    for edit in sorted(edits, key=lambda each: each.span.start):
        if joined and edit.span.start - joined[-1].span.end <= _NEAR:
            last = joined.pop()
            between = text.slice(last.span.end, edit.span.start)
            edit = Edit(Span(last.span.start, edit.span.end), last.text + between + edit.text)
        joined.append(edit)
    return joined
