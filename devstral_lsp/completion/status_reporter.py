"""Tells the user how completion is doing in the current document."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from devstral_lsp.completion.availability import (
    disabled_reason,
    idle_status,
    status_by_settings,
)
from devstral_lsp.completion.excluded import ExcludedDocuments
from devstral_lsp.completion.status import NO_KEY, OWN_CODE_ONLY, Status, StatusKind
from devstral_lsp.completion.switches import Switches
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.text import Snapshot, Text


class StatusReporter:
    """`settings` gives the current ones, `opened` holds the open documents by their URIs, and
    `summary` returns the message of a status without problems."""

    def __init__(
        self,
        tell: Callable[[Status], None],
        *,
        settings: Callable[[], ResolvedSettings],
        opened: Mapping[str, Snapshot],
        switches: Switches,
        excluded: ExcludedDocuments,
        summary: Callable[[], str],
    ) -> None:
        self._tell = tell
        self._settings = settings
        self._opened = opened
        self._switches = switches
        self._excluded = excluded
        self._summary = summary
        self._loop = asyncio.get_running_loop()
        self._engine = Status(StatusKind.NORMAL)
        self.current = ""
        """The URI of the document that the user works in."""

    def engine_changed(self, status: Status) -> None:
        """The completion engine is doing otherwise."""
        self._engine = status
        self.report()

    def summary_changed(self) -> None:
        """There is another summary. Called by any thread."""
        with suppress(RuntimeError):  # The loop has been closed.
            self._loop.call_soon_threadsafe(self.report)

    def fim_missing(self, lacks_key: bool) -> None:
        """There is no endpoint to ask, for want of a key or because the settings want it so."""
        self.engine_changed(NO_KEY if lacks_key else OWN_CODE_ONLY)

    def report(self) -> None:
        """Tell the engine's status, unless settings, switches or the document turn it off."""
        settings = self._settings()
        status = status_by_settings(settings, self._opened.get(self.current))
        status = status or self._switches.status(self.off_reason(self.current))
        engine = self._engine
        if engine.kind is StatusKind.NORMAL and not engine.message:
            engine = replace(engine, message=self._summary())
        self._tell(status or idle_status(settings.settings, engine))

    async def may_read(self, snapshot: Snapshot) -> bool:
        """Whether a document may be learnt from: neither switched off nor kept from assistants."""
        if disabled_reason(self._settings().settings, snapshot):
            return False
        return not await self._excluded.found(snapshot.uri)

    def off_reason(self, uri: str, language: str = "") -> str:
        """Why a document gets no completion, not even by hand, or any in a language; "" if it does.

        Without either: why nothing does.
        """
        snapshot = self._opened.get(uri)
        if snapshot is None and language:
            snapshot = Snapshot(uri, None, language, Text.of(""))
        switched_off = disabled_reason(self._settings().settings, snapshot)
        return switched_off or self._switches.off_reason(snapshot) or self._excluded.reason(uri)
