"""Which files of the workspace define which names: for what no import leads to.

Walks the folders in a thread of its own, while nobody waits, and again after a while; only files
that changed are read again.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstral_lsp.context.members.library import Shelf
from devstral_lsp.context.members.sketch import has_sketches
from devstral_lsp.context.workspace_files import source_paths
from devstral_lsp.languages import language_id_of_path

MOST_FILES = 2_000
MOST_SECONDS = 20.0
MOST_USERS = 6
"""Files that are remembered for each name that is used."""
PAUSE_S = 0.0005
"""After each file, for the other threads."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Files by the types that they define or add to, and by all names that they define."""

    types: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    names: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    uses: Mapping[str, int] = field(default_factory=dict)
    """In how many files a name stands after a dot or is called."""
    users: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """Some of these files."""
    by_plain_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Types by their name in small letters, without what joins words."""


def surveyed(shelf: Shelf) -> Survey:
    """Looks through the folders. Blocks."""
    types: dict[str, list[Path]] = defaultdict(list)
    names: dict[str, list[Path]] = defaultdict(list)
    uses: Counter[str] = Counter()
    users: dict[str, list[Path]] = defaultdict(list)
    ends_s = time.monotonic() + MOST_SECONDS
    count = 0
    for path in source_paths(shelf.roots):
        if count >= MOST_FILES or time.monotonic() > ends_s:
            break
        if path is None or not has_sketches(language_id_of_path(path.as_posix())):
            continue
        sketch = shelf.sketch(path)
        count += 1
        time.sleep(PAUSE_S)
        if sketch is not None:
            for name in sketch.types:
                types[name].append(path)
            for name in sketch.names:
                names[name].append(path)
            uses.update(sketch.uses)
            for name in sketch.uses:
                if uses[name] <= MOST_USERS:
                    users[name].append(path)
    return Survey(_frozen(types), _frozen(names), dict(uses), _frozen(users), _by_plain_name(types))


def plain_name(name: str) -> str:
    """`http_client` and `HttpClient` alike."""
    return name.replace("_", "").replace("$", "").lower()


def _frozen(found: Mapping[str, list[Path]]) -> dict[str, tuple[Path, ...]]:
    return {name: tuple(paths) for name, paths in found.items()}


def _by_plain_name(types: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in types:
        found[plain_name(name)].append(name)
    return {plain: tuple(names) for plain, names in found.items()}
