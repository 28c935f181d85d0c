"""Data types of context: the query, the snippets, and the protocol of a source.

A `ContextQuery` is a cursor and everything that sources may look at, taken before the first await.
A `Snippet` is a piece of text for the model, with its file. A `ContextSource` finds snippets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from devstral_lsp.context.paths import display_path
from devstral_lsp.text import Snapshot, normalize_newlines

MAX_SCORE = 9
LINES_IN_VIEW = 100
"""Lines above and below the cursor that the prompt contains anyway."""
PAGE_LINES = 32
PART_LINES = 1024
"""Lines that are parsed at once outside of the view: about 6 ms, in which no other thread runs."""
STEP_LINES = 16
"""The borders between near and far text move in steps of this many lines."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of `path` that may help at the cursor, with "\\n" as line ends and none at its end.

    `path` is the repository-relative name, with "/". `line` is the first line, counted from 0.
    `score` is an integer from 0 to MAX_SCORE; integers keep the order of snippets stable under
    small changes of the text.
    """

    path: str
    text: str
    source: str
    score: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Hunk:
    """Recently edited lines of a document with the lines around them, as they are now.

    `line` and `last_line` are the first and the last line of `text`, counted from 0.
    """

    uri: str
    language: str
    text: str
    line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a notebook."""

    uri: str
    language: str
    text: str


@dataclass(frozen=True, kw_only=True)  # no slots, which exclude cached properties
class ContextQuery:
    """A cursor (`offset` in code points), and the editor's state at that moment.

    `others` are the other open documents, the most recently focused first; `hunks` the recent
    edits, the newest last; `cells` the cells of the snapshot's own notebook, in order.
    """

    snapshot: Snapshot
    offset: int
    others: tuple[Snapshot, ...] = ()
    folders: tuple[Path, ...] = ()
    hunks: tuple[Hunk, ...] = ()
    cells: tuple[Cell, ...] = ()
    budget_characters: int = 4_000
    exclude: tuple[str, ...] = ()
    """Patterns of files that must not be sent."""
    names: dict[str, str] = field(default_factory=dict, compare=False)
    """Display names by URI, cached because computing one may read the disk."""

    @cached_property
    def path(self) -> str:
        """The repository-relative name of the document."""
        return self.name_of(self.snapshot)

    @cached_property
    def line(self) -> int:
        """The cursor's line, counted from 0."""
        return self.snapshot.text.line_of(self.offset)

    def start(self, most: int) -> str:
        """The first `most` code points of the document without the cursor's line.

        Sources never see the line that is being typed, so typing in it changes no snippet. Line
        ends are "\\n".
        """
        text = self.snapshot.text
        own = text.line_start(self.line), text.line_end(self.line)
        above = text.slice(0, min(own[0], most))
        return normalize_newlines(above + text.slice(own[1], own[1] + most - len(above)))

    def lines_around(self, before: int, after: int) -> str:
        """At least `before` lines above and `after` lines below the cursor's line, which is left
        out.

        Up to STEP_LINES more, so that a new line does not push out another one each time.
        """
        text = self.snapshot.text
        first = max(0, self.line - before) // STEP_LINES * STEP_LINES
        below = max(0, text.line_count - 1 - self.line - after) // STEP_LINES * STEP_LINES
        own = text.line_start(self.line), text.line_end(self.line)
        above = text.slice(text.line_start(first), own[0])
        return normalize_newlines(
            above + text.slice(own[1], text.line_end(text.line_count - 1 - below))
        )

    def is_in_prompt_window(self, first: int, last: int) -> bool:
        """Whether any of the lines from `first` to `last` is within LINES_IN_VIEW of the cursor."""
        return first <= self.line + LINES_IN_VIEW and last >= self.line - LINES_IN_VIEW

    @cached_property
    def out_of_view_parts(self) -> tuple[tuple[int, str], ...]:
        """The parts of the document outside of the view, each with the number of its first line.

        The borders are multiples of PAGE_LINES from the document's start and end. The texts
        therefore stay equal while the user types, and callers can cache what they parse. A part is
        never longer than PART_LINES.
        """
        text = self.snapshot.text
        above = max(0, self.line - LINES_IN_VIEW) // PAGE_LINES * PAGE_LINES
        below = max(0, text.line_count - 1 - self.line - LINES_IN_VIEW) // PAGE_LINES * PAGE_LINES
        borders = [*range(0, above, PART_LINES), above]
        parts = [(first, text.line_start(end)) for first, end in pairwise(borders)]
        borders = [text.line_count - lines for lines in (below, *_whole_parts(below), 0)]
        ends = [*(text.line_start(line) for line in borders[1:-1]), len(text)]
        parts += zip(borders[:-1], ends, strict=True) if below else ()
        return tuple(
            (first, normalize_newlines(text.slice(text.line_start(first), end)))
            for first, end in parts
        )

    def name_of(self, snapshot: Snapshot | Hunk) -> str:
        """The repository-relative name of another document."""
        known = self.names.get(snapshot.uri)
        if known is None:
            known = display_path(snapshot.uri, snapshot.language, self.folders)
            self.names[snapshot.uri] = known
        return known


def _whole_parts(lines: int) -> range:
    """Distances from the document's end at which the parts of its last `lines` lines begin."""
    return range((lines - 1) // PART_LINES * PART_LINES, 0, -PART_LINES)


class ContextSource(Protocol):
    """Finds snippets. The same query and files must give the same snippets, in any order.

    `snippets` may raise or be late without affecting other sources. Blocking work belongs in a
    thread.
    """

    @property
    def name(self) -> str: ...

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]: ...
