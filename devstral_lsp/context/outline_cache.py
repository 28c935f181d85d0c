"""Outlines of files and open documents, kept until the file or the document changes.

Bounded in number; trees are not kept, since one of 10,000 lines takes several megabytes. Blocks:
reads and parses, so call it in a thread, one at a time. Refuses what is private or ignored.
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

MOST_KEPT = 256
LARGEST_FILE = 512 * 1024
"""Bytes. What is larger is rarely written by hand."""


@dataclass(frozen=True, slots=True)
class CachedOutline:
    """What a file defines and imports."""

    language: str
    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]


_Mark = tuple[int, int] | Text | str
"""What must not have changed: a file's time and size, a document's text."""


class OutlineCache:
    """Remembers outlines by what they are of."""

    def __init__(self, *, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[_Mark, CachedOutline | None]] = OrderedDict()

    def of_file(self, path: Path, ignores: Ignores) -> CachedOutline | None:
        """The outline of a file on the disk; None where there is none, or it is left out.

        A file that was kept may be left out by now.
        """
        try:
            status = stat_of_file(path, within=ignores.within)
        except OSError:
            return None
        if ignores.leaves_out(path):
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
        outlined = _outlined(normalize_newlines(str(snapshot.text)), snapshot.language)
        self._keep(snapshot.uri, snapshot.text, outlined)
        return outlined

    def of_part(self, uri: str, number: int, text: str, language: str) -> CachedOutline:
        """The outline of the part with this number of a document that is being typed in."""
        key = f"{uri}#{number}"
        kept = self._kept.get(key)
        if kept is not None and kept[0] == text and kept[1] is not None:
            return kept[1]
        outlined = _outlined(text, language)
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
        text = read_text(path, max_bytes=LARGEST_FILE, within=within, errors="strict")
    except (OSError, UnicodeDecodeError):
        return None
    return _outlined(normalize_newlines(text), language) if "\0" not in text else None


def _outlined(text: str, language: str) -> CachedOutline:
    return CachedOutline(language, outline(text, language), imports_of(text, language))
