"""Build the context part of a prompt; the completion engine's interface to this package.

Keeps state between keystrokes: the open documents, the order of focus, the edit history, and the
last context of each document. Nearby requests get the last context at once, and it is refreshed in
the background after the request was sent. Belongs to one editor and one event loop.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from devstral_lsp.characters import hides_text
from devstral_lsp.config.schema import ContextSettings, Settings
from devstral_lsp.context import SOURCES, gather
from devstral_lsp.context.background_source import BackgroundSource
from devstral_lsp.context.base import Cell, ContextQuery, ContextSource, Snippet
from devstral_lsp.context.choice import CHARACTERS_PER_TOKEN, SAID_ALREADY, Choice
from devstral_lsp.context.document_context import ContextRequest, DocumentContext
from devstral_lsp.context.edit_history import EditHistory
from devstral_lsp.context.gitignore import may_be_shown
from devstral_lsp.context.members.editor import AskEditor
from devstral_lsp.context.members.source import Block, Members
from devstral_lsp.context.members.stores import find_stores
from devstral_lsp.context.selection import choose_snippets, render_snippets, to_choice
from devstral_lsp.context.sensitive_files import holds_only_keys
from devstral_lsp.observability.trace import annotate
from devstral_lsp.text import Snapshot, Span

if TYPE_CHECKING:
    from devstral_lsp.context.definitions import Definitions

NEAR_LINES = 10
"""Lines around the cursor that a snippet must not resemble too much."""
MAX_DOCUMENTS = 64
"""Maximum number of documents whose context is kept."""
REFRESH_DEADLINE_MS = 5.0
"""Time limit of a request whose document has context already: late sources use their last result.
"""
BACKGROUND_DEADLINE_MS = 1000.0
"""Time limit of a refresh in the background."""
RECLASSIFY_AFTER_S = 2.0
"""After this time, ignore files are read again for the open documents."""
REFRESH_DELAY_S = 0.03
"""Delay of a refresh, by which the request has been sent; a held key repeats sooner."""

_logger = logging.getLogger(__name__)


class ContextProvider:
    """Gathers and renders context for all documents of one editor."""

    def __init__(
        self,
        settings: ContextSettings,
        sources: Mapping[str, Callable[[], ContextSource]] = SOURCES,
        sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        exclude: tuple[str, ...] = (),
        ask_editor: AskEditor | None = None,
    ) -> None:
        """`exclude` are patterns of files that must not be sent; `ask_editor` queries the editor's
        other language servers, and is None if it offers none."""
        self._settings = settings
        self.exclude = exclude
        self._sleep_s = sleep_s
        self._makers = [make for name, make in sources.items() if getattr(settings, name, True)]
        self._sources: list[BackgroundSource] = []
        self._open: OrderedDict[str, Snapshot] = OrderedDict()
        self._edit_history = EditHistory()
        self._folders: tuple[Path, ...] = ()
        self._is_allowed: dict[str, bool] = {}
        self._classified_s = 0.0
        self._classifying: asyncio.Task[None] | None = None
        self._names: dict[str, str] = {}
        self._contexts: OrderedDict[str, DocumentContext] = OrderedDict()
        self._latest_request: ContextRequest | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._definitions: Definitions | None = None
        self._members = Members(ask_editor, find_stores(os.environ))

    @classmethod
    def of(cls, settings: Settings, ask_editor: AskEditor | None = None) -> ContextProvider:
        """Create a provider for the user's settings."""
        return cls(settings.context, exclude=settings.privacy.exclude, ask_editor=ask_editor)

    @property
    def enabled(self) -> bool:
        """Whether anything but the documents themselves may be sent."""
        return self._settings.enabled

    @property
    def folders(self) -> tuple[Path, ...]:
        """The workspace folders."""
        return self._folders

    @property
    def documents(self) -> Mapping[str, Snapshot]:
        """The current snapshots of the open documents, by URI."""
        return dict(self._open)

    def watch_folders(self, folders: Iterable[Path]) -> None:
        """Set the workspace folders."""
        self._folders = tuple(folders)
        # New objects: threads may still fill the old ones.
        self._is_allowed, self._names = {}, {}

    def changed(self, snapshot: Snapshot) -> None:
        """Record that a document was opened or edited."""
        old = self._open.get(snapshot.uri)
        self._open[snapshot.uri] = snapshot
        self._edit_history.changed(old, snapshot)

    def focused(self, uri: str) -> None:
        """Record that a document has the focus. `prompt_prefix` does so, too."""
        if uri in self._open:
            self._open.move_to_end(uri)

    def closed(self, uri: str) -> None:
        """Record that a document was closed. Its edits stay in the history."""
        for known in (self._open, self._names, self._contexts):
            known.pop(uri, None)
        for source in self._sources:
            source.forget(uri)
        self._members.forget(uri)

    async def prompt_prefix(
        self,
        snapshot: Snapshot,
        offset: int,
        *,
        cells: Sequence[Snapshot] = (),
        characters_per_token: float = CHARACTERS_PER_TOKEN,
        share: float = 1.0,
    ) -> str:
        """The context to put right before the prompt's text; "" if context is switched off.

        `cells` are the cells of the document's notebook, including itself, in order; `offset` is in
        code points. Uses `share` of the budget of the settings, and keeps to their deadline. The
        result is the same for every cursor in a line. Raises only CancelledError.
        """
        if not self._settings.enabled:
            return ""
        self.focused(snapshot.uri)
        budget = int(self._settings.budget_tokens * characters_per_token * share)
        request = ContextRequest(snapshot, offset, tuple(cells), budget)
        context = self._contexts.get(snapshot.uri)
        deadline_ms = self._settings.deadline_ms
        if context is None or not context.is_usable(self._other_inputs(request), request.line):
            timeout_ms = deadline_ms if context is None else min(deadline_ms, REFRESH_DEADLINE_MS)
            context = await self._gather(request, timeout_ms)
            self._remember(snapshot.uri, context)
        elif self._settings.members and not self._members.is_current(snapshot, offset):
            query = self._query(request)
            context = self._with_block(
                context, query, await self._members.block(query, deadline_ms)
            )
            self._remember(snapshot.uri, context)
        self._schedule_refresh(request)  # a source may have been late
        annotate("in the prompt: %s", context.reasons, stage="context")
        return context.head

    def choices(self, uri: str) -> tuple[Choice, ...]:
        """What became of each piece of context at a document's last request, in the order of the
        prompt; () before the first one."""
        context = self._contexts.get(uri)
        return context.all_choices if context is not None else ()

    async def warm(self, snapshot: Snapshot, offset: int) -> None:
        """Fill all caches that a request at this cursor would use, however long it takes."""
        await self.prompt_prefix(snapshot, offset)
        await self._members.wait_until_surveyed()
        await self.wait_until_refreshed()
        self._contexts.pop(snapshot.uri, None)
        self._members.forget(snapshot.uri)

    async def wait_until_refreshed(self) -> None:
        """Wait for the refresh that the last requests started in the background."""
        while self._refreshing is not None and not self._refreshing.done():
            await asyncio.wait((self._refreshing,))

    async def definitions(
        self, snapshot: Snapshot, span: Span, shown: Span, budget_tokens: int
    ) -> tuple[Snippet, ...]:
        """Definitions of the names in `span`, from anywhere but `shown`, in a stable order.

        () if the settings do not allow other files in prompts. Raises what a source may raise.
        """
        if not (self._settings.enabled and self._settings.imports):
            return ()
        from devstral_lsp.context.definitions import Definitions, SpanQuery

        self._definitions = self._definitions or Definitions()
        await self._classify_documents(self._settings.deadline_ms)
        budget = int(budget_tokens * CHARACTERS_PER_TOKEN)
        plain = self._query(ContextRequest(snapshot, span.start, (), budget))
        found = await self._definitions.find(SpanQuery(**vars(plain), span=span, shown=shown))
        return tuple(each for each in found if not hides_text(each.text))

    async def close(self) -> None:
        """Cancel all work in the background."""
        for task in (self._classifying, self._refreshing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        for source in self._sources:
            await source.close()
        await self._members.close()

    def _other_inputs(self, request: ContextRequest) -> object:
        """The other inputs of the context, which compare by identity while they are unchanged."""
        own, judged = request.snapshot.uri, self._is_allowed
        documents = self._open.items()
        others = [(uri, each.text) for uri, each in documents if uri != own and judged.get(uri)]
        cells = [(cell.uri, cell.text if cell.uri != own else None) for cell in request.cells]
        return others, cells, self._folders, request.budget_characters

    async def _gather(self, request: ContextRequest, timeout_ms: float) -> DocumentContext:
        """Gather context within about `timeout_ms`."""
        if not self._sources:  # in a thread, since the first ones are imported
            made = await asyncio.to_thread(lambda: [make() for make in self._makers])
            self._sources = self._sources or [BackgroundSource(each) for each in made]
        uri = request.snapshot.uri
        started_s = time.monotonic()
        await self._classify_documents(timeout_ms)
        other_inputs = self._other_inputs(request)
        query = self._query(request)
        context = self._contexts.get(uri)
        left_ms = timeout_ms - 1000.0 * (time.monotonic() - started_s)
        least_ms = min(timeout_ms, REFRESH_DEADLINE_MS)
        timeout_ms = max(least_ms, left_ms)
        block, found = await asyncio.gather(
            self._block(query),
            gather(query, self._sources, timeout_ms, fallback=self._last_results(uri)),
        )
        choices = context.choices if context is not None else ()
        gathered = DocumentContext(other_inputs, query.line, query.path, found, choices, "", block)
        return self._with_block(gathered, query, block)

    async def _block(self, query: ContextQuery) -> Block:
        """The block that the cursor itself needs; it may take the deadline of the settings."""
        if not self._settings.members:
            return Block()
        return await self._members.block(query, self._settings.deadline_ms)

    def _with_block(
        self, context: DocumentContext, query: ContextQuery, block: Block
    ) -> DocumentContext:
        """Add the block at the end, and as many other snippets as then fit."""
        near = query.lines_around(NEAR_LINES, NEAR_LINES)
        left = query.budget_characters - block.size
        repeated = [each for each in context.found if block.contains(each)]
        found = [each for each in context.found if each not in repeated]
        choices = choose_snippets(found, near, left, context.chosen)
        choices += tuple(to_choice(each, SAID_ALREADY) for each in repeated)
        context = replace(context, line=query.line, choices=choices, block=block)
        head = render_snippets((*context.chosen, *block.snippets), context.path)
        return replace(context, head=head)

    def _schedule_refresh(self, request: ContextRequest) -> None:
        self._latest_request = request
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh_latest())
            self._refreshing.add_done_callback(_log_failure)

    async def _refresh_latest(self) -> None:
        """Refresh for the latest cursor, once there was no new request for a moment."""
        while (request := self._latest_request) is not None:
            await self._sleep_s(REFRESH_DELAY_S)
            if request is self._latest_request:
                self._latest_request = None
                await self._refresh(request)

    async def _refresh(self, request: ContextRequest) -> None:
        uri = request.snapshot.uri
        if (context := self._contexts.get(uri)) is None:
            return
        anew = await self._gather(request, BACKGROUND_DEADLINE_MS)
        if self._contexts.get(uri) is context:  # neither closed nor updated meanwhile
            self._remember(uri, anew)
        if self._settings.members:
            self._members.prepare(self._query(request))

    def _query(self, request: ContextRequest) -> ContextQuery:
        left_out = {request.snapshot.uri, *(cell.uri for cell in request.cells)}
        return ContextQuery(
            snapshot=request.snapshot,
            offset=request.offset,
            others=tuple(
                other
                for uri, other in reversed(self._open.items())
                if uri not in left_out
                and self._is_allowed.get(uri)
                and not holds_only_keys(other.text)
            ),
            folders=self._folders,
            hunks=tuple(
                hunk for hunk in self._edit_history.hunks() if self._is_allowed.get(hunk.uri)
            ),
            cells=tuple(Cell(cell.uri, cell.language, str(cell.text)) for cell in request.cells),
            budget_characters=request.budget_characters,
            exclude=self.exclude,
            names=self._names,
        )

    def _last_results(self, uri: str) -> Callable[[ContextSource], Sequence[Snippet]]:
        return lambda source: (
            source.last_result(uri) if isinstance(source, BackgroundSource) else ()
        )

    def _remember(self, uri: str, context: DocumentContext) -> None:
        if uri not in self._open:
            return  # closed meanwhile
        self._contexts[uri] = context
        self._contexts.move_to_end(uri)
        while len(self._contexts) > MAX_DOCUMENTS:
            self._contexts.popitem(last=False)

    async def _classify_documents(self, timeout_ms: float) -> None:
        """Decide which documents may be context. Undecided ones may not, after `timeout_ms`."""
        if self._classifying is None or self._classifying.done():
            unknown = [uri for uri in self._open if uri not in self._is_allowed]
            if not unknown and time.monotonic() - self._classified_s < RECLASSIFY_AFTER_S:
                return
            self._classifying = asyncio.create_task(self._classify(unknown or list(self._open)))
            if not unknown:
                return
        await asyncio.wait((self._classifying,), timeout=timeout_ms / 1000.0)

    async def _classify(self, uris: Sequence[str]) -> None:
        folders, judged, exclude = self._folders, self._is_allowed, self.exclude
        self._classified_s = time.monotonic()
        verdicts = await asyncio.to_thread(
            lambda: [may_be_shown(uri, folders, exclude) for uri in uris]
        )
        judged.update(zip(uris, verdicts, strict=True))


def _log_failure(looking: asyncio.Task[None]) -> None:
    """Log the failure of a refresh, which no caller waits for."""
    error = None if looking.cancelled() else looking.exception()
    if error is not None:  # only its type: a message may hold source text
        _logger.error("context could not be gathered anew: %s", type(error).__name__)
