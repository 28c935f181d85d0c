"""Decide which files must not become context: ignored by git, kept from assistants, or private.

Users also open build products, vendored packages and private notes. Blocking: reads the disk.
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
"""URI schemes of documents that users write; other schemes are output, settings or sides of a diff.
"""


class Ignores:
    """Decides for the files below some folders. Caches ignore files: use it for one task."""

    def __init__(
        self,
        roots: Sequence[Path],
        names: Sequence[str] = (*GIT, *ASSISTANTS),
        *,
        exclude: tuple[str, ...] = (),
    ) -> None:
        """`names` are the ignore files to read, `exclude` the patterns of `privacy.exclude`."""
        self.within = Within(roots)
        self._names = names
        self._exclude = exclude
        self._real_roots = [real_path(root, self.within) for root in roots]
        self._below: dict[Path, IgnoreFiles] = {}

    def excludes(self, path: Path) -> bool:
        """Whether the file at `path` is ignored, private, or outside of the folders once links are
        resolved.

        The last rule keeps a freshly cloned repository from leading elsewhere by its imports and
        links.
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
        """The ignore file that excludes `real`, a path without links; None if nothing does.

        Raises UnreadableFile if the path is outside of the folders or too deep.
        """
        return self._files(self._root(real)).exclusion(real, is_folder=is_folder)

    def _files(self, root: Path) -> IgnoreFiles:
        """The ignore files of `root`, read from the top of its repository, if it has one."""
        if root not in self._below:
            self._below[root] = IgnoreFiles(repository_root(root / "x") or root, self._names)
        return self._below[root]

    def _root(self, real: Path) -> Path:
        """The outermost folder that holds `real`. Raises LeadsOutside."""
        holding = [root for root in self._real_roots if real.is_relative_to(root)]
        if not holding:
            raise LeadsOutside(real)
        return min(holding, key=lambda root: len(root.parts))


def is_ignored(path: Path, roots: Sequence[Path], exclude: tuple[str, ...] = ()) -> bool:
    """Whether one file must be left out; see `Ignores.excludes`."""
    return Ignores(roots, exclude=exclude).excludes(path)


def may_be_shown(uri: str, folders: Sequence[Path], exclude: tuple[str, ...]) -> bool:
    """Whether an open document may be context for other documents. False if its URI is unusable."""
    try:
        if urlsplit(uri).scheme not in _OF_A_USER:
            return False
        path = uri_to_path(uri)
        if path is None:
            return True
        roots = folders if workspace_root(path, folders) else [repository_root(path) or path.parent]
        return not is_ignored(path, roots, exclude)
    except (OSError, ValueError, RuntimeError):  # impossible path, or a cycle of links
        return False


def find_assistant_exclusion(path: Path, roots: Sequence[Path]) -> Exclusion | None:
    """The ignore file by which the user keeps `path` from assistants; None if there is none.

    `path` may be outside of `roots`, as a document that the user opened. Raises OSError.
    """
    try:
        real = real_path(path, roots)
    except LeadsOutside:
        real = path.resolve()
        roots = [repository_root(real) or real.parent]
    return Ignores(roots, ASSISTANTS).exclusion(real)
