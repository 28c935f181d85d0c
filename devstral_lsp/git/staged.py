"""Compare the index with the last commit: which files are added, deleted or changed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from devstral_lsp.git.files import Files
from devstral_lsp.git.index import FOLDER, Blob, Index, read_index
from devstral_lsp.git.objects import Objects
from devstral_lsp.git.refs import resolve_head
from devstral_lsp.git.repository import Repository
from devstral_lsp.git.work import Unreadable, Work

_MAX_COMMIT_BYTES = 1_000_000
_MAX_TREE_BYTES = 16_000_000
_MAX_PATH_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after; None if it does not exist. `path` is its name after, if it has one.

    `old_path` is its name before, different if it was renamed.
    """

    path: bytes
    old: Blob | None
    new: Blob | None
    old_path: bytes = b""


def find_staged_changes(repository: Repository, objects: Objects, work: Work) -> list[Change]:
    """The changes by path. Raises Unreadable."""
    index = read_index(
        Files(repository.git_dir, work), repository.index, repository.hash_bytes, work
    )
    comparison = _Comparison(index, objects, repository.hash_bytes, work)
    if (commit := resolve_head(repository, work)) is not None:
        comparison.walk(_tree_of(objects.read(commit, "commit", _MAX_COMMIT_BYTES)))
    return comparison.changes()


class _Comparison:
    """The files of the last commit and of the index, without folders that are equal."""

    def __init__(self, index: Index, objects: Objects, hash_bytes: int, work: Work) -> None:
        self._index = index
        self._objects = objects
        self._hash_bytes = hash_bytes
        self._work = work
        self._before: dict[bytes, Blob] = {}
        self._same: list[bytes] = []
        self._whole = dict(index.folders)

    def walk(self, top: bytes) -> None:
        """Read the tree of the last commit."""
        waiting = [(top, b"")]
        while waiting:
            tree, prefix = waiting.pop()
            if prefix in self._whole and self._whole.pop(prefix) != tree:
                self._index.files.update(self._files_of(self._index.folders[prefix], prefix))
            elif prefix in self._index.folders or self._index.trees.get(prefix) == tree:
                self._same.append(prefix)
                continue
            for mode, name, oid in self._entries(tree):
                if mode == FOLDER:
                    waiting.append((oid, self._join_path(prefix, name) + b"/"))
                else:
                    self._before[self._join_path(prefix, name)] = mode, oid

    def changes(self) -> list[Change]:
        """The differences, sorted by path."""
        for prefix, tree in self._whole.items():  # not in the last commit
            self._index.files.update(self._files_of(tree, prefix))
        before, after = self._before, self._index.files
        paths = {path for path in before if after.get(path) != before[path]}
        paths.update(path for path in self._list_compared() if path not in before)
        return [
            Change(path, before.get(path), after.get(path), path)
            for path in sorted(paths - self._index.unmerged)
        ]

    def _list_compared(self) -> Iterator[bytes]:
        """The index's paths, without those in equal folders."""
        paths = sorted(self._index.files)
        at = 0
        for prefix in sorted(self._same):
            start = bisect_left(paths, prefix, at)
            yield from paths[at:start]
            at = bisect_left(paths, prefix[:-1] + b"0", start) if prefix else len(paths)
        yield from paths[at:]

    def _files_of(self, tree: bytes, prefix: bytes) -> dict[bytes, Blob]:
        """All files below a folder."""
        found: dict[bytes, Blob] = {}
        waiting = [(tree, prefix)]
        while waiting:
            tree, prefix = waiting.pop()
            for mode, name, oid in self._entries(tree):
                path = self._join_path(prefix, name)
                if mode == FOLDER:
                    waiting.append((oid, path + b"/"))
                else:
                    found[path] = mode, oid
        return found

    def _entries(self, tree: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        data = self._objects.read(tree, "tree", _MAX_TREE_BYTES)
        at = 0
        while at < len(data):
            self._work.spend()
            end = data.find(b"\0", at)
            mode, _, name = data[at:end].partition(b" ")
            at = end + 1 + self._hash_bytes
            if end < 0 or at > len(data) or not mode.isdigit() or not name or b"/" in name:
                raise Unreadable("a tree that is cut off")
            yield int(mode, 8), name, data[at - self._hash_bytes : at]

    @staticmethod
    def _join_path(prefix: bytes, name: bytes) -> bytes:
        path = prefix + name
        if len(path) > _MAX_PATH_BYTES:
            raise Unreadable("a path without end")
        return path


def _tree_of(commit: bytes) -> bytes:
    line = commit.partition(b"\n")[0]
    try:
        return bytes.fromhex(line.removeprefix(b"tree ").decode())
    except ValueError:
        raise Unreadable("a commit without a tree") from None
