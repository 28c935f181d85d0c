"""What the completion engine talks to: documents and edits go in, the head of a prompt comes out.

Remembers between keystrokes what is open, what was looked at last, where the user edited, and what
each document was told. While somebody types on near there, they are told the same at once, and it
is gathered anew when the request is on its way. Belongs to one editor and one event loop. Knows no
model beyond the form in which Codestral is shown several files.
"""

from __future__ import annotations

import asyncio
import logging
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
from devstral_lsp.context.edit_history import EditHistory
from devstral_lsp.context.gitignore import may_be_shown
from devstral_lsp.context.members.editor import AskEditor
from devstral_lsp.context.members.source import Block, Members
from devstral_lsp.context.selection import choice_of, choose_snippets, render_snippets
from devstral_lsp.context.sensitive_files import holds_only_keys
from devstral_lsp.context.told import Asked, Told
from devstral_lsp.text import Snapshot, Span

if TYPE_CHECKING:
    from devstral_lsp.context.definitions import Definitions

NEAR_LINES = 10
"""Lines on either side of the cursor that no snippet may be too much like."""
MOST_DOCUMENTS = 64
"""For which it is remembered what they were told."""
REFRESH_DEADLINE_MS = 5.0
"""How long a document waits that was told before: a late source is quoted from last time."""
BACKGROUND_DEADLINE_MS = 1000.0
"""How long a source may take while nobody waits; until then what the others found is not told."""
JUDGED_AGAIN_S = 2.0
"""After which an ignore file may say something else of the documents."""
REFRESH_DELAY_S = 0.03
"""Until then the request has been sent. Whoever asks again sooner holds a key down."""

_logger = logging.getLogger(__name__)


