"""Find the repository that git itself would open for a folder, and refuse all others.

A clone may contain a bare repository as plain files, and an archive a `.git` that leads into
another repository of its user. Neither is opened. A `.git` file is trusted only if the folder that
it names points back to it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.git.config import parse_config
from devstral_lsp.git.files import Files, real_path
from devstral_lsp.git.ownership import is_trusted
from devstral_lsp.git.work import Missing, Unreadable, Work

DOT_GIT = ".git"
_MAX_CONFIG_BYTES = 500_000
_MAX_POINTER_BYTES = 8_192
"""Size limit of a file that holds a path or a reference."""
_HASH_BYTES = {"sha1": 20, "sha256": 32}
_KNOWN_EXTENSIONS = frozenset(
    {"noop", "noop-v1", "preciousobjects", "partialclone", "worktreeconfig", "objectformat"}
    | {"compatobjectformat", "refstorage", "relativeworktrees", "submodulepathconfig"}
)
"""In repository format 1, git refuses unknown extensions (gitrepository-layout(5))."""
_HEAD = re.compile(rb"ref:\s*refs/|[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Repository:
    """The folders of a repository: `git_dir` has its index and HEAD, `common_dir` everything else.

    Both are real paths. `index` is the index's name in `git_dir`.
    """

    git_dir: str
    common_dir: str
    index: str = "index"
    hash_bytes: int = 20
    has_reftable: bool = False


def find_message_repository(
    path: Path, environ: Mapping[str, str], work: Work
) -> Repository | None:
    """The repository whose `.git` folder contains a commit message at `path`; None if there is
    none.

    Raises Unreadable if git, run in that repository's working tree, would not find it.
    """
    parts = path.parent.parts
    if DOT_GIT not in parts:
        return None
    above = len(parts) - 1 - parts[::-1].index(DOT_GIT)
    top = str(Path(*parts[:above]))
    holder = real_path(top, top)
    git_dir = os.path.join(holder, *parts[above:])
    if real_path(git_dir, holder) != git_dir:
        raise Unreadable("a link")
    top = holder if len(parts) == above + 1 else _working_tree(Files(git_dir, work))
    found = find_repository(Path(top), environ, work)
    if found is None or found.git_dir != git_dir:
        raise Unreadable("no repository that git would open")
    return found


def find_repository(folder: Path, environ: Mapping[str, str], work: Work) -> Repository | None:
    """The repository that git would open in `folder`; None if there is none.

    Raises Unreadable if it is bare, belongs to another user, or cannot be read.
    """
    at = real_path(str(folder), str(folder))
    device = _device(at)
    while True:
        work.spend()
        if (found := _in_folder(at, work)) is not None:
            return _check(found, at, environ, work)
        above = os.path.dirname(at)
        if above == at or (device is not None and _device(above) != device):
            return None
        at, device = above, _device(above)


def _in_folder(at: str, work: Work) -> tuple[str, str] | None:
    """The git folder and the common folder of a working tree whose top is `at`."""
    files = Files(at, work)
    try:
        mode = os.lstat(os.path.join(at, DOT_GIT)).st_mode
    except (OSError, ValueError):
        mode = 0
    if stat.S_ISDIR(mode):
        git_dir = os.path.join(at, DOT_GIT)
        inner = Files(git_dir, work)
        if _is_git_dir(inner, inner):
            return git_dir, git_dir
    elif stat.S_ISREG(mode):
        return _resolve_git_file(at, files, work)
    elif mode:
        raise Unreadable("a .git that is neither a folder nor a file")
    if files.is_folder("objects") and os.path.lexists(os.path.join(at, "HEAD")):
        raise Unreadable("a bare repository")
    return None


def _resolve_git_file(at: str, files: Files, work: Work) -> tuple[str, str]:
    """The target of a `.git` file, as in a submodule or a linked worktree."""
    text = _pointer(files, DOT_GIT)
    if not text.startswith("gitdir: "):
        raise Unreadable("a .git file that names no folder")
    git_dir = real_path(os.path.join(at, text.removeprefix("gitdir: ")), at)
    inner = Files(git_dir, work)
    if real_path(_working_tree(inner), git_dir) != at:
        raise Unreadable("a .git file that leads into another's repository")
    common_dir = _common_dir(inner)
    if not _is_git_dir(inner, Files(common_dir, work)):
        raise Unreadable("a .git file that names no repository")
    return git_dir, common_dir


def _working_tree(files: Files) -> str:
    """The working tree of a git folder that belongs to a linked worktree or a submodule."""
    try:
        dot_git = _pointer(files, "gitdir")
    except Missing:
        pass
    else:
        path, name = os.path.split(os.path.join(files.folder, dot_git))
        if name != DOT_GIT:
            raise Unreadable("a working tree without a .git file")
        return path
    config = {**_config(files, "config"), **_config(files, "config.worktree")}
    if not (worktree := config.get("core.worktree")):
        raise Unreadable("a git folder that names no working tree")
    return os.path.join(files.folder, worktree)


def _common_dir(files: Files) -> str:
    try:
        named = _pointer(files, "commondir")
    except Missing:
        return files.folder
    common_dir = real_path(os.path.join(files.folder, named), files.folder)
    if os.path.dirname(files.folder) != os.path.join(common_dir, "worktrees"):
        raise Unreadable("a working tree of another repository")
    return common_dir


def _is_git_dir(files: Files, common: Files) -> bool:
    try:
        head = files.read("HEAD", _MAX_POINTER_BYTES)
    except Unreadable:
        return False
    is_whole = common.is_folder("objects") and common.is_folder("refs")
    return is_whole and _HEAD.match(head) is not None


def _check(found: tuple[str, str], top: str, environ: Mapping[str, str], work: Work) -> Repository:
    """The repository, if it belongs to the user and has a supported format."""
    git_dir, common_dir = found
    if git_dir == common_dir and os.path.lexists(os.path.join(git_dir, "commondir")):
        raise Unreadable("a working tree of another repository")
    if not is_trusted(top, {git_dir, top, os.path.join(top, DOT_GIT)}, environ):
        raise Unreadable("another user's repository")
    config = _config(Files(common_dir, work), "config")
    version = config.get("core.repositoryformatversion", "0").strip() or "0"
    extensions = {
        key.removeprefix("extensions."): value.lower()
        for key, value in config.items()
        if key.startswith("extensions.")
    }
    if version not in ("0", "1") or (version == "1" and not extensions.keys() <= _KNOWN_EXTENSIONS):
        raise Unreadable("a repository of an unknown format")
    storage = extensions.get("refstorage", "files")
    hashed = extensions.get("objectformat", "sha1") if version == "1" else "sha1"
    if storage not in ("files", "reftable") or hashed not in _HASH_BYTES:
        raise Unreadable("a repository of an unknown format")
    return Repository(
        git_dir,
        common_dir,
        _index(git_dir, top, environ),
        _HASH_BYTES[hashed],
        storage == "reftable",
    )


def _index(git_dir: str, top: str, environ: Mapping[str, str]) -> str:
    """The name of the index. `git commit -a` gives its editor a separate one in the same folder."""
    named = environ.get("GIT_INDEX_FILE", "")
    path = os.path.normpath(os.path.join(top, named))
    holder, name = os.path.split(path)
    is_ours = bool(named) and os.path.realpath(holder) == git_dir and os.path.isfile(path)
    return name if is_ours else "index"


def _pointer(files: Files, name: str) -> str:
    """The path in a file."""
    text = os.fsdecode(files.read(name, _MAX_POINTER_BYTES)).rstrip("\r\n")
    if not text or "\0" in text:
        raise Unreadable("a file that names no folder")
    return text


def _config(files: Files, name: str) -> dict[str, str]:
    try:
        data = files.read(name, _MAX_CONFIG_BYTES)
    except Missing:
        return {}
    return dict(parse_config(data.decode("utf-8", "surrogateescape")))


def _device(path: str) -> int | None:
    try:
        return os.stat(path).st_dev
    except (OSError, ValueError):
        return None
