"""The open document's own text as blocks, kept from one keystroke to the next.

A request brings the whole text around the cursor. Before the cursor it is cut into passages from
its start on, after the cursor from its end on, so that typing changes only the passages at the
cursor and all others are found again by their text. Knows no name and no request.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

from devstral_lsp.local.ngram_index import OVERLAP, IndexedPassage
from devstral_lsp.local.normalize import LONGEST_LINE, normalize_text, split_passages

_PASSAGE = 4_000
"""Code points. The passage at the cursor is indexed at every new line, so it has to be short."""

MAX_KEPT = 320
"""Blocks remembered, about 12 kB each: as much as a request can look at, and a bound on memory."""

_FURTHEST = 600_000
"""Code points on either side of the cursor that are looked at."""

OPEN_DOCUMENT = ""
"""The name of blocks of the open document."""


class DocumentIndex:
    """Blocks for the text around the cursor, built at most once per passage.

    `max_kept` bounds the blocks that are remembered.
    """

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._blocks: dict[str, IndexedPassage] = {}
        self._max_kept = max_kept

    def blocks(
        self, before: str, after: str, budget_ms: float
    ) -> tuple[list[IndexedPassage], bool]:
        """Blocks of the text around the cursor, nearest first, and whether that is all of it.

        `before` ends at the start of the cursor's line, `after` starts at the next line's start,
        both with "\\n" as line end. Passages that are not known yet are indexed, nearest first and
        at least one, until `budget_ms` of CPU time are used up; the next call goes on from there.
        """
        found: list[IndexedPassage] = []
        deadline = time.thread_time() + budget_ms / 1000
        built, complete = 0, True
        for overlap, passage in _nearest_first(before, after):
            block = self._blocks.pop(passage, None)
            if block is None:
                if built and time.thread_time() > deadline:
                    complete = False
                    continue
                built += 1
                block = IndexedPassage(
                    OPEN_DOCUMENT, normalize_text(overlap)[0], normalize_text(passage)[0]
                )
            self._blocks[passage] = block
            found.append(block)
        self._drop_oldest()
        return found, complete

    def _drop_oldest(self) -> None:
        while len(self._blocks) > self._max_kept:
            del self._blocks[next(iter(self._blocks))]


def _nearest_first(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Passages on both sides of the cursor with the text in front of them, by turns."""
    sides = [_backwards(before), _forwards(after)]
    while sides:
        side = sides.pop(0)
        if (passage := next(side, None)) is not None:
            yield passage
            sides.append(side)


def _backwards(text: str) -> Iterator[tuple[str, str]]:
    """Passages cut from the start of `text` on, last one first."""
    ends = [0]
    for passage in split_passages(text, _PASSAGE):
        ends.append(ends[-1] + len(passage))
    for start, end in zip(ends[-2::-1], ends[:0:-1], strict=True):
        if len(text) - start > _FURTHEST:
            return
        yield _in_front(text, start), text[start:end]


def _forwards(text: str) -> Iterator[tuple[str, str]]:
    """Passages cut from the end of `text` on, first one first."""
    starts = []
    end = len(text)
    while end > 0:
        high = max(0, end - _PASSAGE)
        newline = text.rfind("\n", max(0, high - LONGEST_LINE), high)
        end = newline + 1 if newline >= 0 else high
        starts.append(end)
    starts.append(len(text))
    starts.sort()
    for start, end in pairwise(starts):
        if start > _FURTHEST:
            return
        yield _in_front(text, start), text[start:end]


def _in_front(text: str, start: int) -> str:
    """Whole lines in front of `start`, about as much as a block's overlap."""
    low = max(0, start - 2 * OVERLAP)
    newline = text.find("\n", low, start)
    return text[newline + 1 : start] if low and newline >= 0 else text[low:start]