class ContextProvider:
    """Gathers and renders context for every document of one editor."""

    def __init__(
        self,
        settings: ContextSettings,
        sources: Mapping[str, Callable[[], ContextSource]] = SOURCES,
        sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        exclude: tuple[str, ...] = (),
        ask_editor: AskEditor | None = None,
    ) -> None:
        """`exclude` are patterns of files of which nothing is told; `ask_editor` asks what the
        editor's other language servers know, None where it offers nothing."""
        self._settings = settings
        self.exclude = exclude
        self._sleep_s = sleep_s
        self._makers = [make for name, make in sources.items() if getattr(settings, name, True)]
        self._sources: list[BackgroundSource] = []
        self._open: OrderedDict[str, Snapshot] = OrderedDict()
        self._trail = EditHistory()
        self._folders: tuple[Path, ...] = ()
        self._judged: dict[str, bool] = {}
        self._judged_s = 0.0
        self._judging: asyncio.Task[None] | None = None
        self._names: dict[str, str] = {}
        self._told: OrderedDict[str, Told] = OrderedDict()
        self._wanted: Asked | None = None
        self._looking: asyncio.Task[None] | None = None
        self._definitions: Definitions | None = None
        self._members = Members(ask_editor)

    @classmethod
    def under(cls, settings: Settings, ask_editor: AskEditor | None = None) -> ContextProvider:
        """Gathers what the settings allow."""
        return cls(settings.context, exclude=settings.privacy.exclude, ask_editor=ask_editor)

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
        # Others than before: threads under way still fill those.
        self._judged, self._names = {}, {}

    def changed(self, snapshot: Snapshot) -> None:
        """A document was opened or edited."""
        old = self._open.get(snapshot.uri)
        self._open[snapshot.uri] = snapshot
        self._trail.changed(old, snapshot)

    def focused(self, uri: str) -> None:
        """A document has the editor's focus now. Asking for its head says so, too."""
        if uri in self._open:
            self._open.move_to_end(uri)

    def closed(self, uri: str) -> None:
        """A document was closed. Where it was edited is remembered."""
        for known in (self._open, self._names, self._told):
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
        """What belongs right before the prompt's own text; "" where context is switched off.

        `cells` are those of the document's notebook, itself included, in their order; `offset` is
        in code points. Takes `share` of the budget of the settings, and no longer than their
        deadline. The same for every cursor in a line. Raises nothing but CancelledError.
        """
        if not self._settings.enabled:
            return ""
        self.focused(snapshot.uri)
        budget = int(self._settings.budget_tokens * characters_per_token * share)
        asked = Asked(snapshot, offset, tuple(cells), budget)
        told = self._told.get(snapshot.uri)
        deadline_ms = self._settings.deadline_ms
        if told is None or not told.will_do(self._elsewhere(asked), asked.line):
            patience_ms = deadline_ms if told is None else min(deadline_ms, REFRESH_DEADLINE_MS)
            told = await self._gather(asked, patience_ms)
            self._remember(snapshot.uri, told)
        elif self._settings.members and not self._members.is_told(snapshot, offset):
            query = self._query(asked.snapshot, asked.offset, asked.cells, budget)
            told = self._with_block(told, query, await self._members.block(query, deadline_ms))
            self._remember(snapshot.uri, told)
        self._schedule_refresh(asked)  # something may have been late
        return told.head

    def choices(self, uri: str) -> tuple[Choice, ...]:
        """What became of each piece of context at a document's last request, in the prompt's order.

        () before the first one.
        """
        told = self._told.get(uri)
        return told.all_choices if told is not None else ()

    async def warm(self, snapshot: Snapshot, offset: int) -> None:
        """Read all that a request there would use, so that the next one finds it, however slow."""
        await self.prompt_prefix(snapshot, offset)
        await self._members.settled()
        await self.wait_until_refreshed()
        self._told.pop(snapshot.uri, None)
        self._members.forget(snapshot.uri)

    async def wait_until_refreshed(self) -> None:
        """Wait for the work that the last requests left to the background, however it ends."""
        while self._looking is not None and not self._looking.done():
            await asyncio.wait((self._looking,))

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
        await self._classify_documents(self._settings.deadline_ms)
        plain = self._query(snapshot, span.start, (), int(budget_tokens * CHARACTERS_PER_TOKEN))
        found = await self._definitions.find(SpanQuery(**vars(plain), span=span, shown=shown))
        return tuple(each for each in found if not hides_text(each.text))

    async def close(self) -> None:
        """Give up all work in the background."""
        for task in (self._judging, self._looking):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        for source in self._sources:
            await source.close()
        await self._members.close()

    def _elsewhere(self, asked: Asked) -> object:
        """What else may be told of, by identity as long as nobody types there; and the budget."""
        own, judged = asked.snapshot.uri, self._judged
        documents = self._open.items()
        others = [(uri, each.text) for uri, each in documents if uri != own and judged.get(uri)]
        cells = [(cell.uri, cell.text if cell.uri != own else None) for cell in asked.cells]
        return others, cells, self._folders, asked.budget_characters

    async def _gather(self, asked: Asked, patience_ms: float) -> Told:
        """Gather what there is to tell, and take little longer."""
        self._sources = self._sources or [BackgroundSource(make()) for make in self._makers]
        uri, budget = asked.snapshot.uri, asked.budget_characters
        started_s = time.monotonic()
        await self._classify_documents(patience_ms)
        elsewhere = self._elsewhere(asked)
        query = self._query(asked.snapshot, asked.offset, asked.cells, budget)
        told = self._told.get(uri)
        left_ms = patience_ms - 1000.0 * (time.monotonic() - started_s)
        least_ms = min(patience_ms, REFRESH_DEADLINE_MS)
        patience_ms = max(least_ms, left_ms)
        block, found = await asyncio.gather(
            self._block(query),
            gather(query, self._sources, patience_ms, instead=self._said(uri)),
        )
        choices = told.choices if told is not None else ()
        gathered = Told(elsewhere, query.line, query.path, found, choices, "", block)
        return self._with_block(gathered, query, block)

    async def _block(self, query: ContextQuery) -> Block:
        """What the cursor itself asks for; that may take as long as the settings allow."""
        if not self._settings.members:
            return Block()
        return await self._members.block(query, self._settings.deadline_ms)

    def _with_block(self, told: Told, query: ContextQuery, block: Block) -> Told:
        """What is told with the block at its end, and as much else as then fits."""
        near = query.lines_around(NEAR_LINES, NEAR_LINES)
        left = query.budget_characters - block.size
        repeated = [each for each in told.found if block.tells(each)]
        found = [each for each in told.found if each not in repeated]
        choices = choose_snippets(found, near, left, told.chosen)
        choices += tuple(choice_of(each, SAID_ALREADY) for each in repeated)
        told = replace(told, line=query.line, choices=choices, block=block)
        head = render_snippets((*told.chosen, *block.snippets), told.path)
        told = replace(told, head=head)
        _logger.debug("context, by what it was chosen for: %s", told.reasons)
        return told

    def _schedule_refresh(self, asked: Asked) -> None:
        self._wanted = asked
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_again())
            self._looking.add_done_callback(_heard)

    async def _look_again(self) -> None:
        """Gather for the cursor that was asked about last, once none was for a moment."""
        while (asked := self._wanted) is not None:
            await self._sleep_s(REFRESH_DELAY_S)
            if asked is self._wanted:
                self._wanted = None
                await self._refresh(asked)

    async def _refresh(self, asked: Asked) -> None:
        uri = asked.snapshot.uri
        if (told := self._told.get(uri)) is None:
            return
        anew = await self._gather(asked, BACKGROUND_DEADLINE_MS)
        if self._told.get(uri) is told:  # neither closed meanwhile nor told what is newer
            self._remember(uri, anew)
        if self._settings.members:
            query = self._query(asked.snapshot, asked.offset, asked.cells, asked.budget_characters)
            self._members.prepare(query)

    def _query(
        self, snapshot: Snapshot, offset: int, cells: Sequence[Snapshot], budget_characters: int
    ) -> ContextQuery:
        left_out = {snapshot.uri, *(cell.uri for cell in cells)}
        return ContextQuery(
            snapshot=snapshot,
            offset=offset,
            others=tuple(
                other
                for uri, other in reversed(self._open.items())
                if uri not in left_out and self._judged.get(uri) and not holds_only_keys(other.text)
            ),
            folders=self._folders,
            hunks=tuple(hunk for hunk in self._trail.hunks() if self._judged.get(hunk.uri)),
            cells=tuple(Cell(cell.uri, cell.language, str(cell.text)) for cell in cells),
            budget_characters=budget_characters,
            exclude=self.exclude,
            names=self._names,
        )

    def _said(self, uri: str) -> Callable[[ContextSource], Sequence[Snippet]]:
        return lambda source: (
            source.last_result(uri) if isinstance(source, BackgroundSource) else ()
        )

    def _remember(self, uri: str, told: Told) -> None:
        if uri not in self._open:
            return  # closed meanwhile
        self._told[uri] = told
        self._told.move_to_end(uri)
        while len(self._told) > MOST_DOCUMENTS:
            self._told.popitem(last=False)

    async def _classify_documents(self, patience_ms: float) -> None:
        """Find out which documents may be shown; those that are not judged in time may not."""
        if self._judging is None or self._judging.done():
            unknown = [uri for uri in self._open if uri not in self._judged]
            if not unknown and time.monotonic() - self._judged_s < JUDGED_AGAIN_S:
                return
            self._judging = asyncio.create_task(self._look_at(unknown or list(self._open)))
            if not unknown:
                return
        await asyncio.wait((self._judging,), timeout=patience_ms / 1000.0)

    async def _look_at(self, uris: Sequence[str]) -> None:
        folders, judged, exclude = self._folders, self._judged, self.exclude
        self._judged_s = time.monotonic()
        verdicts = await asyncio.to_thread(
            lambda: [may_be_shown(uri, folders, exclude) for uri in uris]
        )
        judged.update(zip(uris, verdicts, strict=True))


def _heard(looking: asyncio.Task[None]) -> None:
    """Nobody waits for what is gathered behind: of a failure only the log is told."""
    error = None if looking.cancelled() else looking.exception()
    if error is not None:  # only its type: a message may hold source text
        _logger.error("context could not be gathered anew: %s", type(error).__name__)
