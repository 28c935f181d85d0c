"""Gathers context for a refactor from the document, the disk and the editor.

If a source fails or times out, the refactor continues without it. Files with secrets, and files
that git ignores, are not sent, and nothing outside the workspace is read.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from devstral_lsp.bounded_read import real_path
from devstral_lsp.characters import hides_text, printable
from devstral_lsp.context.base import Snippet
from devstral_lsp.context.gitignore import find_assistant_exclusion
from devstral_lsp.context.paths import display_path, repository_root, uri_to_path, workspace_root
from devstral_lsp.context.provider import ContextProvider
from devstral_lsp.providers.base import Notice
from devstral_lsp.refactor.ask import SerialThreadWorker
from devstral_lsp.refactor.conventions import conventions_of
from devstral_lsp.refactor.images import collect_images
from devstral_lsp.refactor.task.overlay import WorkspaceOverlay
from devstral_lsp.refactor.types import LanguageVersion, PromptContext, RefactorRefused
from devstral_lsp.refactor.versions import detect_versions
from devstral_lsp.syntax.imports import find_import_statements
from devstral_lsp.syntax.outline import Definition, outline
from devstral_lsp.text import Snapshot, Span, Text, normalize_newlines

GATHER_TIMEOUT_S = 2.0
"""For each source. An answer takes several times as long."""
BUDGET_FACTOR = 2
"""The context from other files, as a multiple of a completion's budget."""
MAX_PARSED_LENGTH = 400_000
"""Code points. In larger documents, the lines around the span are sent, not its definition."""
LINES_AROUND = 60
"""On either side of a span that no definition encloses."""
MAX_SURROUNDING = 12_000
"""Code points around the span, some 4,000 tokens; the nearest lines are kept."""
HEAD = 30_000
"""Code points from the start of a file that are searched for imports."""
MAX_IMPORTS = 60
"""Statements."""

_logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DocumentLocation:
    """Where a document is. `root` is its workspace folder, or else its repository or folder."""

    path: str
    file: Path | None
    root: Path | None

    def has(self, path: str) -> bool:
        """Whether there is a file or folder at that path (with "/") below `root`. Blocks."""
        if self.root is None:
            return False
        try:
            return os.path.lexists(real_path(self.root / path, [self.root]))
        except OSError:
            return False

    def why_not(self) -> str:
        """Why an ignore file keeps this file from models; "" if none does. Blocks."""
        if self.file is None or self.root is None:
            return ""
        try:
            found = find_assistant_exclusion(self.file, [self.root])
        except (OSError, RuntimeError):
            return "It is not known whether an ignore file keeps this file from assistants."
        if found is None:
            return ""
        name = printable(found.file.name)
        if found.is_readable:
            return f"{name} keeps this file from assistants, so it is not sent to a model."
        return f"{name} cannot be read and may keep this file from assistants: mend or remove it."


@dataclass(frozen=True, slots=True)
class _OnDisk:
    """The context from files around the document."""

    versions: tuple[LanguageVersion, ...] = ()
    conventions: str = ""
    images: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


class PromptContextBuilder:
    """Gathers context for the documents of one editor, or of one command."""

    def __init__(
        self,
        surroundings: ContextProvider,
        budget_tokens: int,
        notify: Callable[[Notice], None] = lambda notice: None,
    ) -> None:
        """`budget_tokens` is that of a completion. `notify` reports files that are not used."""
        self._surroundings = surroundings
        self._notify = notify
        self._budget_tokens = budget_tokens
        self.worker = SerialThreadWorker()
        """For all blocking work, also that of the engine."""

    async def locate(self, snapshot: Snapshot) -> DocumentLocation:
        """The location of the document."""
        return await self.worker.run(_locate, snapshot, self._surroundings.folders)

    def files(self, home: DocumentLocation) -> WorkspaceOverlay:
        """The current files of the document's folder; open ones with the editor's text.

        Raises RefactorRefused for a document that is in no folder.
        """
        if home.root is None:
            raise RefactorRefused("This document was never saved, so no file can be put beside it.")
        documents = self._surroundings.documents
        found = ((uri_to_path(uri), document) for uri, document in documents.items())
        return WorkspaceOverlay(
            [home.root],
            {path: each for path, each in found if path is not None},
            exclude=self._surroundings.exclude,
        )

    async def gather(
        self,
        snapshot: Snapshot,
        span: Span,
        home: DocumentLocation,
        *,
        sees: bool,
        share: float = 1.0,
    ) -> PromptContext:
        """The context for `span`. Raises only CancelledError.

        `sees`: images may be sent. A `share` below 1 leaves out optional context, and reduces the
        budget for other files. If the settings forbid context, only the document itself is used.
        """
        is_full = share == 1.0
        scope, imports = await self.worker.run(_scope_and_imports, snapshot, span)
        budget_tokens = int(BUDGET_FACTOR * self._budget_tokens * share)
        definitions = partial(self._surroundings.definitions, snapshot, span, scope, budget_tokens)
        snippets, said = await asyncio.gather(
            self.worker.wait_for(lambda: _in_time(definitions(), ())),
            self._on_disk(snapshot, span, home, sees=sees and is_full),
        )
        return PromptContext(
            path=home.path if self._surroundings.enabled else "",
            language=snapshot.language,
            scope=scope if is_full else span,
            imports=imports,
            snippets=_by_path(snippets),
            versions=said.versions,
            conventions=said.conventions if is_full else "",
            images=said.images,
        )

    async def _on_disk(
        self, snapshot: Snapshot, span: Span, home: DocumentLocation, *, sees: bool
    ) -> _OnDisk:
        """The context from files around the document; none if the settings forbid it."""
        if not self._surroundings.enabled:
            return _OnDisk()
        exclude = self._surroundings.exclude

        def read() -> Awaitable[_OnDisk]:
            reading = asyncio.to_thread(_on_disk, snapshot, span, home, sees, exclude)
            return _in_time(reading, _OnDisk())

        found = await self.worker.wait_for(read)
        for notice in found.notices:
            self._notify(notice)
        return found


