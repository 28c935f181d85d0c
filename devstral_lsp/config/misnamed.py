"""Files that were meant as ours and have another name, so that nothing in them would count.

What such a file restricts is not known to anybody but its author. Only names are looked at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

_STEMS = frozenset({"config", "conf", "settings", "devstral", "devstral-lsp", "devstral_lsp"})
_SUFFIXES = frozenset(
    {"", ".toml", ".tml", ".json", ".jsonc", ".yaml", ".yml", ".ini", ".conf", ".cfg", ".txt"}
)
"""The last suffix: "config.toml.txt" is the Notepad's. Copies as "config.toml.bak" are no slips."""
_OTHER_FOLDERS = ("devstral", "devstral_lsp")
_IN_PROJECTS = tuple(
    f"{name}{suffix}"
    for name in (".devstral", ".devstral-lsp", ".devstral_lsp", "devstral", "devstral-lsp")
    for suffix in (".toml", ".tml", ".json", ".yaml", ".yml", ".toml.txt")
)


def instead_of_user_file(path: Path) -> Path | None:
    """The file that was meant as the user file `path`, which is not there; None if there is none.

    A folder that cannot be listed counts as empty.
    """
    try:
        with os.scandir(path.parent) as entries:
            found = sorted(each.name for each in entries if _is_meant(each.name) and each.is_file())
    except OSError:
        found = []
    others = (path.parent.parent / folder / path.name for folder in _OTHER_FOLDERS)
    return _first([*(path.parent / name for name in found), *others])


def instead_of_project_file(folders: Iterable[Path], right: str) -> Path | None:
    """The same for project files, of which none of `folders` has one that is called `right`."""
    return _first(folder / name for folder in folders for name in _IN_PROJECTS if name != right)


def _is_meant(name: str) -> bool:
    stem, *_ = name.lower().split(".")
    return stem in _STEMS and os.path.splitext(name.lower())[1] in _SUFFIXES


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if _is_file_or_link(path)), None)


def _is_file_or_link(path: Path) -> bool:
    """A link counts and is not followed: in a cloned folder it may lead to a share."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)
