"""Outlines of files and open documents, kept until the file or the document changes.

Bounded in number; trees are not kept, since one of 10,000 lines takes several megabytes. Blocks:
reads and parses, so call it in a thread, one at a time. Refuses what is private or ignored.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from devstral_lsp.context.ignored import is_ignored
from devstral_lsp.context.import_lines import Import, imports_of
from devstral_lsp.context.outline import Definition, outline
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.text import Snapshot, Text, with_newlines

MOST_KEPT = 256
LARGEST_FILE = 512 * 1024
"""Bytes. What is larger is rarely written by hand."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """What a file defines and imports."""

    language: str
    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]


_Mark = tuple[int, int] | Text | str
"""What must not have changed: a file's time and size, a document's text."""


class Outlines:
    """Remembers outlines by what they are of."""

    def __init__(self, *, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[_Mark, Outlined | None]] = OrderedDict()

    def of_file(
        self, path: Path, roots: Sequence[Path], exclude: Sequence[str] = ()
    ) -> Outlined | None:
        """The outline of a file on the disk below `roots`; None if it must not be read."""
        try:
            stat = path.stat()
        except OSError:
            return None
        mark = (stat.st_mtime_ns, stat.st_size)
        kept = self._kept.get(str(path))
        if kept is not None and kept[0] == mark:
            return self._keep(str(path), *kept)
        outlined = None
        is_small = S_ISREG(stat.st_mode) and stat.st_size <= LARGEST_FILE
        if is_small and not is_ignored(path, roots, exclude):
            outlined = _read(path)
        return self._keep(str(path), mark, outlined)

    def of_snapshot(self, snapshot: Snapshot) -> Outlined:
        """The outline of an open document."""
        kept = self._kept.get(snapshot.uri)
        if kept is not None and kept[0] is snapshot.text and kept[1] is not None:
            self._keep(snapshot.uri, *kept)
            return kept[1]
        outlined = _outlined(with_newlines(str(snapshot.text)), snapshot.language)
        self._keep(snapshot.uri, snapshot.text, outlined)
        return outlined

    def of_part(self, uri: str, number: int, text: str, language: str) -> Outlined:
        """The outline of the part with this number of a document that is being typed in."""
        key = f"{uri}#{number}"
        kept = self._kept.get(key)
        if kept is not None and kept[0] == text and kept[1] is not None:
            return kept[1]
        outlined = _outlined(text, language)
        self._keep(key, text, outlined)
        return outlined

    def _keep(self, key: str, mark: _Mark, outlined: Outlined | None) -> Outlined | None:
        self._kept[key] = (mark, outlined)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return outlined


def _read(path: Path) -> Outlined | None:
    language = language_id_of_path(path.as_posix())
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return _outlined(with_newlines(text), language) if "\0" not in text else None


def _outlined(text: str, language: str) -> Outlined:
    return Outlined(language, outline(text, language), imports_of(text, language))
