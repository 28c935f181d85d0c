"""Facts and sketches of files, kept until a file changes; open documents go before the disk.

Every file is read by the bounded reader, and refused where it is private or ignored. Blocks: call
it in a thread. Bounded by what is remembered, not by the number of files.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from devstral_lsp.bounded_read import entries_of, read_text, real_path, stat_of_file
from devstral_lsp.context.gitignore import Ignores
from devstral_lsp.context.ignore_files import ASSISTANTS
from devstral_lsp.context.import_resolution import Importer, candidate_files
from devstral_lsp.context.members.facts import FileFacts
from devstral_lsp.context.members.installed import installed_files, is_installed
from devstral_lsp.context.members.parsing import parse
from devstral_lsp.context.members.queries import row_of
from devstral_lsp.context.members.reading import read_facts
from devstral_lsp.context.members.sketch import Sketch, sketch_of
from devstral_lsp.context.sensitive_files import is_sensitive
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.languages.language import Import
from devstral_lsp.text import Snapshot, Text, normalize_newlines

LARGEST_FILE = 512 * 1024
"""Bytes. What is larger is rarely written by hand."""
MOST_FACTS = 12_000
"""Members and types that are remembered: some 20 MB."""
MOST_SKETCHES = 4_000
MOST_FILES_OF_A_FOLDER = 120

_Mark = tuple[int, int] | Text
"""What must not have changed: a file's time and size, a document's text."""


class Library:
    """What is remembered between one question and the next."""

    def __init__(self) -> None:
        self._facts: OrderedDict[str, tuple[_Mark, FileFacts]] = OrderedDict()
        self._size = 0
        self.sketches: OrderedDict[Path, tuple[_Mark, Sketch]] = OrderedDict()

    def model_info(self, key: str, mark: _Mark) -> FileFacts | None:
        """What was kept under `key`, as long as the mark is the same."""
        known = self._facts.get(key)
        if known is None or not _is_same(known[0], mark):
            return None
        self._facts.move_to_end(key)
        return known[1]

    def keep(self, key: str, mark: _Mark, facts: FileFacts) -> FileFacts:
        """Remember facts; the least recently used go."""
        if (known := self._facts.pop(key, None)) is not None:
            self._size -= known[1].size + 1
        self._facts[key] = (mark, facts)
        self._size += facts.size + 1
        while self._size > MOST_FACTS and len(self._facts) > 1:
            _, (_, dropped) = self._facts.popitem(last=False)
            self._size -= dropped.size + 1
        return facts

    def keep_sketch(self, path: Path, mark: _Mark, sketch: Sketch) -> Sketch:
        """Remember a sketch."""
        self.sketches[path] = (mark, sketch)
        while len(self.sketches) > MOST_SKETCHES:
            self.sketches.popitem(last=False)
        return sketch


def _is_same(one: _Mark, other: _Mark) -> bool:
    return one is other if isinstance(one, Text) else one == other


@dataclass
class Shelf:
    """One look through the library, for one cursor: what was found out holds until its end.

    `roots` are the folders that may be read, `opened` the open documents by path. `ignores` says
    what is left out, `for_assistants` what of installed packages, which git ignores.
    """

    library: Library
    roots: tuple[Path, ...]
    opened: Mapping[Path, Snapshot]
    ignores: Ignores
    for_assistants: Ignores
    exclude: tuple[str, ...]
    _known: dict[Path, FileFacts | None] = field(default_factory=dict)
    _modules: dict[tuple[Path, str, str], tuple[Path, ...]] = field(default_factory=dict)
    _folders: dict[tuple[Path, str], tuple[Path, ...]] = field(default_factory=dict)

    def model_info(self, path: Path) -> FileFacts | None:
        """The facts of a file; None where there is none, or it is left out."""
        if path not in self._known:
            self._known[path] = self._found(path)
        return self._known[path]

    def _found(self, path: Path) -> FileFacts | None:
        opened = self.opened.get(path)
        if opened is not None:
            key = opened.uri
            known = self.library.model_info(key, opened.text)
            return known or self.library.keep(
                key, opened.text, _read(normalize_newlines(str(opened.text)), opened.language)
            )
        mark = self._mark(path)
        if mark is None:
            return None
        known = self.library.model_info(str(path), mark)
        if known is not None:
            return known
        text = self._text(path)
        language = language_id_of_path(path.as_posix())
        return self.library.keep(str(path), mark, _read(text, language))

    def sketch(self, path: Path) -> Sketch | None:
        """The sketch of a file; None where there is none, or it is left out."""
        opened = self.opened.get(path)
        mark = opened.text if opened is not None else self._mark(path)
        if mark is None:
            return None
        known = self.library.sketches.get(path)
        if known is not None and _is_same(known[0], mark):
            return known[1]
        text = str(opened.text) if opened is not None else self._text(path)
        sketch = sketch_of(normalize_newlines(text), language_id_of_path(path.as_posix()))
        return self.library.keep_sketch(path, mark, sketch)

    def module(self, wanted: Import, file: Path, language: str) -> tuple[Path, ...]:
        """The files that a module of this name means in `file`, the likeliest first."""
        key = (file, wanted.module, wanted.names[0] if wanted.names else "")
        if key not in self._modules:
            self._modules[key] = tuple(self._module(wanted, file, language))
        return self._modules[key]

    def folder(self, folder: Path, suffix: str) -> tuple[Path, ...]:
        """The files of a folder that end so and are no tests."""
        key = (folder, suffix)
        if key not in self._folders:
            self._folders[key] = tuple(self._listed(folder, suffix))
        return self._folders[key]

    def lines(self, path: Path) -> list[str]:
        """The lines of a file that may be told; none where it is left out."""
        if path not in self.opened and self._mark(path) is None:
            return []
        opened = self.opened.get(path)
        text = normalize_newlines(str(opened.text)) if opened is not None else self._text(path)
        return text.split("\n")

    def _module(self, wanted: Import, file: Path, language: str) -> Iterator[Path]:
        if row_of(language) == "go":
            yield from self._go_package(wanted, file)
            return
        importer, row = Importer(file, self.roots), row_of(language)
        own = candidate_files(wanted, importer, language)
        others = installed_files(wanted.module, importer, row, self.ignores.within)
        for path in chain(own, others):
            if self.model_info(path) is not None:
                yield path
                return

    def _go_package(self, wanted: Import, file: Path) -> Iterator[Path]:
        first = next(candidate_files(wanted, Importer(file, self.roots), "go"), None)
        if first is not None:
            yield from self.folder(first.parent, ".go")
            return
        for above in Importer(file, self.roots).ancestors:
            yield from self.folder(above / "vendor" / wanted.module, ".go")

    def _listed(self, folder: Path, suffix: str) -> Iterator[Path]:
        try:
            entries = entries_of(folder, within=self.ignores.within)
        except OSError:
            return
        names = [each.name for each in entries if each.name.endswith(suffix)]
        for name in names[:MOST_FILES_OF_A_FOLDER]:
            if not name.removesuffix(suffix).endswith(("_test", "Test", "Tests")):
                yield folder / name

    def _mark(self, path: Path) -> tuple[int, int] | None:
        try:
            status = stat_of_file(path, within=self.ignores.within)
        except OSError:
            return None
        if self._leaves_out(path):
            return None
        return status.st_mtime_ns, status.st_size

    def _leaves_out(self, path: Path) -> bool:
        if not is_installed(path):
            return self.ignores.leaves_out(path)
        try:
            return is_sensitive(path.as_posix(), self.exclude) or self._is_kept_back(path)
        except OSError:
            return True

    def _is_kept_back(self, path: Path) -> bool:
        """Whether an installed file, links followed, is private or kept from assistants."""
        real = real_path(path, self.ignores.within)
        hidden = is_sensitive(real.as_posix(), self.exclude) or not is_installed(real)
        return hidden or self.for_assistants.exclusion(real) is not None

    def _text(self, path: Path) -> str:
        try:
            text = read_text(
                path, max_bytes=LARGEST_FILE, within=self.ignores.within, errors="strict"
            )
        except (OSError, UnicodeDecodeError):
            return ""
        return "" if "\0" in text else normalize_newlines(text)


def _read(text: str, language: str) -> FileFacts:
    syntax = parse(text, language) if text else None
    return read_facts(syntax) if syntax is not None else FileFacts(language)


def shelf_for(
    library: Library,
    roots: Sequence[Path],
    opened: Mapping[Path, Snapshot],
    exclude: tuple[str, ...],
) -> Shelf:
    """A look through what lies below `roots`."""
    ignores, kept = Ignores(roots, exclude=exclude), Ignores(roots, ASSISTANTS, exclude=exclude)
    return Shelf(library, tuple(roots), opened, ignores, kept, exclude)
