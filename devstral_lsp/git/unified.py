"""Render staged changes like `git diff --cached --unified=2`, without its `index` lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from devstral_lsp.edits.patience_diff import ChangedLines, changed_lines
from devstral_lsp.git.contents import Contents
from devstral_lsp.git.objects import Objects
from devstral_lsp.git.renames import merge_renames
from devstral_lsp.git.repository import Repository
from devstral_lsp.git.staged import Change, find_staged_changes
from devstral_lsp.git.work import Unreadable, Work

CONTEXT_LINES = 2
MAX_FILE_BYTES = 100_000
"""Size limit of one file's diff; the rest is cut."""
_HEADING_LINES = 400
"""Lines above a hunk in which its heading is searched, such as a function."""
_MAX_HEADING_BYTES = 80
_HEADING = re.compile(rb"[A-Za-z_$]")
_NO_NEWLINE = b"\\ No newline at end of file\n"
_ESCAPED = {0x22: b'\\"', 0x5C: b"\\\\", 0x09: b"\\t", 0x0A: b"\\n", 0x0D: b"\\r"}


def render_staged_diff(
    repository: Repository, is_private: Callable[[str], bool], work: Work, max_bytes: int
) -> list[str]:
    """The diff of each staged file, sorted by name, together about `max_bytes`.

    Leaves out private files, files that were private under their former name, and files that cannot
    be read, as in a partial clone. Raises Unreadable if nothing can be read.
    """

    def is_hidden(path: bytes) -> bool:
        return is_private(path.decode("utf-8", "replace"))

    shown: list[str] = []
    with Objects(f"{repository.common_dir}/objects", repository.hash_bytes, work) as objects:
        contents = Contents(objects, work)
        changes = find_staged_changes(repository, objects, work)
        for change in merge_renames(changes, contents, is_hidden):
            if is_hidden(change.path) or is_hidden(change.old_path):
                continue
            try:
                diff = b"".join(_diff(change, contents, work))
            except Unreadable:
                continue
            shown.append(diff.decode("utf-8", "replace").replace("\r\n", "\n"))
            max_bytes -= len(diff)
            if max_bytes <= 0:
                break
    return shown


def _diff(change: Change, contents: Contents, work: Work) -> Iterator[bytes]:
    """One file's diff, up to MAX_FILE_BYTES at the end of a line."""
    lines = contents.lines(change.old), contents.lines(change.new)
    old, new = _quote(b"a/" + change.old_path), _quote(b"b/" + change.path)
    yield b"diff --git %s %s\n" % (old, new)
    yield from _modes(change)
    if change.old and change.new and change.old_path != change.path:
        yield b"rename from %s\nrename to %s\n" % (
            _quote(change.old_path),
            _quote(change.path),
        )
    if change.old and change.new and change.old[1] == change.new[1]:
        return
    old, new = old if change.old else b"/dev/null", new if change.new else b"/dev/null"
    before, after = lines
    if before is None or after is None:
        yield b"Binary files %s and %s differ\n" % (old, new)
        return
    work.spend(steps=len(before) + len(after))
    # One code point per byte: lines are only compared for equality.
    texts = ([line.decode("latin-1") for line in each] for each in (before, after))
    found = list(changed_lines(*texts))
    if found:
        yield b"--- %s\n+++ %s\n" % (old, new)
    size = 0
    for joined in _merge_hunks(found):
        for line in _lines(joined, before, after):
            yield line
            size += len(line)
            if size > MAX_FILE_BYTES:
                return


def _modes(change: Change) -> Iterator[bytes]:
    old, new = change.old, change.new
    if old is None and new is not None:
        yield b"new file mode %06o\n" % new[0]
    elif new is None and old is not None:
        yield b"deleted file mode %06o\n" % old[0]
    elif old is not None and new is not None and old[0] != new[0]:
        yield b"old mode %06o\nnew mode %06o\n" % (old[0], new[0])


def _merge_hunks(found: Sequence[ChangedLines]) -> Iterator[list[ChangedLines]]:
    """The hunks, merged where their context lines touch."""
    joined: list[ChangedLines] = []
    for hunk in found:
        if joined and hunk.old[0] - joined[-1].old[1] > 2 * CONTEXT_LINES:
            yield joined
            joined = []
        joined.append(hunk)
    if joined:
        yield joined


def _lines(joined: Sequence[ChangedLines], old: list[bytes], new: list[bytes]) -> Iterator[bytes]:
    first, last = joined[0], joined[-1]
    lead = min(CONTEXT_LINES, first.old[0])
    trail = min(CONTEXT_LINES, len(old) - last.old[1])
    top = first.old[0] - lead
    before = _range(top, last.old[1] + trail - top)
    after = _range(first.new[0] - lead, last.new[1] + trail - first.new[0] + lead)
    heading = _heading(old, top)
    yield b"@@ -%s +%s @@%s\n" % (before, after, b" " + heading if heading else b"")
    at = top
    for hunk in joined:
        yield from _mark_lines(b" ", old[at : hunk.old[0]])
        yield from _mark_lines(b"-", old[slice(*hunk.old)])
        yield from _mark_lines(b"+", new[slice(*hunk.new)])
        at = hunk.old[1]
    yield from _mark_lines(b" ", old[at : at + trail])


def _range(start: int, count: int) -> bytes:
    """Line numbers counted from 1; for an empty range, the line before it."""
    first = start + 1 if count else start
    return b"%d" % first if count == 1 else b"%d,%d" % (first, count)


def _heading(lines: list[bytes], top: int) -> bytes:
    for number in range(top - 1, max(-1, top - 1 - _HEADING_LINES), -1):
        if _HEADING.match(lines[number]):
            return lines[number][:_MAX_HEADING_BYTES].rstrip()
    return b""


def _mark_lines(mark: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line
        if not line.endswith(b"\n"):
            yield b"\n" + _NO_NEWLINE


def _quote(path: bytes) -> bytes:
    """A path as git writes it: quoted if it contains quotes, backslashes or control characters."""
    if not any(byte < 0x20 or byte in (0x22, 0x5C, 0x7F) for byte in path):
        return path
    parts = (
        _ESCAPED.get(byte) or (b"\\%03o" % byte if byte < 0x20 or byte == 0x7F else bytes((byte,)))
        for byte in path
    )
    return b'"%s"' % b"".join(parts)
