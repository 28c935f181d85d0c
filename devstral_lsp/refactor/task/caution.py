"""Why a change of a file is more than a change of text: who runs or obeys the file by itself.

Adds to `sensitive_paths.py` what only the disk tells. Blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from devstral_lsp.bounded_read import entries_of
from devstral_lsp.context.file_name import repository_of
from devstral_lsp.sensitive_paths import why_program, why_sensitive

MOST_NAMES = 10_000
"""Of a folder that is looked through for links."""


def caution_of(path: Path, root: Path, text: str) -> str:
    """The reason as a clause, "" if there is none, for a file below the workspace folder `root`.

    `path` has no links in it; `text` is what the file holds, or is to hold.
    """
    reason = why_sensitive(_tracked_name(path, root)) or why_program(text, _mode(path))
    return reason or next(filter(None, map(why_sensitive, _linked_names(path, root))), "")


def caution_of_link(file: Path, root: Path) -> str:
    """Why a document of the folder `root` is another file than it seems, "" if it is what it seems.

    A link in a cloned folder may lead to a file that a machine runs, or out of the folder.
    """
    try:
        named, target = file.relative_to(root), file.resolve()
        if not target.is_relative_to(root.resolve()):
            return "it is a link that leads out of the folder"
        real = target.relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return ""
    return why_sensitive(real.as_posix()) if real != named else ""


def _tracked_name(path: Path, root: Path) -> str:
    """The path from the repository that holds the workspace folder: what the user opened may be the
    very folder whose files are run."""
    repository = repository_of(root / "x") or root
    return path.relative_to(repository).as_posix()


def _linked_names(path: Path, root: Path) -> Iterator[str]:
    """The links that lead to the file or to a folder that holds it: `.husky -> tools`."""
    for folder in dict.fromkeys((root, path.parent)):
        with suppress(OSError, RuntimeError):
            entries = entries_of(folder, max_entries=MOST_NAMES)
            for link in (each for each in entries if each.is_symlink()):
                target = Path(link.path).resolve()
                if path == target or target in path.parents:
                    yield link.name


def _mode(path: Path) -> int | None:
    """The permissions of a file, None if there is none."""
    try:
        return path.stat().st_mode
    except OSError:
        return None
