"""Next edits for an event loop: queues edits, and processes them in a thread on request.

A keystroke only appends to a list. A request waits for a pause while the user may be typing a word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from devstral_lsp.text import Snapshot, minimal_edit

if TYPE_CHECKING:
    from devstral_lsp.next_edit.finder import NextEditFinder
    from devstral_lsp.next_edit.proposal import Proposal

T = TypeVar("T")

PAUSE_S = 1.2
"""How long after the last keystroke the text before the cursor counts as finished."""
MAX_QUEUED = 64
"""Queued edits that are processed without a request."""


@dataclass(frozen=True, slots=True)
class _LastEdit:
    """The last edit: its document before and after, and its time."""

    old: Snapshot
    new: Snapshot
    at_s: float

    def ends_at(self, offset: int) -> bool:
        """Whether the cursor is at the end of this edit.

        The minimal edit may end before letters that the word already ended with.
        """
        edit = minimal_edit(self.old.text, self.new.text)
        end = edit.span.start + len(edit.text)
        rest = self.new.text.slice(end, offset)
        return offset >= end and all(each.isalnum() or each == "_" for each in rest)


class NextEditEngine:
    """Proposes next edits to one editor. Belongs to one event loop."""

    def __init__(
        self,
        *,
        is_on: bool,
        may_use: Callable[[Snapshot], Awaitable[bool]],
        unopened: Callable[[Container[str]], Awaitable[Sequence[Snapshot]]],
        now_s: Callable[[], float],
        sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`may_use` decides whether to learn from and to change a document; `unopened` gives the
        workspace's other files in languages, by their LSP ids.
        """
        self._is_on = is_on
        self._may_use = may_use
        self._unopened = unopened
        self._now_s = now_s
        self._sleep_s = sleep_s
        self._finder: NextEditFinder | None = None
        self._edits: list[tuple[Snapshot, Snapshot]] = []
        self._events: list[Callable[[NextEditFinder], None]] = []
        self._last_edit: _LastEdit | None = None
        self._busy = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    def changed(self, old: Snapshot, new: Snapshot) -> None:
        """Record that a document was edited."""
        if not self._is_on:
            return
        self._edits.append((old, new))
        self._last_edit = _LastEdit(old, new, self._now_s())
        if len(self._edits) >= MAX_QUEUED and not self._running:
            self._start(self._catch_up())

    def closed(self, uri: str) -> None:
        """Record that a document was closed."""
        if self._is_on:
            self._events.append(lambda finder: finder.forget(uri))

    def shown(self, proposal_id: str) -> None:
        """Record that the editor displays a proposal, so that the user can refuse it."""
        self._events.append(lambda finder: finder.shown(proposal_id))

    def covered(self) -> None:
        """Record that a completion hides the proposal, if there is one."""
        if self._is_on:
            self._events.append(lambda finder: finder.covered())

    def accepted(self, proposal_id: str) -> None:
        """Record that the user took a proposal; its edit arrives like any other."""
        self._events.append(lambda finder: finder.accepted(proposal_id))

    def refused(self, proposal_id: str) -> None:
        """Do not propose this again, nor similar edits, until the user makes that change again."""
        self._events.append(lambda finder: finder.refused(proposal_id))

    async def propose(
        self,
        snapshot: Snapshot,
        offset: int,
        *,
        waits: bool = True,
        is_finished: bool = False,
    ) -> Proposal | None:
        """The next edit of a document with the cursor at `offset` (code points); None if none is
        probable enough, or if the document is edited meanwhile.

        While the user types at the cursor, waits for a pause; returns None instead if not `waits`.
        `is_finished`: the user is known not to be typing, because they left insert mode or made the
        request themselves. Raises only CancelledError.
        """
        if not self._is_on or (self._finder is None and not self._edits):
            return None
        last = self._last_edit
        is_typing = (
            not is_finished and last is not None and last.new is snapshot and last.ends_at(offset)
        )
        if last is not None and is_typing:
            left_s = last.at_s + PAUSE_S - self._now_s()
            if left_s > 0 and not waits:
                return None
            await self._sleep_s(max(0.0, left_s))
        if not self._is_newest(snapshot) or not await self._may_use(snapshot):
            return None
        # Shielded, because a thread cannot be cancelled: the next request must wait for it.
        return await asyncio.shield(self._start(self._propose(snapshot, offset, is_typing)))

    async def everywhere(
        self, proposal_id: str, opened: Sequence[Snapshot]
    ) -> list[tuple[Snapshot, list[Proposal]]]:
        """All edits that repeat the change of a proposal, by document, if it is still valid: in the
        documents that are open, and in other files in their languages.
        """
        snapshots = [*opened, *await self._unopened({each.language for each in opened})]
        found = await asyncio.shield(self._start(self._everywhere(proposal_id, snapshots)))
        return [
            (snapshot, edits)
            for snapshot in snapshots
            if (edits := [each for each in found if each.uri == snapshot.uri])
            and await self._may_use(snapshot)
        ]

    async def close(self) -> None:
        """Wait for running requests."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _propose(self, snapshot: Snapshot, offset: int, is_typing: bool) -> Proposal | None:
        await self._catch_up()
        async with self._busy:
            finder = self._finder
            if finder is None or not self._is_newest(snapshot):
                return None
            return await asyncio.to_thread(finder.propose, snapshot, offset, is_typing=is_typing)

    async def _everywhere(self, proposal_id: str, snapshots: Sequence[Snapshot]) -> list[Proposal]:
        await self._catch_up()
        async with self._busy:
            if self._finder is None:
                return []
            return await asyncio.to_thread(self._finder.everywhere, proposal_id, snapshots)

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def _is_newest(self, snapshot: Snapshot) -> bool:
        last = self._last_edit
        return last is None or last.new.uri != snapshot.uri or last.new is snapshot

    async def _catch_up(self) -> None:
        """Process the queued edits and events."""
        async with self._busy:
            edits, events, self._edits, self._events = self._edits, self._events, [], []
            newest = {new.uri: new for _, new in edits}
            usable = {uri: await self._may_use(new) for uri, new in newest.items()}
            kept = [(old, new) for old, new in edits if usable[new.uri]]
            self._finder = await asyncio.to_thread(_process, self._finder, kept, events)


def _process(
    finder: NextEditFinder | None,
    edits: list[tuple[Snapshot, Snapshot]],
    events: list[Callable[[NextEditFinder], None]],
) -> NextEditFinder:
    # Imported here, in a thread: rules and checks take a while to load.
    from devstral_lsp.next_edit.changes import DocumentEdit
    from devstral_lsp.next_edit.finder import NextEditFinder

    finder = finder or NextEditFinder()
    for old, new in edits:
        finder.follow(DocumentEdit.between(old, new))
    for apply in events:
        apply(finder)
    return finder
