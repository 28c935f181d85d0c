"""Update the facts of a document while the user types: only re-read what an edit affects.

The tree is parsed incrementally. The queries run where nodes have changed and at the heads of the
statements around them; all other statements only move. The result equals `read_facts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from threading import Lock

from devstral_lsp.context.members.facts import FileFacts
from devstral_lsp.context.members.reading import read_statements
from devstral_lsp.context.members.statements import Statement, facts_of, sort_key
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import edit_between

_GAP = 256
"""Ranges with at most this many bytes between them are queried as one."""

_Statements = dict[tuple[int, bool], Statement]
_Range = tuple[int, int]


class Rereader:
    """Caches one document. Thread-safe: concurrent readers wait for each other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: Syntax | None = None
        self._statements: _Statements = {}

    def read(self, string: str, language_id: str) -> tuple[Syntax, FileFacts] | None:
        """The facts of the text; None without a grammar, or if parsing takes too long."""
        with self._lock:
            known, self._known = self._known, None
            if known is not None and known.language_id == language_id:
                syntax = self._read_on(known, string)
            else:
                syntax = self._read_all(Syntax.of(string, language_id))
            if syntax is None:
                return None
            self._known = syntax
            return syntax, facts_of(sorted(self._statements.values(), key=sort_key), language_id)

    def _read_all(self, syntax: Syntax | None) -> Syntax | None:
        if syntax is not None:
            self._statements = read_statements(syntax, [(0, len(syntax.source))])
        return syntax

    def _read_on(self, known: Syntax, string: str) -> Syntax | None:
        changed = known.changed(edit_between(known.string, string))
        if changed is None:
            return self._read_all(Syntax.of(string, known.language_id))
        syntax, change = changed
        first = min([change.start, *(start for start, _ in change.ranges)])
        last = max([change.new_end, *(end for _, end in change.ranges)])
        rows = syntax.source.count(b"\n", change.start, change.new_end)
        rows -= known.source.count(b"\n", change.start, change.old_end)
        moved = _Move((first, last), change.new_end - change.old_end, rows)
        kept, heads = moved.split(self._statements)
        ranges = _join([(first - 1, last + 1), *heads])
        self._statements = kept | read_statements(syntax, ranges, kept)
        return syntax


class _Move:
    """The bytes in which the text has changed, in new coordinates, and by how many bytes and rows
    the text after them has moved."""

    def __init__(self, changed: _Range, bytes_: int, rows: int) -> None:
        self._first, self._last = changed
        self._bytes = bytes_
        self._rows = rows

    def split(self, statements: _Statements) -> tuple[_Statements, list[_Range]]:
        """The unchanged statements at their new positions, and the heads of the others."""
        kept: _Statements = {}
        heads: list[_Range] = []
        old_last = self._last - self._bytes
        for key, each in statements.items():
            if each.end < self._first:
                kept[key] = each
            elif each.since > old_last:
                kept[key[0] + self._bytes, key[1]] = self._move(each)
            else:
                if each.start < self._first:
                    heads.append((each.start, min(each.head_end, self._first) + 1))
                if each.head_end > old_last:
                    start = max(each.start, old_last) + self._bytes
                    heads.append((start, each.head_end + self._bytes + 1))
        return kept, heads

    def _move(self, each: Statement) -> Statement:
        each.key += self._bytes
        each.start += self._bytes
        each.end += self._bytes
        each.since += self._bytes
        each.head_end += self._bytes
        each.body_end += self._bytes if each.body_end else 0
        if self._rows:
            each.row += self._rows
            each.last_row += self._rows
            if each.member is not None:
                each.member = replace(each.member, line=each.row)
        return each


def _join(ranges: Iterable[_Range]) -> Iterator[_Range]:
    """The sorted ranges, with close ones joined."""
    waiting: _Range | None = None
    for start, end in sorted(ranges):
        if waiting is None:
            waiting = max(0, start), end
        elif start <= waiting[1] + _GAP:
            waiting = waiting[0], max(waiting[1], end)
        else:
            yield waiting
            waiting = start, end
    if waiting is not None:
        yield waiting
