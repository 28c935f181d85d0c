"""Which files are left out: what git ignores, what no assistant is to see, what is private.

What a repository leaves out is no context: build products, vendored packages and private notes are
open in editors as well. Blocks: reads the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from devstral_lsp.bounded_read import LeadsOutside, Within, real_path
from devstral_lsp.context.ignore_files import ASSISTANTS, GIT, Exclusion, IgnoreFiles
from devstral_lsp.context.paths import repository_root, uri_to_path, workspace_root
from devstral_lsp.context.sensitive_files import is_sensitive

_ALWAYS = frozenset({".git", "node_modules", "__pycache__", ".venv", ".tox", "site-packages"})
_OF_A_USER = frozenset({"file", "untitled", "vscode-notebook-cell"})
"""Schemes of documents that users write; others are output, settings, the other side of a diff."""


class Ignores:
    """Which files of some folders are left out. To be used for one piece of work."""

    def __init__(
        self,
        roots: Sequence[Path],
        names: Sequence[str] = (*GIT, *ASSISTANTS),
        *,
        exclude: tuple[str, ...] = (),
    ) -> None:
        """`names` are the ignore files that count, `exclude` the patterns of `privacy.exclude`."""
        self.within = Within(roots)
        self._names = names
        self._exclude = exclude
        self._real_roots = [real_path(root, self.within) for root in roots]
        self._below: dict[Path, IgnoreFiles] = {}

    def leaves_out(self, path: Path) -> bool:
        """Whether the file at `path` is ignored, is private, or lies, links followed, below none of
        the folders.

        A repository that was just cloned must not lead anywhere else by its imports and links.
        """
        try:
            real = real_path(path, self.within)
            root = self._root(real)
            below = real.relative_to(root).parts
            return (
                is_sensitive(path.as_posix(), self._exclude)
                or is_sensitive(real.as_posix(), self._exclude)
                or not _ALWAYS.isdisjoint(below)
                or self.exclusion(real) is not None
            )
        except OSError:
            return True

    def exclusion(self, real: Path, *, is_folder: bool = False) -> Exclusion | None:
        """The ignore file that leaves out `real`, which leads through no link.

        Raises UnreadableFile for what lies in none of the folders, or too deep.
        """
        return self._files(self._root(real)).exclusion(real, is_folder=is_folder)

    def _files(self, root: Path) -> IgnoreFiles:
        """Read from the top of the repository that holds the folder, if one does."""
        if root not in self._below:
            self._below[root] = IgnoreFiles(repository_root(root / "x") or root, self._names)
        return self._below[root]

    def _root(self, real: Path) -> Path:
        """The outermost of the folders that hold `real`."""
        holding = [root for root in self._real_roots if real.is_relative_to(root)]
        if not holding:
            raise LeadsOutside(real)
        return min(holding, key=lambda root: len(root.parts))


def is_ignored(path: Path, roots: Sequence[Path], exclude: tuple[str, ...] = ()) -> bool:
    """Whether one file is left out; see `Ignores.leaves_out`."""
    return Ignores(roots, exclude=exclude).leaves_out(path)


def may_be_shown(uri: str, folders: Sequence[Path], exclude: tuple[str, ...]) -> bool:
    """Whether an open document may be context for others. One without a usable URI may not."""
    try:
        if urlsplit(uri).scheme not in _OF_A_USER:
            return False
        path = uri_to_path(uri)
        if path is None:
            return True
        roots = folders if workspace_root(path, folders) else [repository_root(path) or path.parent]
        return not is_ignored(path, roots, exclude)
    except (OSError, ValueError, RuntimeError):  # of a path that cannot be, of links in a circle
        return False


def kept_from_assistants(path: Path, roots: Sequence[Path]) -> Exclusion | None:
    """The file by which the user keeps the one at `path` from assistants; None if there is none.

    `path` may lie below none of `roots`: it is a document that the user opened. Raises OSError.
    """
    try:
        real = real_path(path, roots)
    except LeadsOutside:
        real = path.resolve()
        roots = [repository_root(real) or real.parent]
    return Ignores(roots, ASSISTANTS).exclusion(real)
