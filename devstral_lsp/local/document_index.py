"""Index the open document as blocks, cached between keystrokes.

A request brings the whole text around the cursor. The text before the cursor is cut into passages
from its start, the text after the cursor from its end. Typing therefore changes only the passages
at the cursor, and all others are found in the cache.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

from devstral_lsp.local.ngram_index import OVERLAP, IndexedPassage
from devstral_lsp.local.normalize import MAX_LINE_LENGTH, normalize_text, split_passages

_PASSAGE = 4_000
"""Code points. The passage at the cursor is indexed again at every new line, so it must be short.
"""

MAX_KEPT = 320
"""Cached blocks, of about 12 kB each: as many as a request can use."""

_FURTHEST = 600_000
"""Code points before and after the cursor that are indexed."""

OPEN_DOCUMENT = ""
"""The name of the open document's blocks."""


class DocumentIndex:
    """Blocks for the text around the cursor; each passage is indexed at most once.

    `max_kept` is the number of cached blocks.
    """

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._blocks: dict[str, IndexedPassage] = {}
        self._max_kept = max_kept

    def blocks(
        self, before: str, after: str, budget_ms: float
    ) -> tuple[list[IndexedPassage], bool]:
        """Blocks of the text around the cursor, the nearest first, and whether all of it is
        indexed.

        `before` ends at the start of the cursor's line, `after` starts at the next line's start,
        both with "\\n" as line ends. New passages are indexed, the nearest first and at least one,
        until `budget_ms` of CPU time is used; the next call continues.
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
        while len(self._blocks) > self._max_kept:
            del self._blocks[next(iter(self._blocks))]
        return found, complete


def _nearest_first(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Passages before and after the cursor in turn, each with the text before it."""
    sides = [_backwards(before), _forwards(after)]
    while sides:
        side = sides.pop(0)
        if (passage := next(side, None)) is not None:
            yield passage
            sides.append(side)


def _backwards(text: str) -> Iterator[tuple[str, str]]:
    """Passages cut from the start of `text`, in reverse order."""
    ends = [0]
    for passage in split_passages(text, _PASSAGE):
        ends.append(ends[-1] + len(passage))
    for start, end in zip(ends[-2::-1], ends[:0:-1], strict=True):
        if len(text) - start > _FURTHEST:
            return
        yield _in_front(text, start), text[start:end]


def _forwards(text: str) -> Iterator[tuple[str, str]]:
    """Passages cut from the end of `text`, in order."""
    starts = []
    end = len(text)
    while end > 0:
        high = max(0, end - _PASSAGE)
        newline = text.rfind("\n", max(0, high - MAX_LINE_LENGTH), high)
        end = newline + 1 if newline >= 0 else high
        starts.append(end)
    starts.append(len(text))
    starts.sort()
    for start, end in pairwise(starts):
        if start > _FURTHEST:
            return
        yield _in_front(text, start), text[start:end]


def _in_front(text: str, start: int) -> str:
    """Whole lines before `start`, about as long as the overlap of blocks."""
    low = max(0, start - 2 * OVERLAP)
    newline = text.find("\n", low, start)
    return text[newline + 1 : start] if low and newline >= 0 else text[low:start]
