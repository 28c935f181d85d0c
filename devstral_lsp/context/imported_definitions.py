"""Context source: definitions of the names around the cursor, from imports and elsewhere.

Searches the workspace's files, other open documents, and the part of the document that the prompt
does not contain, without asking the editor. Returns signatures. Installed packages are skipped:
models know the common ones, and the others would use up the budget.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from devstral_lsp.context.base import MAX_SCORE, ContextQuery, Snippet
from devstral_lsp.context.gitignore import Ignores
from devstral_lsp.context.identifiers import identifiers
from devstral_lsp.context.import_resolution import Importer, candidate_files, sibling_files
from devstral_lsp.context.memoized_search import MemoizedSearch
from devstral_lsp.context.outline_cache import CachedOutline, OutlineCache
from devstral_lsp.context.paths import display_path, repository_root, uri_to_path, workspace_root
from devstral_lsp.languages import get_language, grammar_of
from devstral_lsp.languages.language import Import
from devstral_lsp.syntax.imports import HEAD, imports_of
from devstral_lsp.syntax.outline import Definition, excerpt
from devstral_lsp.text import Text

LINES_NEAR = 30
MAX_FILES = 32
MAX_SNIPPETS = 40
MIN_NAME_LENGTH = 4
"""Minimum length of a name that is looked up in files that are not imported."""

NEAR_AND_IMPORTED = MAX_SCORE
NEAR_IN_OWN_FILE = 8
NEAR_MEMBER = 7
NEAR_ELSEWHERE = 5
IMPORTED = 4


class Imports:
    """The context source. Searches in a thread and caches outlines by file."""

    name = "imports"

    def __init__(self) -> None:
        self._outlines = OutlineCache()
        self._latest = MemoizedSearch(self._find)

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """Return definitions, as many as are worth choosing from."""
        language = query.snapshot.language
        if grammar_of(language) is None:
            return []
        near = query.lines_around(LINES_NEAR, LINES_NEAR // 2)
        elsewhere = query.snapshot.uri, query.folders, query.start(HEAD), _list_versions(query)
        return await self._latest.search(query, (*elsewhere, near, query.out_of_view_parts))

    def _find(self, query: ContextQuery) -> list[Snippet]:
        near = identifiers(query.lines_around(LINES_NEAR, LINES_NEAR // 2))
        found = [*self._own(query, near), *_DefinitionSearch(query, self._outlines, near).found()]
        found.sort(key=lambda each: (-each.score, each.path, each.line))
        unique: dict[tuple[str, int, str], Snippet] = {}
        for each in found:
            unique.setdefault((each.path, each.line, each.text), each)
        return list(unique.values())[:MAX_SNIPPETS]

    def _own(self, query: ContextQuery, near: frozenset[str]) -> Iterator[Snippet]:
        """Definitions in the document itself, outside of the view."""
        language = query.snapshot.language
        for number, (_, text) in enumerate(query.out_of_view_parts):
            outlined = self._outlines.of_part(
                query.snapshot.uri, number, _skip_to_margin(text), language
            )
            for each in outlined.definitions:
                if each.name in near:
                    yield _snippet(query.path, each, language, near, NEAR_IN_OWN_FILE)


class _DefinitionSearch:
    """One search through the files that a document leads to."""

    def __init__(self, query: ContextQuery, outlines: OutlineCache, near: frozenset[str]) -> None:
        self._query = query
        self._outlines = outlines
        self._near = near
        self._open = {uri_to_path(other.uri): other for other in query.others}
        self._names: dict[Path, str] = {}
        file = uri_to_path(query.snapshot.uri)
        home = (
            workspace_root(file, query.folders) or repository_root(file)
            if file is not None
            else None
        )
        self._roots = (*query.folders, home) if home is not None else query.folders
        self._ignores = Ignores(self._roots, exclude=query.exclude)
        self._importer = Importer(file, self._roots) if file is not None else None

    def found(self) -> Iterator[Snippet]:
        """Snippets from imported files, from files of the same package, and from open documents."""
        query, importer = self._query, self._importer
        language = query.snapshot.language
        if importer is not None:
            for wanted in imports_of(query.start(HEAD), language):
                yield from self._imported(wanted, importer, language, hops=1)
            for path in sibling_files(importer, language):
                yield from self._near_in(self._name(path), self._outline(path))
        for other in query.others:
            if grammar_of(other.language) == grammar_of(language):
                yield from self._near_in(query.name_of(other), self._outlines.of_snapshot(other))

    def _imported(
        self, wanted: Import, importer: Importer, language: str, *, hops: int
    ) -> Iterator[Snippet]:
        missing = set(wanted.names)
        for path, outlined in self._files(wanted, importer, language):
            names = wanted.names or (path.stem,)  # Java's and Lua's define this name
            for each in outlined.definitions:
                if score := self._score(each, names):
                    yield _snippet(self._name(path), each, outlined.language, self._near, score)
            missing -= {each.name for each in outlined.definitions} | {path.stem}
            if missing and hops:
                onward = Importer(path, importer.folders, importer.rules)
                for passed_on in _passed_on(outlined.imports, missing):
                    yield from self._imported(passed_on, onward, language, hops=hops - 1)

    def _files(
        self, wanted: Import, importer: Importer, language: str
    ) -> Iterator[tuple[Path, CachedOutline]]:
        most = MAX_FILES if get_language(language).imports_many_files else 1
        for path in dict.fromkeys(candidate_files(wanted, importer, language)):
            outlined = self._outline(path) if path != importer.file else None
            if outlined is not None and most:
                most -= 1
                yield path, outlined

    def _score(self, each: Definition, wanted: Sequence[str]) -> int:
        """The score of an imported file's definition; 0 to leave it out."""
        if each.name in self._near:
            return NEAR_AND_IMPORTED
        if any(member.name in self._near for member in each.members):
            return NEAR_MEMBER
        return IMPORTED if each.name in wanted else 0

    def _near_in(self, path: str, outlined: CachedOutline | None) -> Iterator[Snippet]:
        if outlined is None:
            return
        for each in outlined.definitions:
            if len(each.name) >= MIN_NAME_LENGTH and each.name in self._near:
                yield _snippet(path, each, outlined.language, self._near, NEAR_ELSEWHERE)

    def _outline(self, path: Path) -> CachedOutline | None:
        opened = self._open.get(path)
        if opened is not None:
            return self._outlines.of_snapshot(opened)
        return self._outlines.of_file(path, self._ignores)

    def _name(self, path: Path) -> str:
        if path not in self._names:
            self._names[path] = display_path(path.as_uri(), "", self._roots)
        return self._names[path]


def _passed_on(imports: Sequence[Import], missing: set[str]) -> Iterator[Import]:
    """The imports by which a module re-exports missing names: `from .client import Client`."""
    for each in imports:
        names = tuple(name for name in each.names if name in missing)
        if names or (not each.names and each.module.startswith(".")):
            yield Import(each.module, names or tuple(sorted(missing)))


def _snippet(
    path: str, definition: Definition, language: str, near: frozenset[str], score: int
) -> Snippet:
    text = excerpt(definition, language, near)
    return Snippet(path, text, Imports.name, score, definition.line)


def _skip_to_margin(text: str) -> str:
    """The text from its first unindented line on, because the part may begin inside a body."""
    match = re.search(r"^[^\s})\]]", text, re.MULTILINE)
    return text[match.start() :] if match else ""


def _list_versions(query: ContextQuery) -> list[tuple[str, Text]]:
    """The other documents' texts, which compare by identity while they are unchanged."""
    return sorted(((other.uri, other.text) for other in query.others), key=lambda each: each[0])
