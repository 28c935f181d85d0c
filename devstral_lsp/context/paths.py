"""Compute the file name to show to a model: relative to the repository, never an absolute path.

Codestral was trained on whole repositories, so a name carries meaning: language, topic, and whether
the file is a test.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from devstral_lsp.languages import file_extension

_ON_DISK = frozenset({"file", "vscode-notebook-cell"})


MAX_FOLDERS = 256
"""Maximum number of parent folders to search for the repository."""


def display_path(uri: str, language: str, folders: Sequence[Path] = ()) -> str:
    """The document's name with "/", relative to the innermost workspace folder that contains it.

    Outside of all folders it is relative to the repository; outside of any, the bare file name. An
    unsaved document is named after its language. A notebook's cell has the notebook's name with the
    suffix of its language.
    """
    path = uri_to_path(uri)
    if path is None:
        return f"untitled{file_extension(language)}"
    if urlsplit(uri).scheme == "vscode-notebook-cell":
        path = path.with_suffix(file_extension(language) or path.suffix)
    root = workspace_root(path, folders) or repository_root(path)
    name = path.relative_to(root).as_posix() if root is not None else path.name
    return "".join(letter if letter.isprintable() else " " for letter in name)


def uri_to_path(uri: str) -> Path | None:
    """The file that a URI refers to; None if it refers to none on this machine."""
    parts = urlsplit(uri)
    if parts.scheme not in _ON_DISK or not parts.path:
        return None
    path = unquote(parts.path)
    drive = PurePosixPath(path).parts[1:2]
    if drive and len(drive[0]) == 2 and drive[0][1] == ":":
        path = path[1:]  # "/c:/Users/…", as editors write it on Windows
    return Path(path)


def workspace_root(path: Path, folders: Sequence[Path]) -> Path | None:
    """The innermost folder that contains `path`; None if there is none."""
    holding = [folder for folder in folders if path.is_relative_to(folder)]
    return max(holding, key=lambda folder: len(folder.parts), default=None)


def repository_root(path: Path) -> Path | None:
    """The working tree of the git repository that contains `path`; reads the disk."""
    # Links are not followed: in an untrusted folder they may mount a network share.
    folders = islice(path.parents, MAX_FOLDERS)
    return next((each for each in folders if os.path.lexists(each / ".git")), None)
