"""Cache facts and sketches of files until a file changes; open documents take precedence.

Reads files by the bounded reader, and never private or ignored ones. Blocking: call it in a thread.
Bounded by the number of cached items, not of files.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from devstral_lsp.bounded_read import entries_of, read_text, real_path, stat_of_file
from devstral_lsp.context.gitignore import Ignores
from devstral_lsp.context.ignore_files import ASSISTANTS
from devstral_lsp.context.import_resolution import Importer, candidate_files
from devstral_lsp.context.members.facts import FileFacts
from devstral_lsp.context.members.installed import find_installed_files, is_installed
from devstral_lsp.context.members.parsing import parse
from devstral_lsp.context.members.queries import grammar_of
from devstral_lsp.context.members.reading import read_facts
from devstral_lsp.context.members.sketch import Sketch, sketch_text
from devstral_lsp.context.members.stores import Stores, find_crate_files, find_go_packages
from devstral_lsp.context.path_mapping import Rules
from devstral_lsp.context.sensitive_files import is_sensitive
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.languages.language import Import
from devstral_lsp.text import Snapshot, Text, normalize_newlines

MAX_FILE_BYTES = 512 * 1024
"""Size limit of a file in bytes; larger ones are rarely written by hand."""
MAX_FACTS = 12_000
"""Maximum number of cached members and types, about 20 MB."""
MAX_SKETCHES = 4_000
MAX_FILES_OF_A_FOLDER = 120

_Mark = tuple[int, int] | Text
"""Cache key: a file's time and size, or a document's text."""


class Library:
    """The cache, which outlives a query."""

    def __init__(self) -> None:
        self._facts: OrderedDict[str, tuple[_Mark, FileFacts]] = OrderedDict()
        self._size = 0
        self.sketches: OrderedDict[Path, tuple[_Mark, Sketch]] = OrderedDict()

    def facts_of(self, key: str, mark: _Mark) -> FileFacts | None:
        """The cached facts for `key` if `mark` is unchanged; else None."""
        known = self._facts.get(key)
        if known is None or not _is_same(known[0], mark):
            return None
        self._facts.move_to_end(key)
        return known[1]

    def keep(self, key: str, mark: _Mark, facts: FileFacts) -> FileFacts:
        """Cache facts and evict the least recently used."""
        if (known := self._facts.pop(key, None)) is not None:
            self._size -= known[1].size + 1
        self._facts[key] = (mark, facts)
        self._size += facts.size + 1
        while self._size > MAX_FACTS and len(self._facts) > 1:
            _, (_, dropped) = self._facts.popitem(last=False)
            self._size -= dropped.size + 1
        return facts

    def keep_sketch(self, path: Path, mark: _Mark, sketch: Sketch) -> Sketch:
        """Cache a sketch."""
        self.sketches[path] = (mark, sketch)
        while len(self.sketches) > MAX_SKETCHES:
            self.sketches.popitem(last=False)
        return sketch


def _is_same(one: _Mark, other: _Mark) -> bool:
    return one is other if isinstance(one, Text) else one == other


@dataclass
class Shelf:
    """A view of the library for one cursor; what it has looked up does not change.

    `roots` are the readable folders, `opened` the open documents by path, `stores` folders of
    packages outside of the workspace. `ignores` decides which files are left out, `for_assistants`
    the same for installed packages, which git ignores.
    """

    library: Library
    roots: tuple[Path, ...]
    opened: Mapping[Path, Snapshot]
    ignores: Ignores
    for_assistants: Ignores
    exclude: tuple[str, ...]
    stores: Stores
    _known: dict[Path, FileFacts | None] = field(default_factory=dict)
    _modules: dict[tuple[Path, str, str], tuple[Path, ...]] = field(default_factory=dict)
    _folders: dict[tuple[Path, str], tuple[Path, ...]] = field(default_factory=dict)
    _rules: dict[Path, Rules] = field(default_factory=dict)
    _marks: dict[Path, tuple[int, int] | None] = field(default_factory=dict)

    def facts_of(self, path: Path) -> FileFacts | None:
        """The facts of a file; None if it does not exist or must be left out."""
        if path not in self._known:
            self._known[path] = self._found(path)
        return self._known[path]

    def _found(self, path: Path) -> FileFacts | None:
        opened = self.opened.get(path)
        if opened is not None:
            key = opened.uri
            known = self.library.facts_of(key, opened.text)
            return known or self.library.keep(
                key, opened.text, _read(normalize_newlines(str(opened.text)), opened.language)
            )
        mark = self._mark(path)
        if mark is None:
            return None
        known = self.library.facts_of(str(path), mark)
        if known is not None:
            return known
        text = self._text(path)
        language = language_id_of_path(path.as_posix())
        return self.library.keep(str(path), mark, _read(text, language))

    def sketch(self, path: Path) -> Sketch | None:
        """The sketch of a file; None if it does not exist or must be left out."""
        opened = self.opened.get(path)
        mark = opened.text if opened is not None else self._mark(path)
        if mark is None:
            return None
        known = self.library.sketches.get(path)
        if known is not None and _is_same(known[0], mark):
            return known[1]
        text = str(opened.text) if opened is not None else self._text(path)
        sketch = sketch_text(normalize_newlines(text), language_id_of_path(path.as_posix()))
        return self.library.keep_sketch(path, mark, sketch)

    def module(self, wanted: Import, file: Path, language: str) -> tuple[Path, ...]:
        """The files that the imported module may be in, seen from `file`, the most likely first."""
        key = (file, wanted.module, wanted.names[0] if wanted.names else "")
        if key not in self._modules:
            self._modules[key] = tuple(self._module(wanted, file, language))
        return self._modules[key]

    def folder(self, folder: Path, suffix: str) -> tuple[Path, ...]:
        """The files of a folder with this suffix, without tests."""
        key = (folder, suffix)
        if key not in self._folders:
            self._folders[key] = tuple(self._listed(folder, suffix))
        return self._folders[key]

    def lines(self, path: Path) -> list[str]:
        """The lines of a file; none if it must be left out."""
        if path not in self.opened and self._mark(path) is None:
            return []
        opened = self.opened.get(path)
        text = normalize_newlines(str(opened.text)) if opened is not None else self._text(path)
        return text.split("\n")

    def _module(self, wanted: Import, file: Path, language: str) -> Iterator[Path]:
        if grammar_of(language) == "go":
            yield from self._go_package(wanted, file)
            return
        grammar, within = grammar_of(language), self.for_assistants.within
        store = self.stores.get(grammar, ())
        importer = Importer(file, (*self.roots, *store), self._rules)
        found = [candidate_files(wanted, importer, language)]
        found.append(find_installed_files(wanted.module, importer, grammar, within))
        if grammar == "rust":
            found.append(find_crate_files(wanted.module, self.roots, store, within))
        for path in chain.from_iterable(found):
            if self.facts_of(path) is not None:
                yield path
                return

    def _go_package(self, wanted: Import, file: Path) -> Iterator[Path]:
        first = next(candidate_files(wanted, Importer(file, self.roots), "go"), None)
        if first is not None:
            yield from self.folder(first.parent, ".go")
            return
        for above in Importer(file, self.roots).ancestors:
            yield from self.folder(above / "vendor" / wanted.module, ".go")
        packages = find_go_packages(
            wanted.module, self.roots, self.stores.get("go", ()), self.for_assistants.within
        )
        yield from next(filter(None, (self.folder(each, ".go") for each in packages)), ())

    def _listed(self, folder: Path, suffix: str) -> Iterator[Path]:
        try:
            entries = entries_of(folder, within=self.for_assistants.within)
        except OSError:
            return
        names = [each.name for each in entries if each.name.endswith(suffix)]
        for name in names[:MAX_FILES_OF_A_FOLDER]:
            if not name.removesuffix(suffix).endswith(("_test", "Test", "Tests")):
                yield folder / name

    def _mark(self, path: Path) -> tuple[int, int] | None:
        """The time and size of a file; None if it does not exist or must be left out."""
        if path not in self._marks:
            self._marks[path] = self._look_up(path)
        return self._marks[path]

    def _look_up(self, path: Path) -> tuple[int, int] | None:
        try:
            status = stat_of_file(path, within=self.for_assistants.within)
        except OSError:
            return None
        if self._excludes(path):
            return None
        return status.st_mtime_ns, status.st_size

    def _excludes(self, path: Path) -> bool:
        if not self._is_installed(path):
            return self.ignores.excludes(path)
        try:
            real = real_path(path, self.for_assistants.within)
            return (
                not self._is_installed(real)
                or is_sensitive(path.as_posix(), self.exclude)
                or is_sensitive(real.as_posix(), self.exclude)
                or self.for_assistants.exclusion(real) is not None
            )
        except OSError:
            return True

    def _is_installed(self, path: Path) -> bool:
        stores = chain.from_iterable(self.stores.values())
        return is_installed(path) or any(path.is_relative_to(each) for each in stores)

    def _text(self, path: Path) -> str:
        try:
            text = read_text(
                path, max_bytes=MAX_FILE_BYTES, within=self.for_assistants.within, errors="strict"
            )
        except (OSError, UnicodeDecodeError):
            return ""
        return "" if "\0" in text else normalize_newlines(text)


def _read(text: str, language: str) -> FileFacts:
    syntax = parse(text, language) if text else None
    return read_facts(syntax) if syntax is not None else FileFacts(language)


def open_shelf(
    library: Library,
    roots: Sequence[Path],
    opened: Mapping[Path, Snapshot],
    exclude: tuple[str, ...],
    stores: Stores = MappingProxyType({}),
) -> Shelf:
    """A shelf for the files below `roots`, and for packages in `stores`."""
    ignores = Ignores(roots, exclude=exclude)
    readable = (*roots, *chain.from_iterable(stores.values()))
    kept = Ignores(readable, ASSISTANTS, exclude=exclude)
    return Shelf(library, tuple(roots), opened, ignores, kept, exclude, stores)
