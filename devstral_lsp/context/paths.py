"""The name that a model is told for a document: within its repository, never the machine's path.

Codestral was trained on whole repositories, so the name of the file carries meaning: the language,
the folder's subject, whether it is a test. Knows nothing of texts.
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
"""Of those that hold a file, which are looked through for the repository's."""


def display_path(uri: str, language: str, folders: Sequence[Path] = ()) -> str:
    """The document's name, with "/": from the innermost workspace folder that holds it.

    Outside of all folders it counts from the repository that holds it, and outside of any it is
    the bare file name. A document that was never saved is named by its language. A notebook's cell
    has its notebook's name with the suffix of its own language, in which it is written.
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
    """The file that a URI names; None if it names none on this machine."""
    parts = urlsplit(uri)
    if parts.scheme not in _ON_DISK or not parts.path:
        return None
    path = unquote(parts.path)
    drive = PurePosixPath(path).parts[1:2]
    if drive and len(drive[0]) == 2 and drive[0][1] == ":":
        path = path[1:]  # "/c:/Users/…", as editors on Windows write it
    return Path(path)


def workspace_root(path: Path, folders: Sequence[Path]) -> Path | None:
    """The innermost of the folders that hold `path`; None if none does."""
    holding = [folder for folder in folders if path.is_relative_to(folder)]
    return max(holding, key=lambda folder: len(folder.parts), default=None)


def repository_root(path: Path) -> Path | None:
    """The working tree of the git repository that holds `path`; touches the disk."""
    # A link is not followed: in a folder of a stranger it may lead to a share that is mounted then.
    folders = islice(path.parents, MAX_FOLDERS)
    return next((each for each in folders if os.path.lexists(each / ".git")), None)
