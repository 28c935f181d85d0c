"""What travels through the context room: the question, the answers, and who gives them.

A `ContextQuery` is a cursor and all that the sources may look at, taken before the first await; a
`Snippet` is a piece of text for the model and the file it comes from; a `ContextSource` finds
snippets. Knows no model and no LSP.
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

HIGHEST_SCORE = 9
LINES_IN_VIEW = 100
"""Lines on either side of the cursor that the prompt shows anyway, or nearly."""
PAGE_LINES = 32
PART_LINES = 1024
"""Of what is far away, parsed at once: some 6 ms of a thread that holds up all others."""
STEP_LINES = 16
"""Steps in which what counts as far and near begins and ends."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of `path` that may help at the cursor; line ends are "\\n", none at its end.

    `path` is the repository-wide name, with "/". `line` is where the piece starts, counted from 0.
    `score` says how much it may help, in whole steps from 0 to HIGHEST_SCORE, so that a small
    change of the text does not change the order.
    """

    path: str
    text: str
    source: str
    score: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines of a document that were edited, as they read now, and the lines around them.

    `line` is the first line of `text`, and `last_line` its last, counted from 0.
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


@dataclass(frozen=True, kw_only=True)  # no slots: they have no room for cached properties
class ContextQuery:
    """A cursor (`offset` in code points), and what else there is to know at that moment.

    `others` are the other open documents, the one last looked at first; `hunks` the recent edits,
    the newest last; `cells` those of the snapshot's own notebook, in their order.
    """

    snapshot: Snapshot
    offset: int
    others: tuple[Snapshot, ...] = ()
    folders: tuple[Path, ...] = ()
    hunks: tuple[Hunk, ...] = ()
    cells: tuple[Cell, ...] = ()
    budget_characters: int = 4_000
    exclude: tuple[str, ...] = ()
    """Patterns of files of which nothing may be told."""
    names: dict[str, str] = field(default_factory=dict, compare=False)
    """Names that were found before, by URI: finding one may touch the disk."""

    @cached_property
    def path(self) -> str:
        """The repository-wide name of the document."""
        return self.name_of(self.snapshot)

    @cached_property
    def line(self) -> int:
        """The cursor's line, counted from 0."""
        return self.snapshot.text.line_of(self.offset)

    def start(self, most: int) -> str:
        """The first `most` code points of the document, not counting the cursor's line.

        Sources never look at that line, which is only being written: so typing in it changes no
        snippet. Line ends are "\n".
        """
        text = self.snapshot.text
        own = text.line_start(self.line), text.line_end(self.line)
        above = text.slice(0, min(own[0], most))
        return normalize_newlines(above + text.slice(own[1], own[1] + most - len(above)))

    def lines_around(self, before: int, after: int) -> str:
        """At least so many lines above and below the cursor's, without its own.

        Up to STEP_LINES more, so that a line that was written does not push out another each time.
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
        """Whether any of these lines of the document stands around the cursor."""
        return first <= self.line + LINES_IN_VIEW and last >= self.line - LINES_IN_VIEW

    @cached_property
    def out_of_view_parts(self) -> tuple[tuple[int, str], ...]:
        """The parts of the document that are out of view, each with its first line's number.

        Cut at pages that count from the document's two ends, so that the texts stay the same while
        somebody types, also over several lines: whoever parses them can remember it. No part is so
        long that parsing it anew is felt.
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
        """The repository-wide name of another document."""
        known = self.names.get(snapshot.uri)
        if known is None:
            known = display_path(snapshot.uri, snapshot.language, self.folders)
            self.names[snapshot.uri] = known
        return known


def _whole_parts(lines: int) -> range:
    """Distances from the document's end at which the parts of its last `lines` lines meet."""
    return range((lines - 1) // PART_LINES * PART_LINES, 0, -PART_LINES)


class ContextSource(Protocol):
    """Finds snippets. The same query, and the same files, give the same snippets in any order.

    May raise and may be late: it then fails alone. Work that blocks belongs into a thread.
    """

    @property
    def name(self) -> str: ...

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]: ...
