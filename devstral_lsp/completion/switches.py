"""What the user has switched off or snoozed for this session, by commands of any editor.

A switch only takes away: what the settings leave off stays off. Belongs to one event loop; nothing
of it outlives the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from devstral_lsp.completion.availability import SWITCHED_OFF, WAITS_FOR_REQUEST
from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.completion.types import CompletionRequest, TriggerKind
from devstral_lsp.text import Snapshot

MINUTE_S = 60.0
EVERYWHERE = ""
"""The key of the switch for all documents, beside those of languages and of documents' URIs."""


class Switches:
    """The switches of one session. `news` is called whenever one of them moves by itself or not."""

    def __init__(self, clock: Clock, news: Callable[[], None]) -> None:
        self._clock = clock
        self._news = news
        self._off: set[str] = set()
        self._minutes: float | None = 0
        self._waking: asyncio.Future[None] | None = None

    def toggle(self, where: str, *, on: bool | None) -> None:
        """Switch a language id, a document's URI or EVERYWHERE on or off; None flips it."""
        if on if on is not None else where in self._off:
            self._off.discard(where)
        else:
            self._off.add(where)
        self._news()

    def snooze(self, minutes: float | None) -> None:
        """Suggest nothing unasked for so many minutes; None: until the server ends; 0: wake up."""
        self.close()
        self._minutes = minutes
        if minutes:
            self._waking = asyncio.ensure_future(self._wake(minutes * MINUTE_S))
        self._news()

    def off_reason(self, snapshot: Snapshot | None) -> str:
        """Why the user gets nothing in a document, not even by hand; "" if they do."""
        if EVERYWHERE in self._off:
            return "Completion is switched off until you switch it on again."
        if snapshot is not None and snapshot.uri in self._off:
            return "Completion is switched off in this file until you switch it on again."
        if snapshot is not None and snapshot.language in self._off:
            language = snapshot.language
            return f"Completion is switched off for {language} until you switch it on again."
        return ""

    @property
    def snooze_reason(self) -> str:
        """Why nothing is suggested unasked, "" if it is."""
        if self._minutes is None:
            return "Snoozed until the server restarts: completions come on request only."
        if self._minutes:
            time = "1 minute" if self._minutes == 1 else f"{self._minutes:g} minutes"
            return f"Snoozed for {time}: completions come on request only."
        return ""

    def status(self, off_reason: str) -> Status | None:
        """The status where no automatic completion comes; None elsewhere."""
        if off_reason:
            return Status(StatusKind.INACTIVE, off_reason)
        snoozed = self.snooze_reason
        return Status(StatusKind.INACTIVE, snoozed, remedy="wake") if snoozed else None

    def silence(self, request: CompletionRequest) -> str:
        """Why a request gets nothing, in the words of the trace; "" if it may get something."""
        if self.off_reason(request.snapshot):
            return SWITCHED_OFF
        unasked = request.trigger is TriggerKind.AUTOMATIC
        return WAITS_FOR_REQUEST if unasked and self.snooze_reason else ""

    def close(self) -> None:
        """Forget when to wake up."""
        if self._waking is not None:
            self._waking.cancel()

    async def _wake(self, after_s: float) -> None:
        await self._clock.sleep_s(after_s)
        self._minutes = 0
        self._news()
