"""What the completion engine talks to: documents and edits go in, the head of a prompt comes out.

Remembers between keystrokes what is open, what was looked at last, where the user edited, and what
was chosen for each document. Belongs to one editor and one event loop. Knows no model beyond the
form in which Codestral is shown several files.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from devstral_lsp.config.schema import ContextSettings
from devstral_lsp.context import SOURCES, gather
from devstral_lsp.context.base import Cell, Query, Snippet, Source
from devstral_lsp.context.budget import choose, render
from devstral_lsp.context.edit_trail import EditTrail
from devstral_lsp.context.file_name import path_of, repository_of, root_of
from devstral_lsp.context.ignored import is_ignored
from devstral_lsp.context.patient import Patient
from devstral_lsp.text import Snapshot, Span

if TYPE_CHECKING:
    from devstral_lsp.context.definitions import Definitions

CHARACTERS_PER_TOKEN = 3.2
"""Of source code in Mistral's tekken tokenizer, for who has not learnt it from an endpoint."""
NEAR_LINES = 10
"""Lines on either side of the cursor that no snippet may be too much like."""
MOST_CHOICES = 64
AGAIN_MS = 5.0
"""How long a document waits that was told about before: a late source is quoted from last time."""

_OF_A_USER = frozenset({"file", "untitled", "vscode-notebook-cell"})
"""Schemes of documents that somebody writes; others are output, settings, the other side of a
diff."""


