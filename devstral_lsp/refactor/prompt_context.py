"""Gathers what the model is told beside the code: from the document, its file's folder, the editor.

Each kind may fail or be late alone; the refactor then goes on without it. Files that hold secrets
or that git ignores are told to nobody, and nothing outside of the workspace is read.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from devstral_lsp.bounded_read import real_path
from devstral_lsp.characters import hides_text, printable
from devstral_lsp.context.base import Snippet
from devstral_lsp.context.gitignore import kept_from_assistants
from devstral_lsp.context.paths import display_path, repository_root, uri_to_path, workspace_root
from devstral_lsp.context.provider import ContextProvider
from devstral_lsp.providers.base import Notice
from devstral_lsp.refactor.conventions import conventions_of
from devstral_lsp.refactor.images import collect_images
from devstral_lsp.refactor.scope import imports_of, scope_of
from devstral_lsp.refactor.serial_worker import SerialThreadWorker
from devstral_lsp.refactor.task.overlay import WorkspaceOverlay
from devstral_lsp.refactor.types import LanguageVersion, PromptContext, RefactorRefused
from devstral_lsp.refactor.versions import detect_versions
from devstral_lsp.syntax.outline import outline
from devstral_lsp.text import Snapshot, Span

GATHER_TIMEOUT_S = 2.0
"""How long a kind of material is waited for. An answer takes several times as long."""
TIMES_THE_BUDGET = 2
"""What a refactor is told of other files, in budgets of a completion."""
LARGEST_PARSED = 400_000
"""Code points. In larger documents no definitions are looked for: lines around the span will do."""

_logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DocumentLocation:
    """Where a document lies. `root` is its workspace folder, else its repository or own folder."""

    path: str
    file: Path | None
    root: Path | None

    def has(self, path: str) -> bool:
        """Whether there is a file or folder of that path (with "/") below `root`. Blocks."""
        if self.root is None:
            return False
        try:
            return os.path.lexists(real_path(self.root / path, [self.root]))
        except OSError:
            return False

    def why_not(self) -> str:
        """Why the file is sent to no model, by the ignore files; "" if it is. Blocks."""
        if self.file is None or self.root is None:
            return ""
        try:
            found = kept_from_assistants(self.file, [self.root])
        except (OSError, RuntimeError):
            return "It cannot be told whether an ignore file keeps this file from assistants."
        if found is None:
            return ""
        name = printable(found.file.name)
        if found.is_readable:
            return f"{name} keeps this file from assistants, so it is not sent to a model."
        return f"{name} cannot be read and may keep this file from assistants: mend or remove it."


@dataclass(frozen=True, slots=True)
class _OnDisk:
    """What files around the document say."""

    versions: tuple[LanguageVersion, ...] = ()
    conventions: str = ""
    images: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


class PromptContextBuilder:
    """Gathers for the documents of one editor, or of one command."""

    def __init__(
        self,
        surroundings: ContextProvider,
        budget_tokens: int,
        notify: Callable[[Notice], None] = lambda notice: None,
    ) -> None:
        """`budget_tokens` is that of a completion, which has less to see.

        `notify` hears what the user should know of files that are not used.
        """
        self._surroundings = surroundings
        self._notify = notify
        self._budget_tokens = budget_tokens
        self.worker = SerialThreadWorker()
        """Where all that takes long is done, also by the engine."""

    async def locate(self, snapshot: Snapshot) -> DocumentLocation:
        """Where the document lies."""
        return await self.worker.run(_home, snapshot, self._surroundings.folders)

    def files(self, home: DocumentLocation) -> WorkspaceOverlay:
        """The files of the document's folder, as they are now; open ones as the editor has them.

        Raises RefactorRefused for a document that lies in none.
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
        """What is known about `span`. Raises nothing but CancelledError.

        `sees` says that images may be sent. With a smaller `share` of the budget there is less of
        everything that can be done without. Where the settings keep context to the machine, it is
        the document alone.
        """
        scope, imports = await self.worker.run(_own, snapshot, span)
        snippets, said = await asyncio.gather(
            self._definitions(snapshot, span, scope, share),
            self._on_disk(snapshot, span, home, sees=sees and share == 1.0),
        )
        return PromptContext(
            path=home.path if self._surroundings.enabled else "",
            language=snapshot.language,
            scope=scope if share == 1.0 else span,
            imports=imports,
            snippets=_by_path(snippets),
            versions=said.versions,
            conventions=said.conventions if share == 1.0 else "",
            images=said.images,
        )

    async def _definitions(
        self, snapshot: Snapshot, span: Span, scope: Span, share: float
    ) -> tuple[Snippet, ...]:
        budget_tokens = int(TIMES_THE_BUDGET * self._budget_tokens * share)
        found = self._surroundings.definitions(snapshot, span, scope, budget_tokens)
        return await self.worker.wait_for(_in_time(found, ()))

    async def _on_disk(
        self, snapshot: Snapshot, span: Span, home: DocumentLocation, *, sees: bool
    ) -> _OnDisk:
        if not self._surroundings.enabled:
            return _OnDisk()
        exclude = self._surroundings.exclude
        reading = asyncio.to_thread(_on_disk, snapshot, span, home, sees, exclude)
        found = await self.worker.wait_for(_in_time(reading, _OnDisk()))
        for notice in found.notices:
            self._notify(notice)
        return found


async def _in_time(found: Awaitable[T], instead: T) -> T:
    """What is found, or `instead` if that fails or takes too long."""
    try:
        async with asyncio.timeout(GATHER_TIMEOUT_S):
            return await found
    except Exception as error:  # noqa: BLE001 - only its type: a message may hold source text
        _logger.debug("material failed: %s", type(error).__name__)
        return instead


def _home(snapshot: Snapshot, folders: Sequence[Path]) -> DocumentLocation:
    name = display_path(snapshot.uri, snapshot.language, folders)
    file = uri_to_path(snapshot.uri)
    if file is None:
        return DocumentLocation(name, None, None)
    root = workspace_root(file, folders) or repository_root(file) or file.parent
    return DocumentLocation(name, file, root)


def _own(snapshot: Snapshot, span: Span) -> tuple[Span, str]:
    """What is shown of the document itself, and its imports."""
    small = len(snapshot.text) <= LARGEST_PARSED
    definitions = outline(str(snapshot.text), snapshot.language) if small else ()
    scope = scope_of(snapshot.text, span, definitions)
    return scope, imports_of(snapshot, scope)


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
    """The snippets of each file in one piece, in the order in which they came."""
    pieces: dict[str, list[str]] = {}
    for each in snippets:
        pieces.setdefault(each.path, []).append(each.text)
    return {path: "\n\n".join(texts) for path, texts in pieces.items()}
