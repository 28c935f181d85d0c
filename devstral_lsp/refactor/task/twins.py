"""Whether a new file would have the name of one that is there, as some file systems see names.

`Readme.md` beside `README.md` is two files on Linux and one on macOS and Windows, where writing the
one writes over the other. A name that readers take for the other one is a twin as well. Blocks:
lists folders.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from devstral_lsp.bounded_read import entries_of
from devstral_lsp.paths.names import skeleton

MOST_NAMES = 10_000
"""Of a folder. In a larger one the rest is not looked at."""


def has_twin(path: Path, root: Path, made: Iterable[Path], leaves: Path | None = None) -> bool:
    """Whether a part of `path`, below `root`, differs from a name beside it only by case, by how
    its letters are encoded, or by letters that look the same.

    `made` are files that are there, though not on the disk; `leaves` is the path that the file has
    until then.
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
        yield from (each.name for each in entries_of(folder, max_entries=MOST_NAMES))
    for path in made:
        if path != folder and path.is_relative_to(folder):
            yield path.relative_to(folder).parts[0]
