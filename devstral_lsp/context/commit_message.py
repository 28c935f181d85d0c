"""Context source: the staged diff, while the user writes a commit message.

`devstral_lsp.git` reads the repository within limits and never runs git, so that no program that a
repository configures can run. Only repositories that git itself would open are read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.context.base import MAX_SCORE, ContextQuery, Snippet
from devstral_lsp.context.gitignore import Ignores
from devstral_lsp.context.ignore_files import ASSISTANTS
from devstral_lsp.context.paths import uri_to_path, workspace_root
from devstral_lsp.context.sensitive_files import is_sensitive
from devstral_lsp.git.history import recent_messages
from devstral_lsp.git.repository import Repository, find_message_repository, find_repository
from devstral_lsp.git.unified import render_staged_diff
from devstral_lsp.git.work import Unreadable, Work

MAX_BYTES = 400_000
"""Bytes of the diff; the rest is not read."""
TIMEOUT_S = 2.0
MAX_TRIES = 3
"""Attempts with TIMEOUT_S each; after that, the partial diff is used until the index changes."""
MAX_WORK_BYTES = 400_000_000
"""Bytes read, decompressed or compared for one diff."""
MAX_STEPS = 5_000_000
BUDGET_SHARE = 0.9
"""Share of the context budget: nothing else helps as much with a commit message."""
MIN_FILE_LENGTH = 300
"""Minimum code points for each file of the diff, while there is room."""

MAX_MESSAGES = 8
"""Earlier messages that show a repository's style."""

_LANGUAGES = frozenset({"git-commit", "gitcommit", "scminput"})


@dataclass(frozen=True, slots=True)
class _StagedDiff:
    """A staged diff by file, valid while `marks` (stat data of the files in `marked`) do not
    change."""

    uri: str
    folders: tuple[Path, ...]
    exclude: tuple[str, ...]
    marked: tuple[str, ...]
    marks: tuple[object, ...]
    diffs: tuple[str, ...]
    late: int = 0
    """Consecutive attempts that ran out of time."""

    def is_valid_for(self, query: ContextQuery) -> bool:
        inputs = (query.snapshot.uri, query.folders, query.exclude)
        is_same = inputs == (self.uri, self.folders, self.exclude)
        return is_same and self.marks == _stat_all(self.marked)


class CommitMessage:
    """The context source. Reads the repository again when git's index or HEAD has changed."""

    name = "git_message"

    def __init__(self) -> None:
        self._last: _StagedDiff | None = None

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """Return the diff as one snippet, truncated to the budget; nothing for other documents."""
        if not is_message(query):
            return []
        work = Work(TIMEOUT_S, MAX_WORK_BYTES, MAX_STEPS)
        try:
            diffs = await asyncio.to_thread(self._diffs, query, work)
        except asyncio.CancelledError:
            work.stop()
            raise
        shown = truncate_diff(diffs, int(query.budget_characters * BUDGET_SHARE))
        return [Snippet("staged.diff", shown, self.name, MAX_SCORE)] if shown else []

    def _diffs(self, query: ContextQuery, work: Work) -> Sequence[str]:
        """Return the diff of each staged file. Blocks until `work` ends."""
        last = self._last if self._last is not None and self._last.is_valid_for(query) else None
        if last is not None and not 0 < last.late < MAX_TRIES:
            return last.diffs
        repository = _repository(query, work)
        if repository is None:
            return ()
        marked = tuple(f"{repository.git_dir}/{name}" for name in (repository.index, "HEAD"))
        marks = _stat_all(marked)
        diffs = tuple(_readable_diff(repository, query.exclude, work))
        late = (last.late if last is not None else 0) + 1 if work.is_late else 0
        self._last = _StagedDiff(
            query.snapshot.uri, query.folders, query.exclude, marked, marks, diffs, late
        )
        return diffs


@dataclass(frozen=True, slots=True)
class StagedChanges:
    """What a commit message is written from: the diff, cut to a budget, and earlier messages."""

    diff: str
    messages: tuple[str, ...]


async def read_staged(query: ContextQuery) -> StagedChanges | None:
    """The staged changes of the repository of the query's document, else of its first folder.

    None where there is no repository that can be read. Cancelling ends the reading.
    """
    work = Work(TIMEOUT_S, MAX_WORK_BYTES, MAX_STEPS)

    def read() -> StagedChanges | None:
        repository = _repository(query, work)
        if repository is None:
            return None
        diffs = _readable_diff(repository, query.exclude, work)
        shown = truncate_diff(diffs, query.budget_characters)
        return StagedChanges(shown, tuple(recent_messages(repository, work, MAX_MESSAGES)))

    try:
        return await asyncio.to_thread(read)
    except asyncio.CancelledError:
        work.stop()
        raise


def is_message(query: ContextQuery) -> bool:
    """Whether the document is a git commit message."""
    uri = query.snapshot.uri
    return query.snapshot.language in _LANGUAGES or uri.endswith("/COMMIT_EDITMSG")


def truncate_diff(files: Sequence[str], most: int) -> str:
    """Truncate the diffs to `most` code points in all, at line ends; small diffs stay whole."""
    shown: dict[int, str] = {}
    for left, index in enumerate(sorted(range(len(files)), key=lambda i: (len(files[i]), i))):
        fair = max(MIN_FILE_LENGTH, most // (len(files) - left))
        shown[index] = _head(files[index], min(fair, most))
        most -= len(shown[index])
    return "".join(shown[index] for index in sorted(shown)).rstrip("\n")


def _head(text: str, most: int) -> str:
    return text if len(text) <= most else text[: text.rfind("\n", 0, max(0, most)) + 1]


def _repository(query: ContextQuery, work: Work) -> Repository | None:
    """The repository whose message is written: the `.git` or working tree that holds the document.

    For a message without a file, the repository of the first folder that has one.
    """
    path = uri_to_path(query.snapshot.uri)
    try:
        if path is not None and not _leads_outside(path, query.folders):
            holding = find_message_repository(path, os.environ, work)
            if found := holding or find_repository(path.parent, os.environ, work):
                return found
        for folder in query.folders:
            if found := find_repository(folder, os.environ, work):
                return found
    except Unreadable:
        pass  # another folder's changes would be the wrong ones
    return None


def _leads_outside(path: Path, folders: Sequence[Path]) -> bool:
    """Whether a symbolic link in the workspace leads to the folder of `path`, outside of the
    workspace."""
    root = workspace_root(path, folders)
    if root is None:
        return False
    real, top = os.path.realpath(path.parent), os.path.realpath(root)
    return real != top and not real.startswith(os.path.join(top, ""))


def _readable_diff(repository: Repository, exclude: tuple[str, ...], work: Work) -> Sequence[str]:
    try:
        return render_staged_diff(
            repository, _exclusion_predicate(repository, exclude), work, MAX_BYTES
        )
    except Unreadable:
        return ()


def _exclusion_predicate(repository: Repository, exclude: tuple[str, ...]) -> Callable[[str], bool]:
    """Return a predicate: whether a file is private, excluded, or kept from assistants."""
    top = Path(repository.common_dir).parent
    ignores = Ignores([top], ASSISTANTS)

    def is_left_out(name: str) -> bool:
        try:
            return is_sensitive(name, exclude) or ignores.exclusion(top / name) is not None
        except OSError:  # deeper than any path that people keep
            return True

    return is_left_out


def _stat_all(paths: Sequence[str]) -> tuple[object, ...]:
    """Stat data that changes when one of the files changes."""
    return tuple(_stat(path) for path in paths)


def _stat(path: str) -> object:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
