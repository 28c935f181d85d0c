"""Whether git ignores a file: what a repository leaves out is no context either.

Build products, vendored packages and private notes are open in editors as well. Asks for single
files, where `workspace_files.py` walks whole folders. Blocks: reads `.gitignore` files, each once
until it changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from devstral_lsp.context.file_name import repository_of
from devstral_lsp.context.private import is_private

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_ALWAYS = frozenset({".git", "node_modules", "__pycache__", ".venv", ".tox", "site-packages"})


def is_ignored(path: Path, roots: Sequence[Path], exclude: Sequence[str] = ()) -> bool:
    """Whether git ignores the file at `path`, or it lies, links followed, below none of `roots`, or
    is private. `exclude` are the patterns of `privacy.exclude`, as a tuple.

    A repository that was just cloned must not lead anywhere else by its imports and links.
    """
    named, path = path, path.resolve()
    holding = [each.resolve() for each in roots if path.is_relative_to(each.resolve())]
    names = (named.as_posix(), path.as_posix())
    if not holding or any(is_private(name, exclude) for name in names):
        return True
    root = repository_of(path) or min(holding, key=lambda each: len(each.parts))
    parts = path.relative_to(root).parts
    if any(part in _ALWAYS for part in parts):
        return True
    depths = range(1, len(parts) + 1)
    return any(_matched(root, parts[:depth], is_folder=depth < len(parts)) for depth in depths)


def _matched(root: Path, parts: tuple[str, ...], *, is_folder: bool) -> bool:
    """Whether a pattern names exactly this file or folder; the innermost pattern decides."""
    verdict = False
    for depth, spec in _specs(root, parts):
        name = "/".join(parts[depth:]) + ("/" if is_folder else "")
        included = spec.check_file(name).include
        verdict = verdict if included is None else included
    return verdict


def _specs(root: Path, parts: tuple[str, ...]) -> Iterator[tuple[int, GitIgnoreSpec]]:
    """The patterns that apply, the outermost first, each with the depth of its folder."""
    folder = root
    for depth in range(len(parts)):
        folder = folder / parts[depth - 1] if depth else root
        yield from ((depth, spec) for spec in patterns_in(folder))


def patterns_in(folder: Path) -> Iterator[GitIgnoreSpec]:
    """What git is told to ignore by the files of a folder; a later one decides over a former."""
    for file in (folder / ".git/info/exclude", folder / ".gitignore"):
        try:
            stat = file.stat()
        except OSError:
            continue
        yield _spec(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _spec(file: Path, mtime_ns: int, size: int) -> GitIgnoreSpec:
    """The patterns of a file; the times and size are there to make a changed file a new key."""
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(file.read_text("utf-8", "replace").splitlines())
    except (OSError, ValueError):
        return GitIgnoreSpec.from_lines([])