async def _in_time(found: Awaitable[T], instead: T) -> T:
    """The result, or `instead` if it fails or times out."""
    try:
        async with asyncio.timeout(GATHER_TIMEOUT_S):
            return await found
    except Exception as error:  # noqa: BLE001 - only its type is logged: a message may quote source
        _logger.debug("material failed: %s", type(error).__name__)
        return instead


def _locate(snapshot: Snapshot, folders: Sequence[Path]) -> DocumentLocation:
    name = display_path(snapshot.uri, snapshot.language, folders)
    file = uri_to_path(snapshot.uri)
    if file is None:
        return DocumentLocation(name, None, None)
    root = workspace_root(file, folders) or repository_root(file) or file.parent
    return DocumentLocation(name, file, root)


def _on_disk(
    snapshot: Snapshot, span: Span, home: DocumentLocation, sees: bool, exclude: tuple[str, ...]
) -> _OnDisk:
    file, root = home.file, home.root
    if file is None or root is None:
        return _OnDisk()
    notices: list[Notice] = []
    versions = detect_versions(file, root, snapshot.language)
    return _OnDisk(
        tuple(each for each in versions if not hides_text(each.version + each.source)),
        conventions_of(file, root, exclude, notices.append),
        collect_images(snapshot, span, file, root, exclude) if sees else (),
        tuple(notices),
    )


def _by_path(snippets: Sequence[Snippet]) -> dict[str, str]:
    """The snippets of each file joined, in the given order."""
    pieces: dict[str, list[str]] = {}
    for each in snippets:
        pieces.setdefault(each.path, []).append(each.text)
    return {path: "\n\n".join(texts) for path, texts in pieces.items()}


def _scope_and_imports(snapshot: Snapshot, span: Span) -> tuple[Span, str]:
    is_small = len(snapshot.text) <= MAX_PARSED_LENGTH
    definitions = outline(str(snapshot.text), snapshot.language) if is_small else ()
    scope = scope_of(snapshot.text, span, definitions)
    return scope, imports_of(snapshot, scope)


def scope_of(text: Text, span: Span, definitions: Sequence[Definition]) -> Span:
    """The part of a document to send: whole lines that contain `span`.

    They are the definition that encloses the span, or else LINES_AROUND lines on either side. Above
    MAX_SURROUNDING code points, the farthest lines are left out.
    """
    enclosing = _enclosing(definitions, span)
    first, last = text.line_of(span.start), text.line_of(span.end)
    low, high = max(first - LINES_AROUND, 0), min(last + LINES_AROUND, text.line_count - 1)
    if enclosing is not None:
        low, high = text.line_of(enclosing.start), text.line_of(enclosing.end)
    start = max(text.line_start(low), span.start - MAX_SURROUNDING // 2)
    end = min(text.line_end(high), span.end + MAX_SURROUNDING // 2)
    first, last = text.line_of(start), text.line_of(end)
    start = start if start == text.line_start(first) else text.line_start(first + 1)
    end = end if end == text.line_end(last) else text.line_end(max(last - 1, 0))
    return Span(min(start, span.start), max(end, span.end))


def _enclosing(definitions: Iterable[Definition], span: Span) -> Span | None:
    """The innermost definition that contains more than the span."""
    for each in definitions:
        if each.span.start <= span.start and span.end <= each.span.end:
            inner = _enclosing(each.members, span)
            return inner or (each.span if each.span != span else None)
    return None


def imports_of(snapshot: Snapshot, shown: Span) -> str:
    """The import statements outside of what is `shown`; line ends are "\\n"."""
    text = snapshot.text
    lines = normalize_newlines(text.slice(0, HEAD)).split("\n")
    first, last = text.line_of(shown.start), text.line_of(shown.end)
    found = find_import_statements(lines, snapshot.language)
    outside = [each.text for each in found if each.end <= first or each.first > last]
    return "\n".join(outside[:MAX_IMPORTS])
