"""Context source: the staged diff, while a commit message is being written.

The repository is read, within limits, by `devstral_lsp.git`: git is not run, so that nothing which
a repository configures can be. Only a repository that git itself would open there is read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.context.base import HIGHEST_SCORE, ContextQuery, Snippet
from devstral_lsp.context.gitignore import Ignores
from devstral_lsp.context.ignore_files import ASSISTANTS
from devstral_lsp.context.paths import uri_to_path, workspace_root
from devstral_lsp.context.sensitive_files import is_sensitive
from devstral_lsp.git.history import recent_messages
from devstral_lsp.git.repository import Repository, repository_of_folder, repository_of_message
from devstral_lsp.git.unified import staged_diff
from devstral_lsp.git.work import Unreadable, Work

MOST_BYTES = 400_000
"""Of the diff; the rest of a larger one is not read."""
TIMEOUT_S = 2.0
MOST_TRIES = 3
"""Where that is not enough; then what was read by that time has to do, until the index changes."""
MOST_WORK_BYTES = 400_000_000
"""That are read, unpacked or compared for one diff."""
MOST_STEPS = 5_000_000
BUDGET_SHARE = 0.9
"""Of the budget: nothing else helps with a commit message as much."""
SHORTEST_FILE = 300
"""Code points that each file of the diff gets at least, as long as there is room."""

MOST_MESSAGES = 8
"""Earlier messages that show a repository's style."""

_LANGUAGES = frozenset({"git-commit", "gitcommit", "scminput"})


@dataclass(frozen=True, slots=True)
class _StagedDiff:
    """The staged diff by file, and when it may be another one: as the marks of files change."""

    uri: str
    folders: tuple[Path, ...]
    exclude: tuple[str, ...]
    marked: tuple[str, ...]
    marks: tuple[object, ...]
    diffs: tuple[str, ...]
    late: int = 0
    """How many times in a row there was no time for all of it."""

    def stands_for(self, query: ContextQuery) -> bool:
        asked = (query.snapshot.uri, query.folders, query.exclude)
        return (self.uri, self.folders, self.exclude) == asked and self.marks == _marks(self.marked)


class CommitMessage:
    """The source. The repository is read again when git's index or HEAD has changed."""

    name = "git_message"

    def __init__(self) -> None:
        self._last: _StagedDiff | None = None

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """The diff as one snippet, cut to the budget; nothing for any other document."""
        if not is_message(query):
            return []
        work = Work(TIMEOUT_S, MOST_WORK_BYTES, MOST_STEPS)
        try:
            diffs = await asyncio.to_thread(self._diffs, query, work)
        except asyncio.CancelledError:
            work.stop()
            raise
        shown = truncate_diff(diffs, int(query.budget_characters * BUDGET_SHARE))
        return [Snippet("staged.diff", shown, self.name, HIGHEST_SCORE)] if shown else []

    def _diffs(self, query: ContextQuery, work: Work) -> Sequence[str]:
        """Blocks for as long as the work may take."""
        last = self._last if self._last is not None and self._last.stands_for(query) else None
        if last is not None and not 0 < last.late < MOST_TRIES:
            return last.diffs
        repository = _repository(query, work)
        if repository is None:
            return ()
        marked = tuple(f"{repository.git_dir}/{name}" for name in (repository.index, "HEAD"))
        marks = _marks(marked)
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
    work = Work(TIMEOUT_S, MOST_WORK_BYTES, MOST_STEPS)

    def read() -> StagedChanges | None:
        repository = _repository(query, work)
        if repository is None:
            return None
        diffs = _readable_diff(repository, query.exclude, work)
        shown = truncate_diff(diffs, query.budget_characters)
        return StagedChanges(shown, tuple(recent_messages(repository, work, MOST_MESSAGES)))

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
    """The files' diffs within `most` code points: of each a piece, and small ones whole.

    What is cut is cut at the end of a line.
    """
    shown: dict[int, str] = {}
    for left, index in enumerate(sorted(range(len(files)), key=lambda i: (len(files[i]), i))):
        fair = max(SHORTEST_FILE, most // (len(files) - left))
        shown[index] = _head(files[index], min(fair, most))
        most -= len(shown[index])
    return "".join(shown[index] for index in sorted(shown)).rstrip("\n")


def _head(text: str, most: int) -> str:
    return text if len(text) <= most else text[: text.rfind("\n", 0, max(0, most)) + 1]


def _repository(query: ContextQuery, work: Work) -> Repository | None:
    """The one that the message is written for: whose `.git` holds it, or in whose tree it stands.

    Without a file, as in a box for messages, that of the first folder which has one.
    """
    path = uri_to_path(query.snapshot.uri)
    try:
        if path is not None and not _leads_outside(path, query.folders):
            holding = repository_of_message(path, os.environ, work)
            if found := holding or repository_of_folder(path.parent, os.environ, work):
                return found
        for folder in query.folders:
            if found := repository_of_folder(folder, os.environ, work):
                return found
    except Unreadable:
        pass  # another folder's changes would be the wrong ones
    return None


def _leads_outside(path: Path, folders: Sequence[Path]) -> bool:
    """Whether a link of the workspace leads to the folder of `path`, which is not in it."""
    root = workspace_root(path, folders)
    if root is None:
        return False
    real, top = os.path.realpath(path.parent), os.path.realpath(root)
    return real != top and not real.startswith(os.path.join(top, ""))


def _readable_diff(repository: Repository, exclude: tuple[str, ...], work: Work) -> Sequence[str]:
    try:
        return staged_diff(repository, _left_out_of(repository, exclude), work, MOST_BYTES)
    except Unreadable:
        return ()


def _left_out_of(repository: Repository, exclude: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a file of the repository is private or excluded, or is kept from assistants."""
    top = Path(repository.common_dir).parent
    ignores = Ignores([top], ASSISTANTS)

    def is_left_out(name: str) -> bool:
        try:
            return is_sensitive(name, exclude) or ignores.exclusion(top / name) is not None
        except OSError:  # too deep for anything that people keep
            return True

    return is_left_out


def _marks(paths: Sequence[str]) -> tuple[object, ...]:
    """What changes when the files do."""
    return tuple(_mark(path) for path in paths)


def _mark(path: str) -> object:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
