"""Detect renamed files: added files with the content of deleted ones.

Files with the content of a private file are detected first, because they must not be shown.
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
"""Minimum share of equal lines, in bytes: git's default (git-diff(1), --find-renames)."""
_MAX_GONE = 40
_MAX_ADDED = 80
"""Maximum number of deleted, and of added, files to compare."""
_MAX_LINES = 2_000
"""Bytes of each file that are compared, from its start."""


def merge_renames(
    changes: Sequence[Change], contents: Contents, is_private: Callable[[bytes], bool]
) -> list[Change]:
    """The changes, with each deletion and addition of the same file merged.

    If a private file was deleted, files that could not be compared with it are left out.
    """
    gone = [each for each in changes if each.old and (not each.new or is_private(each.path))]
    gone = sorted(gone, key=lambda each: not is_private(each.path))[:_MAX_GONE]
    if not gone:
        return list(changes)
    added = [each for each in changes if not each.old]
    renamed: dict[bytes, Change] = {}
    used: set[bytes] = set()
    for each, origin in _find_pairs(added[:_MAX_ADDED], gone, contents):
        if each.path not in renamed and (origin.path not in used or is_private(origin.path)):
            renamed[each.path] = replace(each, old=origin.old, old_path=origin.path)
            used.add(origin.path)
    hidden = {each.path for each in added[_MAX_ADDED:]} if is_private(gone[0].path) else set()
    return [
        renamed.get(each.path, each)
        for each in changes
        if each.path not in hidden and (each.new or each.path not in used)
    ]


def _find_pairs(
    added: Sequence[Change], gone: Sequence[Change], contents: Contents
) -> Iterator[tuple[Change, Change]]:
    """Pairs of equal files, then of similar ones."""
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
    """The bytes of all copies of each line; empty if the file is not text."""
    counts: Counter[bytes] = Counter()
    try:
        for line in (contents.lines(blob) or ())[:_MAX_LINES]:
            counts[line.rstrip()] += len(line)
    except Unreadable:
        return Counter()
    return counts


def _similarity(one: Counter[bytes], other: Counter[bytes]) -> float:
    sizes = one.total(), other.total()
    if min(sizes) < MIN_SIMILARITY * max(sizes) or not max(sizes):
        return 0.0
    return (one & other).total() / max(sizes)
