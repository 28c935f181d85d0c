"""Index which files of the workspace define which names, for types that no import leads to.

Runs in a thread in the background, and again after a while; re-reads only changed files.
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

MAX_FILES = 2_000
MAX_SECONDS = 20.0
MAX_USERS = 6
"""Maximum files stored for each used name."""
PAUSE_S = 0.0005
"""Pause after each file, for the other threads."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Files by the types that they define or extend, and by all names that they define."""

    types: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    names: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    uses: Mapping[str, int] = field(default_factory=dict)
    """The number of files in which a name occurs after a dot or is called."""
    users: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """Some of these files."""
    by_plain_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Types by normalized name."""


def survey_workspace(shelf: Shelf) -> Survey:
    """Survey the folders. Blocking."""
    types: dict[str, list[Path]] = defaultdict(list)
    names: dict[str, list[Path]] = defaultdict(list)
    uses: Counter[str] = Counter()
    users: dict[str, list[Path]] = defaultdict(list)
    ends_s = time.monotonic() + MAX_SECONDS
    count = 0
    for path in source_paths(shelf.roots):
        if count >= MAX_FILES or time.monotonic() > ends_s:
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
                if uses[name] <= MAX_USERS:
                    users[name].append(path)
    return Survey(_freeze(types), _freeze(names), dict(uses), _freeze(users), _by_plain_name(types))


def normalize_name(name: str) -> str:
    """Normalize a name: `http_client` and `HttpClient` become equal."""
    return name.replace("_", "").replace("$", "").lower()


def _freeze(found: Mapping[str, list[Path]]) -> dict[str, tuple[Path, ...]]:
    return {name: tuple(paths) for name, paths in found.items()}


def _by_plain_name(types: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in types:
        found[normalize_name(name)].append(name)
    return {plain: tuple(names) for plain, names in found.items()}
