"""Context source: the staged diff, while a commit message is being written.

Runs git, read-only, within limits, and only for a commit message inside a repository. What the
repository's own configuration would have git run (external diffs, text conversion, file system
monitors) is not run.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from devstral_lsp.context.base import HIGHEST_SCORE, Query, Snippet
from devstral_lsp.context.file_name import path_of
from devstral_lsp.context.private import is_private

MOST_BYTES = 400_000
"""Of git's output; the rest of a larger diff is not read."""
TIMEOUT_S = 5.0
BUDGET_SHARE = 0.9
"""Of the budget: nothing else helps with a commit message as much."""
SHORTEST_FILE = 300
"""Code points that each file of the diff gets at least, as long as there is room."""

_LANGUAGES = frozenset({"git-commit", "gitcommit", "scminput"})
_READ_ONLY = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
_DIFF = ("diff", "--cached", "--no-color", "--no-ext-diff", "--no-textconv", "--unified=2")


class GitMessage:
    """The source. The diff is asked for again when git's index has changed."""

    name = "git_message"

    def __init__(self, git: str = "git") -> None:
        self._git = git
        self._last: tuple[object, str] = (None, "")

    async def snippets(self, query: Query) -> Sequence[Snippet]:
        """The diff as one snippet, cut to the budget; nothing for any other document."""
        where = await asyncio.to_thread(_where, query) if is_message(query) else None
        if where is None:
            return []
        folder, options, mark = where
        if self._last[0] != mark:
            self._last = (mark, await self._diff(folder, options))
        most = int(query.budget_characters * BUDGET_SHARE)
        shown = shortened(self._last[1], most, query.exclude)
        return [Snippet("staged.diff", shown, self.name, HIGHEST_SCORE)] if shown else []

    async def _diff(self, folder: Path, options: tuple[str, ...]) -> str:
        process = await asyncio.create_subprocess_exec(
            self._git,
            *options,
            *_READ_ONLY,
            *_DIFF,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                output = await _read(process.stdout, MOST_BYTES)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return output.decode("utf-8", "replace").replace("\r\n", "\n")


def is_message(query: Query) -> bool:
    """Whether the document is a git commit message."""
    uri = query.snapshot.uri
    return query.snapshot.language in _LANGUAGES or uri.endswith("/COMMIT_EDITMSG")


def shortened(diff: str, most: int, exclude: Sequence[str] = ()) -> str:
    """The diff within `most` code points: of each file a piece, and small ones whole.

    Private files are left out. What is cut is cut at the end of a line.
    """
    files = [each for each in re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE) if each]
    files = [_without_preamble(each) for each in files if not _is_private(each, exclude)]
    shown: dict[int, str] = {}
    for left, index in enumerate(sorted(range(len(files)), key=lambda i: (len(files[i]), i))):
        fair = max(SHORTEST_FILE, (most - sum(map(len, shown.values()))) // (len(files) - left))
        piece = _head(files[index], min(fair, most - sum(map(len, shown.values()))))
        shown[index] = piece
    return "".join(shown[index] for index in sorted(shown)).rstrip("\n")


def _head(text: str, most: int) -> str:
    return text if len(text) <= most else text[: text.rfind("\n", 0, max(0, most)) + 1]


def _without_preamble(file: str) -> str:
    """Without `index 1234..5678 100644`, which says nothing."""
    return re.sub(r"^index .*\n", "", file, count=1, flags=re.MULTILINE)


def _is_private(file: str, exclude: Sequence[str]) -> bool:
    head = file.partition("\n")[0].removeprefix("diff --git ")
    return any(is_private(name.strip('"')[2:], exclude) for name in _both_names(head))


def _both_names(head: str) -> list[str]:
    """`a/x b/x` as its two names; a name may hold blanks."""
    middle = (len(head) - 1) // 2
    first, second = head[:middle], head[middle + 1 :]
    return [first, second] if first[2:] == second[2:] else head.split(" ")


def _where(query: Query) -> tuple[Path, tuple[str, ...], object] | None:
    """The folder to run git in, its options, and what changes when the index does. Blocks."""
    path = path_of(query.snapshot.uri)
    git_dir = next((each for each in path.parents if _is_git_dir(each)), None) if path else None
    if git_dir is not None:
        return git_dir, (f"--git-dir={git_dir}",), _mark(git_dir / "index")
    around = [*(path.parents if path else ()), *query.folders]
    top = next((each for each in around if (each / ".git").exists()), None)
    return None if top is None else (top, (), _mark(top / ".git" / "index"))


def _is_git_dir(folder: Path) -> bool:
    """A repository's `.git`, also that of a further working tree or a submodule."""
    return (folder / "HEAD").is_file() and (
        (folder / "objects").is_dir() or (folder / "commondir").is_file()
    )


def _mark(index: Path) -> object:
    index = Path(os.environ.get("GIT_INDEX_FILE") or index)
    try:
        stat = index.stat()
    except OSError:
        return str(index)
    return str(index), stat.st_mtime_ns, stat.st_size


async def _read(stream: asyncio.StreamReader, most: int) -> bytes:
    parts, size = [], 0
    while size < most and (part := await stream.read(min(65_536, most - size))):
        parts.append(part)
        size += len(part)
    return b"".join(parts)
