"""Finds files that were renamed: added ones that hold what others held before.

Those that hold what a private file held are found first, since that must not be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from devstral_lsp.git.contents import Contents
from devstral_lsp.git.index import Blob
from devstral_lsp.git.staged import Change
from devstral_lsp.git.work import Unreadable

MIN_SIMILARITY = 0.5
"""Of the bytes of their lines: git's own default (git-diff(1), --find-renames)."""
_MAX_GONE = 40
_MAX_ADDED = 80
"""Files of each kind that are compared with one another."""


def with_renames(
    changes: Sequence[Change], contents: Contents, is_private: Callable[[bytes], bool]
) -> list[Change]:
    """The changes, a deletion and an addition of the same file made one.

    Where a private file is gone, files that were not compared with it are left out.
    """
    gone = [each for each in changes if each.old and (not each.new or is_private(each.path))]
    gone = sorted(gone, key=lambda each: not is_private(each.path))[:_MAX_GONE]
    if not gone:
        return list(changes)
    added = [each for each in changes if not each.old]
    renamed: dict[bytes, Change] = {}
    used: set[bytes] = set()
    for each, origin in _alike(added[:_MAX_ADDED], gone, contents):
        if each.path not in renamed and (origin.path not in used or is_private(origin.path)):
            renamed[each.path] = replace(each, old=origin.old, old_path=origin.path)
            used.add(origin.path)
    hidden = {each.path for each in added[_MAX_ADDED:]} if is_private(gone[0].path) else set()
    return [
        renamed.get(each.path, each)
        for each in changes
        if each.path not in hidden and (each.new or each.path not in used)
    ]


def _alike(
    added: Sequence[Change], gone: Sequence[Change], contents: Contents
) -> Iterator[tuple[Change, Change]]:
    """Pairs of files that are the same, then of those whose lines are alike."""
    pairs = [(each, origin) for origin in gone for each in added]
    for each, origin in pairs:
        if each.new and origin.old and each.new[1] == origin.old[1]:
            yield each, origin
    before = {origin.path: _line_bytes(origin.old, contents) for origin in gone}
    after = {each.path: _line_bytes(each.new, contents) for each in added}
    for each, origin in pairs:
        if _similarity(before[origin.path], after[each.path]) >= MIN_SIMILARITY:
            yield each, origin


def _line_bytes(blob: Blob | None, contents: Contents) -> Counter[bytes]:
    """How many bytes the copies of each line are; nothing of what is not read as text."""
    counts: Counter[bytes] = Counter()
    try:
        for line in contents.lines(blob) or ():
            counts[line.rstrip()] += len(line)
    except Unreadable:
        return Counter()
    return counts


def _similarity(one: Counter[bytes], other: Counter[bytes]) -> float:
    sizes = one.total(), other.total()
    if min(sizes) < MIN_SIMILARITY * max(sizes) or not max(sizes):
        return 0.0
    return (one & other).total() / max(sizes)
