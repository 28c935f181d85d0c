"""Commits of git repositories, as the edits that make them. Reads with git; writes nothing."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.edits.patience_diff import matching_blocks
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.next_edit.changes import line_hunks

SUFFIXES = (".py", ".js", ".jsx", ".ts", ".tsx", ".go", ".rs", ".java", ".kt", ".json", ".toml")
MAX_FILES = 12
MAX_LINES = 6000
MAX_EDITS = 60
"""Of one commit; more are made by a program."""


@dataclass(frozen=True, slots=True)
class LineEdit:
    """Lines from `start` to before `end` become `new`."""

    start: int
    end: int
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file before a commit, and the edits that the commit makes."""

    path: str
    language: str
    lines: tuple[str, ...]
    edits: tuple[LineEdit, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """The files that a commit changes."""

    id: str
    files: tuple[ChangedFile, ...]

    @property
    def edit_count(self) -> int:
        return sum(len(each.edits) for each in self.files)


def commits(repository: Path, count: int, seed: int, *, least: int, most: int) -> list[Commit]:
    """Up to `count` commits with `least` to `most` edits, chosen by chance."""
    listed = list(_listed(repository))
    random.Random(seed).shuffle(listed)
    found: list[Commit] = []
    with _Blobs(repository) as blobs:
        for commit, files in listed:
            if len(found) >= count:
                break
            changed = [each for each in (_changed(blobs, *file) for file in files) if each]
            made = Commit(commit, tuple(changed))
            if len(changed) == len(files) and least <= made.edit_count <= most:
                found.append(made)
    return found


def edits_between(old: Sequence[str], new: Sequence[str]) -> tuple[LineEdit, ...]:
    """The edits from `old` to `new`; n lines that become n similar ones are n edits."""
    found = []
    at = at_new = 0
    for block in [*matching_blocks(old, new), None]:
        end = block.old if block else len(old)
        end_new = block.new if block else len(new)
        before, after = old[at:end], new[at_new:end_new]
        if before or after:
            found += [
                LineEdit(at + start, at + stop, tuple(after[first:last]))
                for start, stop, first, last in line_hunks(before, after)
            ]
        if block:
            at, at_new = block.old + block.size, block.new + block.size
    return tuple(found)


def _listed(repository: Path) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Commits that change a few source files: their path, blob before and blob after."""
    command = ["log", "--no-merges", "--raw", "--no-abbrev", "--no-renames", "--format=>%H"]
    commit, is_usable = "", False
    files: list[tuple[str, str, str]] = []
    for line in [*_git(repository, *command).splitlines(), ">"]:
        if line.startswith(">"):
            if is_usable and 0 < len(files) <= MAX_FILES:
                yield commit, files
            commit, files, is_usable = line[1:], [], True
        elif line.startswith(":"):
            head, _, path = line.partition("\t")
            _, _, old, new, status = head.split()
            if status == "M" and path.endswith(SUFFIXES):
                files.append((path, old, new))


def _changed(blobs: _Blobs, path: str, old: str, new: str) -> ChangedFile | None:
    try:
        before, after = (blobs.read(each).decode() for each in (old, new))
    except UnicodeDecodeError:
        return None
    lines, target = before.split("\n"), after.split("\n")
    if "\r" in before or max(len(lines), len(target)) > MAX_LINES:
        return None
    edits = edits_between(lines, target)
    return ChangedFile(path, language_id_of_path(path), tuple(lines), edits) if edits else None


def _git(repository: Path, *arguments: str) -> str:
    command = ["git", "--git-dir", str(repository), *arguments]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode(errors="replace")


class _Blobs:
    """Reads blobs by one git process."""

    def __init__(self, repository: Path) -> None:
        self._process = subprocess.Popen(
            ["git", "--git-dir", str(repository), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> _Blobs:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def read(self, blob: str) -> bytes:
        """The contents; b"" of one that is missing."""
        source, sink = self._process.stdout, self._process.stdin
        assert source is not None
        assert sink is not None
        sink.write(f"{blob}\n".encode())
        sink.flush()
        head = source.readline().split()
        if len(head) != 3:
            return b""
        content = source.read(int(head[2]))
        source.read(1)
        return content
