"""Next edits for an event loop: edits are noted as they come, and looked at in a thread when asked.

A keystroke only adds to a list. Whoever asks while the user may be in the middle of a word waits
until they pause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from devstral_lsp.text import Snapshot, minimal_edit

if TYPE_CHECKING:
    from devstral_lsp.next_edit.finder import NextEditFinder
    from devstral_lsp.next_edit.proposal import Proposal

T = TypeVar("T")

PAUSE_S = 1.2
"""Until what was typed right before the cursor counts as finished."""
MAX_NOTED = 64
"""Edits that are noted before they are looked at without being asked."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """The last edit of all: its document before and after, and when it came."""

    old: Snapshot
    new: Snapshot
    at_s: float

    def ends_at(self, offset: int) -> bool:
        """Whether the cursor stands where this edit left it.

        The smallest edit leaves out letters at the end of a word that it had before as well.
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
        now_s: Callable[[], float],
        sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`may_use` tells whether a document's changes may be learned from and made."""
        self._is_on = is_on
        self._may_use = may_use
        self._now_s = now_s
        self._sleep_s = sleep_s
        self._finder: NextEditFinder | None = None
        self._noted: list[tuple[Snapshot, Snapshot]] = []
        self._said: list[Callable[[NextEditFinder], None]] = []
        self._typed: _Typed | None = None
        self._busy = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    def changed(self, old: Snapshot, new: Snapshot) -> None:
        """A document was edited."""
        if not self._is_on:
            return
        self._noted.append((old, new))
        self._typed = _Typed(old, new, self._now_s())
        if len(self._noted) >= MAX_NOTED and not self._running:
            self._start(self._catch_up())

    def closed(self, uri: str) -> None:
        """A document was closed."""
        if self._is_on:
            self._said.append(lambda finder: finder.forget(uri))

    def shown(self, proposal_id: str) -> None:
        """The editor shows a proposal. Until then, the user cannot refuse it."""
        self._said.append(lambda finder: finder.shown(proposal_id))

    def covered(self) -> None:
        """A completion takes the place of the proposal on the screen, if there is one."""
        if self._is_on:
            self._said.append(lambda finder: finder.covered())

    def accepted(self, proposal_id: str) -> None:
        """The user took a proposal; the edit itself arrives as any other."""
        self._said.append(lambda finder: finder.accepted(proposal_id))

    def refused(self, proposal_id: str) -> None:
        """The user does not want a proposal, nor its like until they make that change again."""
        self._said.append(lambda finder: finder.refused(proposal_id))

    async def propose(
        self,
        snapshot: Snapshot,
        offset: int,
        *,
        waits: bool = True,
        is_finished: bool = False,
    ) -> Proposal | None:
        """The next edit of a document with the cursor at `offset` (code points), if one is sure.

        Waits until the user pauses where they type; without `waits`, there is none until then.
        `is_finished` if it is known that they do not type: they left insert mode, or ask by hand.
        None as well if the document is edited meanwhile. Raises nothing but CancelledError.
        """
        if not self._is_on or (self._finder is None and not self._noted):
            return None
        typed = self._typed
        is_typing = (
            not is_finished
            and typed is not None
            and typed.new is snapshot
            and typed.ends_at(offset)
        )
        if typed is not None and is_typing:
            left_s = typed.at_s + PAUSE_S - self._now_s()
            if left_s > 0 and not waits:
                return None
            await self._sleep_s(max(0.0, left_s))
        if not self._is_newest(snapshot) or not await self._may_use(snapshot):
            return None
        # A request that is cancelled must not leave a thread at work that the next one meets.
        return await asyncio.shield(self._start(self._propose(snapshot, offset, is_typing)))

    async def everywhere(self, proposal_id: str, snapshots: Sequence[Snapshot]) -> list[Proposal]:
        """All edits of `snapshots` that make the change of a proposal, if it still stands."""
        usable = [each for each in snapshots if await self._may_use(each)]
        return await asyncio.shield(self._start(self._everywhere(proposal_id, usable)))

    async def close(self) -> None:
        """Wait for what is under way."""
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
        typed = self._typed
        return typed is None or typed.new.uri != snapshot.uri or typed.new is snapshot

    async def _catch_up(self) -> None:
        """Look at all that was noted."""
        async with self._busy:
            noted, said, self._noted, self._said = self._noted, self._said, [], []
            usable = {uri: await self._may_use(new) for uri, new in _newest(noted).items()}
            kept = [(old, new) for old, new in noted if usable[new.uri]]
            self._finder = await asyncio.to_thread(_follow, self._finder, kept, said)


def _newest(noted: list[tuple[Snapshot, Snapshot]]) -> dict[str, Snapshot]:
    return {new.uri: new for _, new in noted}


def _follow(
    finder: NextEditFinder | None,
    noted: list[tuple[Snapshot, Snapshot]],
    said: list[Callable[[NextEditFinder], None]],
) -> NextEditFinder:
    # Loaded here, in a thread: rules and checks take a while, and the session begins without them.
    from devstral_lsp.next_edit.changes import DocumentEdit
    from devstral_lsp.next_edit.finder import NextEditFinder

    finder = finder or NextEditFinder()
    for old, new in noted:
        finder.follow(DocumentEdit.between(old, new))
    for say in said:
        say(finder)
    return finder
