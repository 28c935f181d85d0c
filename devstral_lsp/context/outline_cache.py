"""Cache outlines of files and open documents until they change.

Bounded in number. Does not keep trees: one for 10,000 lines takes several megabytes. Blocking: call
it in a thread, one call at a time. Leaves out private and ignored files.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.bounded_read import Within, read_text, stat_of_file
from devstral_lsp.context.gitignore import Ignores
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.languages.language import Import
from devstral_lsp.syntax.imports import imports_of
from devstral_lsp.syntax.outline import Definition, outline
from devstral_lsp.text import Snapshot, Text, normalize_newlines

MAX_KEPT = 256
MAX_FILE_BYTES = 512 * 1024
"""Size limit of a file in bytes; larger ones are rarely written by hand."""


@dataclass(frozen=True, slots=True)
class CachedOutline:
    """The definitions and imports of a file."""

    language: str
    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]


_Mark = tuple[int, int] | Text | str
"""Cache key: a file's time and size, or a document's text."""


class OutlineCache:
    """Caches outlines by file or document."""

    def __init__(self, *, most: int = MAX_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[_Mark, CachedOutline | None]] = OrderedDict()

    def of_file(self, path: Path, ignores: Ignores) -> CachedOutline | None:
        """The outline of a file on disk; None if it does not exist or must be left out.

        The ignore files are consulted each time, also for cached files.
        """
        try:
            status = stat_of_file(path, within=ignores.within)
        except OSError:
            return None
        if ignores.excludes(path):
            return None
        mark = (status.st_mtime_ns, status.st_size)
        kept = self._kept.get(str(path))
        if kept is not None and kept[0] == mark:
            return self._keep(str(path), *kept)
        return self._keep(str(path), mark, _read(path, ignores.within))

    def of_snapshot(self, snapshot: Snapshot) -> CachedOutline:
        """The outline of an open document."""
        kept = self._kept.get(snapshot.uri)
        if kept is not None and kept[0] is snapshot.text and kept[1] is not None:
            self._keep(snapshot.uri, *kept)
            return kept[1]
        outlined = _build_outline(normalize_newlines(str(snapshot.text)), snapshot.language)
        self._keep(snapshot.uri, snapshot.text, outlined)
        return outlined

    def of_part(self, uri: str, number: int, text: str, language: str) -> CachedOutline:
        """The outline of the part with this number of a document that is being edited."""
        key = f"{uri}#{number}"
        kept = self._kept.get(key)
        if kept is not None and kept[0] == text and kept[1] is not None:
            return kept[1]
        outlined = _build_outline(text, language)
        self._keep(key, text, outlined)
        return outlined

    def _keep(self, key: str, mark: _Mark, outlined: CachedOutline | None) -> CachedOutline | None:
        self._kept[key] = (mark, outlined)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return outlined


def _read(path: Path, within: Within) -> CachedOutline | None:
    language = language_id_of_path(path.as_posix())
    try:
        text = read_text(path, max_bytes=MAX_FILE_BYTES, within=within, errors="strict")
    except (OSError, UnicodeDecodeError):
        return None
    return _build_outline(normalize_newlines(text), language) if "\0" not in text else None


def _build_outline(text: str, language: str) -> CachedOutline:
    return CachedOutline(language, outline(text, language), imports_of(text, language))
