"""Detects the versions of a language that a project targets.

Regular expressions of the language search each file for the line with the version, so that files
can be incomplete, or have no parser. JSON is parsed, since it may be a single line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from devstral_lsp.bounded_read import entries_of, read_text
from devstral_lsp.languages import get_language
from devstral_lsp.languages.language import VersionSource
from devstral_lsp.refactor.types import LanguageVersion

MAX_FILE_BYTES = 512 * 1024
"""Bytes. A larger file is not maintained by hand."""
MAX_MATCHES = 4
"""Files of one pattern (`*.csproj`) that are read in a folder."""

_A_VERSION = re.compile(r"[\w.<>=!~^*|,+ -]{1,40}")
"""The text allowed as a version in a prompt: other text may contain instructions to the model."""


def detect_versions(file: Path, root: Path, language_id: str) -> tuple[LanguageVersion, ...]:
    """The versions stated in the folders from that of `file` up to `root`; the nearest counts.

    Blocks. `source` of each is the name of the file that states it.
    """
    sources = get_language(language_id).version_sources
    found: dict[str, LanguageVersion] = {}
    for folder in ancestors_within(file, root):
        for version in _said_in(folder, sources, root):
            found.setdefault(version.language, version)
    return tuple(found.values())


def ancestors_within(file: Path, root: Path) -> Iterator[Path]:
    """The folders that contain `file`, its own first and `root` last; none outside `root`."""
    if file.is_relative_to(root):
        yield from (parent for parent in file.parents if parent.is_relative_to(root))


def _said_in(
    folder: Path, sources: Sequence[VersionSource], root: Path
) -> Iterator[LanguageVersion]:
    texts: dict[Path, str] = {}
    for source in sources:
        for path in _files(folder, source.file, root):
            if path not in texts:
                texts[path] = read_project_file(path, root)
            version = _version_in(texts[path], source).strip().replace("_", ".")
            if _A_VERSION.fullmatch(version):
                yield LanguageVersion(source.language, version, path.name)


def _version_in(text: str, source: VersionSource) -> str:
    """The version in a file; "" if there is none."""
    if source.pattern is not None:
        match = source.pattern.search(text)
        return match[1] if match is not None else ""
    whole = _json(text)
    groups = ((whole.get(group), name) for group, name in source.entries)
    found = (group.get(name) for group, name in groups if isinstance(group, dict))
    return next((each for each in found if isinstance(each, str)), "")


@lru_cache(maxsize=1)  # two sources may read the same file, one after the other
def _json(text: str) -> dict[str, Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return whole if isinstance(whole, dict) else {}


def _files(folder: Path, name: str, root: Path) -> list[Path]:
    if "*" not in name:
        return [folder / name]
    try:
        entries = entries_of(folder, within=[root])
    except OSError:
        return []
    suffix = name.removeprefix("*")
    return [folder / each.name for each in entries if each.name.endswith(suffix)][:MAX_MATCHES]


def read_project_file(
    path: Path, root: Path, max_bytes: int = MAX_FILE_BYTES, *, encoding: str = "utf-8"
) -> str:
    """The text of a file below `root`; "" for a link, a larger file and one that cannot be read."""
    if path.is_symlink():
        return ""
    try:
        return read_text(path, max_bytes=max_bytes, within=[root], encoding=encoding)
    except OSError:
        return ""
