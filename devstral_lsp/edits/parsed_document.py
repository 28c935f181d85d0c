"""A document with its syntax tree, parsed once; an edited document is parsed incrementally.

Parsing 10,000 lines takes as long as ten keystrokes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.syntax.outline import Definition, list_definitions
from devstral_lsp.syntax.tree import LexicalContext, Syntax
from devstral_lsp.text import Edit, Snapshot, Span, Text


class ParsedDocument:
    """A snapshot with its syntax tree and definitions, each computed when first read."""

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
        """The top-level definitions, long ones included."""
        return list_definitions(self.syntax, is_whole=True) if self.syntax else ()

    def is_quoted(self, line: int) -> bool:
        """Whether a line begins in a string or a comment."""
        at = self.text.line_start(line)
        return self.syntax is not None and self.syntax.inside(at) is not LexicalContext.CODE

    def edited(self, edits: Sequence[Edit]) -> ParsedDocument:
        """The document with `edits` made, whose offsets are all in this one."""
        old = self.snapshot
        text = apply_edits(old.text, edits)
        return _EditedDocument(Snapshot(old.uri, old.version, old.language, text), self, edits)


class _EditedDocument(ParsedDocument):
    """A document whose tree is made from the one before the edits."""

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
            syntax = syntax.apply_edit(edit)
        return syntax


_NEAR = 10_000
"""Code points. The parser gets edits that are no farther apart as one."""


def _joined(text: Text, edits: Sequence[Edit]) -> list[Edit]:
    """The same edits in rising order, near ones joined."""
    joined: list[Edit] = []
    for edit in sorted(edits, key=lambda each: each.span.start):
        if joined and edit.span.start - joined[-1].span.end <= _NEAR:
            last = joined.pop()
            between = text.slice(last.span.end, edit.span.start)
            edit = Edit(Span(last.span.start, edit.span.end), last.text + between + edit.text)
        joined.append(edit)
    return joined