class Surroundings:
    """Gathers and renders context for every document of one editor."""

    def __init__(
        self,
        settings: ContextSettings,
        sources: Mapping[str, Callable[[], Source]] = SOURCES,
    ) -> None:
        self._settings = settings
        self._makers = [make for name, make in sources.items() if getattr(settings, name, True)]
        self._sources: list[Patient] = []
        self._open: OrderedDict[str, Snapshot] = OrderedDict()
        self._trail = EditTrail()
        self._folders: tuple[Path, ...] = ()
        self._judged: dict[str, bool] = {}
        self._judging: asyncio.Task[None] | None = None
        self._names: dict[str, str] = {}
        self._chosen: OrderedDict[str, tuple[Snippet, ...]] = OrderedDict()
        self._definitions: Definitions | None = None

    @property
    def enabled(self) -> bool:
        """Whether anything but the documents themselves may be told."""
        return self._settings.enabled

    @property
    def folders(self) -> tuple[Path, ...]:
        """The workspace folders."""
        return self._folders

    @property
    def documents(self) -> Mapping[str, Snapshot]:
        """The open documents by URI, as they are now."""
        return dict(self._open)

    def watch_folders(self, folders: Iterable[Path]) -> None:
        """These are the workspace folders from now on."""
        self._folders = tuple(folders)
        self._judged.clear()
        self._names.clear()

    def changed(self, snapshot: Snapshot) -> None:
        """A document was opened or edited."""
        old = self._open.get(snapshot.uri)
        self._open[snapshot.uri] = snapshot
        self._trail.changed(old, snapshot)

    def looked_at(self, uri: str) -> None:
        """A document has the editor's focus now. Asking for its head says so, too."""
        if uri in self._open:
            self._open.move_to_end(uri)

    def closed(self, uri: str) -> None:
        """A document was closed. Where it was edited is remembered."""
        for known in (self._open, self._names, self._chosen):
            known.pop(uri, None)
        for source in self._sources:
            source.forget(uri)

    async def head(
        self,
        snapshot: Snapshot,
        offset: int,
        *,
        cells: Sequence[Snapshot] = (),
        characters_per_token: float = CHARACTERS_PER_TOKEN,
        share: float = 1.0,
    ) -> str:
        """What belongs right before the prompt's own text; "" where context is switched off.

        `cells` are those of the document's notebook, itself included, in their order; `offset` is
        in code points. Takes `share` of the budget of the settings, and no longer than their
        deadline. The same for every cursor in a line. Raises nothing but CancelledError.
        """
        if not self._settings.enabled:
            return ""
        self._sources = self._sources or [Patient(make()) for make in self._makers]
        self.looked_at(snapshot.uri)
        started_s = time.monotonic()
        await self._judge()
        budget = int(self._settings.budget_tokens * characters_per_token * share)
        query = self._query(snapshot, offset, cells, budget)
        previous = self._chosen.get(snapshot.uri)
        least_ms = min(self._settings.deadline_ms, AGAIN_MS)
        left_ms = self._settings.deadline_ms - 1000.0 * (time.monotonic() - started_s)
        if previous is not None:
            query = replace(query, in_haste=True)
            left_ms = least_ms
        said = self._said(snapshot.uri)
        found = await gather(query, self._sources, max(least_ms, left_ms), instead=said)
        chosen = choose(found, query.near(NEAR_LINES, NEAR_LINES), budget, previous or ())
        self._remember(snapshot.uri, chosen)
        return render(chosen, query.path)

    async def definitions(
        self, snapshot: Snapshot, span: Span, shown: Span, budget_tokens: int
    ) -> tuple[Snippet, ...]:
        """What defines the names in `span`, from anywhere but `shown`; in a stable order.

        () where the settings keep other files to the machine. Raises what a source may raise.
        """
        if not (self._settings.enabled and self._settings.imports):
            return ()
        from devstral_lsp.context.definitions import Definitions, SpanQuery

        self._definitions = self._definitions or Definitions()
        await self._judge()
        plain = self._query(snapshot, span.start, (), int(budget_tokens * CHARACTERS_PER_TOKEN))
        return await self._definitions.of(SpanQuery(**vars(plain), span=span, shown=shown))

    async def close(self) -> None:
        """Give up all work in the background."""
        if self._judging is not None:
            self._judging.cancel()
            await asyncio.gather(self._judging, return_exceptions=True)
        for source in self._sources:
            await source.close()

    def _query(
        self, snapshot: Snapshot, offset: int, cells: Sequence[Snapshot], budget_characters: int
    ) -> Query:
        left_out = {snapshot.uri, *(cell.uri for cell in cells)}
        return Query(
            snapshot=snapshot,
            offset=offset,
            others=tuple(
                other
                for uri, other in reversed(self._open.items())
                if uri not in left_out and self._judged.get(uri)
            ),
            folders=self._folders,
            hunks=tuple(hunk for hunk in self._trail.hunks() if self._judged.get(hunk.uri)),
            cells=tuple(Cell(cell.uri, cell.language, str(cell.text)) for cell in cells),
            budget_characters=budget_characters,
            names=self._names,
        )

    def _said(self, uri: str) -> Callable[[Source], Sequence[Snippet]]:
        return lambda source: source.said(uri) if isinstance(source, Patient) else ()

    def _remember(self, uri: str, chosen: tuple[Snippet, ...]) -> None:
        self._chosen[uri] = chosen
        self._chosen.move_to_end(uri)
        while len(self._chosen) > MOST_CHOICES:
            self._chosen.popitem(last=False)

    async def _judge(self) -> None:
        """Find out which documents may be shown; those that are not judged in time may not."""
        if self._judging is None or self._judging.done():
            unknown = [uri for uri in self._open if uri not in self._judged]
            if not unknown:
                return
            self._judging = asyncio.create_task(self._look_at(unknown))
        await asyncio.wait((self._judging,), timeout=self._settings.deadline_ms / 1000.0)

    async def _look_at(self, uris: Sequence[str]) -> None:
        folders = self._folders
        verdicts = await asyncio.to_thread(lambda: [_may_be_shown(uri, folders) for uri in uris])
        self._judged.update(zip(uris, verdicts, strict=True))


def _may_be_shown(uri: str, folders: Sequence[Path]) -> bool:
    """Whether a document that is open may be a source; not where its URI makes no sense. Blocks."""
    try:
        if urlsplit(uri).scheme not in _OF_A_USER:
            return False
        path = path_of(uri)
        if path is None:
            return True
        roots = folders if root_of(path, folders) else [repository_of(path) or path.parent]
        return not is_ignored(path, roots)
    except (OSError, ValueError, RuntimeError):  # of a path that cannot be, of links in a circle
        return False
