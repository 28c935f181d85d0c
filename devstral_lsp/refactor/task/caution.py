"""Why a change of a file needs confirmation, as far as only the disk shows it.

A program may run or obey the file under another name, by a link. A new file may have the name of an
existing one on some file systems: `Readme.md` and `README.md` are two files on Linux, but one on
macOS and Windows, where writing one overwrites the other. Blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from devstral_lsp.bounded_read import LeadsOutside, Within, entries_of, real_path
from devstral_lsp.context.paths import repository_root
from devstral_lsp.paths.names import skeleton
from devstral_lsp.paths.sensitive import why_program, why_sensitive

MAX_ENTRIES = 10_000
"""Entries of a folder that are searched for links and for names."""
MAX_LINKS = 200
"""In one folder, with names of files that are run or obeyed. Projects have a few."""


def caution_of(path: Path, root: Path, text: str) -> str:
    """The reason as a clause, "" if there is none, for a file below the workspace folder `root`.

    `path` contains no links; `text` is the file's current or new text.
    """
    reason = why_sensitive(_tracked_name(path, root)) or why_program(text, _mode(path))
    folders = dict.fromkeys((root, path.parent))
    return reason or next(filter(None, (_why_linked(path, each, root) for each in folders)), "")


def caution_of_link(file: Path, root: Path) -> str:
    """Why a document in the folder `root` is another file than its name suggests; "" if it is not.

    A link in a cloned folder may lead to a file that runs automatically, or out of the folder.
    """
    try:
        named, within = file.relative_to(root), Within([root])
    except ValueError:
        return ""
    try:
        real = real_path(file, within).relative_to(real_path(root, within))
    except LeadsOutside:
        return "it is a link that leads out of the folder"
    except OSError:
        return "it is a link, and where it leads is not known"
    return why_sensitive(real.as_posix()) if real != named else ""


def _tracked_name(path: Path, root: Path) -> str:
    """The path in the repository: the workspace folder itself may contain files that are run."""
    repository = repository_root(root / "x") or root
    return path.relative_to(repository).as_posix()


def _why_linked(path: Path, folder: Path, root: Path) -> str:
    """The link in `folder` by which the file or its folder is run, such as `.husky -> tools`.

    Links out of `root` are not followed, because even reading them may mount a network share.
    """
    try:
        entries = entries_of(folder, max_entries=MAX_ENTRIES)
    except OSError:  # a folder that is to be made
        return ""
    if len(entries) == MAX_ENTRIES:
        return "it stands among more files than are looked through for links that run it"
    within = Within([root])
    reasons = ((each, why_sensitive(each.name)) for each in entries if each.is_symlink())
    followed = [(each.path, reason) for each, reason in reasons if reason]
    for link, reason in followed[:MAX_LINKS]:
        try:
            target = real_path(link, within)
        except LeadsOutside:
            continue
        except OSError:  # a loop; or too deep, which may yet be the file
            return f"a link that may lead to it cannot be followed: {reason}"
        if path == target or target in path.parents:
            return reason
    if len(followed) > MAX_LINKS:
        return "it stands among more links than are followed, which may run it"
    return ""


def _mode(path: Path) -> int | None:
    """The permissions of a file; None if it does not exist."""
    try:
        return path.stat().st_mode
    except OSError:
        return None


def has_twin(path: Path, root: Path, made: Iterable[Path], leaves: Path | None = None) -> bool:
    """Whether a part of `path`, below `root`, differs from a name beside it only by case, by the
    encoding of its letters, or by letters that look the same.

    `made` are files that exist in the overlay alone; `leaves` is the path that the file has until
    then.
    """
    folder, known = root, tuple(made)
    for part in path.relative_to(root).parts:
        same = skeleton(part)
        names = (each for each in _names_in(folder, known) if folder / each != leaves)
        if any(each != part and skeleton(each) == same for each in names):
            return True
        folder /= part
    return False


def _names_in(folder: Path, made: Iterable[Path]) -> Iterator[str]:
    with suppress(OSError):
        yield from (each.name for each in entries_of(folder, max_entries=MAX_ENTRIES))
    for path in made:
        if path != folder and path.is_relative_to(folder):
            yield path.relative_to(folder).parts[0]
