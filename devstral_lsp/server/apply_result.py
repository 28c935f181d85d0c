"""Presents the result of a refactoring: applies edits, shows Markdown, publishes review comments.

Right before an edit is sent, it is rebased onto the current documents. If the lines that it touches
have changed, nothing is applied. Edits of the same document are sent one after the other. Changes
that were not applied are stored, to be offered again, applied, or exported as a patch.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from devstral_lsp.bounded_read import read_text
from devstral_lsp.errors import StaleDocument
from devstral_lsp.refactor.types import FileChange, RefactorResult
from devstral_lsp.server.applied_edits import AppliedEdits, PendingEdit
from devstral_lsp.server.change_review import (
    change_names,
    confirm_changes,
    diff_of,
    needs_question,
    patch_of,
)
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.convert_edit import workspace_edit
from devstral_lsp.server.dispatch import report_failure
from devstral_lsp.server.explanations import Explanations
from devstral_lsp.server.jobs import RefactorJob
from devstral_lsp.server.plain_text import label_text
from devstral_lsp.server.questions import USER_DECISION_TIMEOUT_S, ask
from devstral_lsp.server.review_diagnostics import ReviewDiagnostics
from devstral_lsp.text import Span, map_offset, minimal_edit

PENDING_EDIT_TIMEOUT_S = 5.0
"""How long an edit waits for a pending one of the same document."""

MAX_FILE_BYTES = 10_000_000
"""Bytes of a file whose edit can be undone."""
APPLY_CONFIRM_TIMEOUT_S = 2.0
"""How long an editor may take to send `didChange` after it has confirmed an edit."""

MAX_UNAPPLIED = 5
"""Stored results that were not applied."""

_SHOW_AGAIN, _APPLY_ALL = "Show again", "Apply all"


@dataclass(frozen=True, slots=True, eq=False)
class _Unapplied:
    """A result, or a part of one, that was not applied."""

    title: str
    changes: tuple[FileChange, ...]
    note: str


class ResultPresenter:
    """Presents results to one client."""

    def __init__(
        self,
        server: ServerContext,
        explanations: Explanations,
        review_comments: ReviewDiagnostics,
        applied_edits: AppliedEdits,
    ) -> None:
        self._server = server
        self._explanations = explanations
        self._review_comments = review_comments
        self._applied_edits = applied_edits
        self._in_flight: dict[str, asyncio.Event] = {}
        self._unapplied: deque[_Unapplied] = deque(maxlen=MAX_UNAPPLIED)

    async def present(self, result: RefactorResult, job: RefactorJob) -> None:
        """Present the result of a job.

        Raises StaleDocument and RefactorRefused; nothing has been changed then.
        """
        snapshot, lines = job.result_snapshot, _lines(job)
        if result.changes:
            await self.apply(job.data.offer.title, result.changes, result.markdown)
        elif result.markdown:
            await self._explanations.show(snapshot, lines, result.title, result.markdown)
        elif result.findings is not None:
            self._review_comments.replace(snapshot, lines, result.findings)
        if not (result.changes or result.markdown or result.findings):
            self._server.messages.show(
                types.MessageType.Info, f"{result.title}: there is nothing to do here."
            )

    async def announce_when_applied(self, expected: PendingEdit, note: str) -> None:
        """Show the note of an edit once the editor has applied it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(USER_DECISION_TIMEOUT_S):
                await expected.applied.wait()
            self._server.messages.show(types.MessageType.Info, note)

    async def show_again(self) -> None:
        """Offer the last unapplied result again; if there is none, show the last applied edit.

        Raises StaleDocument and RefactorRefused.
        """
        if self._unapplied:
            unapplied = self._unapplied.pop()
            await self.apply(unapplied.title, unapplied.changes, unapplied.note)
        elif (last := self._applied_edits.last) is not None:
            await self._show(last.title, last.changes, ".diff")
        else:
            self._report_no_edit()

    async def export_patch(self) -> None:
        """Show the last unapplied result, or the last applied edit, as a patch for `git apply`."""
        found = self._unapplied[-1] if self._unapplied else self._applied_edits.last
        if found is not None:
            await self._show(found.title, found.changes, ".patch")
        else:
            self._report_no_edit()

    async def _show(self, title: str, changes: Sequence[FileChange], suffix: str) -> None:
        write = patch_of if suffix == ".patch" else diff_of
        text = await asyncio.to_thread(write, changes)
        await self._explanations.show_file(title, text, suffix)

    def _report_no_edit(self) -> None:
        self._server.messages.show(types.MessageType.Info, "There is no edit to show yet.")

    def rebase_changes(self, changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
        """The changes for the current documents. Raises StaleDocument."""
        return tuple(self._rebase(each) for each in changes)

    async def apply(
        self, title: str, changes: Sequence[FileChange], note: str = "", *, is_undo: bool = False
    ) -> bool:
        """Have the editor apply `changes`, then show their `note`.

        False if the editor or the user refused. Raises StaleDocument and RefactorRefused.
        """
        unapplied = _Unapplied(title, tuple(changes), note)
        if not is_undo:
            self._unapplied.append(unapplied)
        if needs_question(changes, self._server.client) and not is_undo:
            changes = await confirm_changes(self._server, self._explanations, title, changes)
        if not changes:
            return False
        await self._wait_for_pending_edits({each.uri for each in changes})
        changes = self.rebase_changes(changes)
        edit = workspace_edit(changes, self._server.client)
        expected = self._applied_edits.track(title, changes, is_undo=is_undo)
        params = types.ApplyWorkspaceEditParams(edit, label=label_text(title) or None)
        answer = self._server.protocol.send_request(types.WORKSPACE_APPLY_EDIT, params)
        with self._mark_pending({each.uri for each in changes}):
            try:
                refusal = await self._refusal(answer)
            except TimeoutError:  # The user may still apply it from the editor's preview.
                return False
            if refusal is None and await self._wait_until_applied(expected):
                self._remove_applied(unapplied, changes)
                if note:
                    self._server.messages.show(types.MessageType.Info, note)
                return True
        if refusal is not None:
            self._applied_edits.drop(expected)
            self._report_refusal(refusal, unapplied, is_undo=is_undo)
        return False

    async def undo(self) -> None:
        """Undo the last edit. Raises StaleDocument."""
        last = self._applied_edits.last
        if last is None:
            self._server.messages.show(
                types.MessageType.Info, "There is no edit of devstral-lsp's to undo."
            )
            return
        back = await asyncio.to_thread(self._if_unchanged, last.inverse())
        if not back or await self.apply(f"Undo {last.title}".strip(), back, is_undo=True):
            self._applied_edits.mark_undone(last)

    def _remove_applied(self, unapplied: _Unapplied, changes: Sequence[FileChange]) -> None:
        """Keep only the files that the user left out, and name them."""
        if unapplied in self._unapplied:
            self._unapplied.remove(unapplied)
            applied = {each.uri for each in changes}
            left = tuple(each for each in unapplied.changes if each.uri not in applied)
            if left:
                self._unapplied.append(replace(unapplied, changes=left, note=""))
                what = unapplied.title or "The refactoring"
                self._server.messages.show(
                    types.MessageType.Info,
                    f"{what}: this was left out: {change_names(left, what)}.",
                )

    def _rebase(self, change: FileChange) -> FileChange:
        from devstral_lsp.edits.rebase import rebase_edits  # It loads `difflib`.

        uri = change.renamed_from or change.uri
        now = self._server.session.snapshot(uri)
        if now is None:
            if change.version is not None:
                raise StaleDocument("The document has been closed. Nothing has been changed.")
            return change
        edits = rebase_edits(change.edits, change.before, now.text)
        if edits is None or (change.is_deleted and now.text != change.before):
            raise StaleDocument(
                "The lines have been edited meanwhile. Nothing has been changed: ask again."
            )
        return replace(change, edits=edits, before=now.text, version=now.version)

    def _if_unchanged(self, changes: Iterable[FileChange]) -> list[FileChange]:
        """The changes whose files still have the content that the edit left. Blocks: reads files.

        Raises StaleDocument for any other file, except one to delete that no longer exists.
        """
        left = []
        for change in changes:
            uri = change.renamed_from or change.uri
            if not change.is_new and self._server.session.snapshot(uri) is None:
                found = _read_file(uri)
                if found is None and change.is_deleted:
                    continue
                if found != str(change.before):
                    raise StaleDocument(
                        f"{Path(uri).name} has been changed since. Nothing has been undone: use "
                        "the editor's own undo."
                    )
            left.append(change)
        return left

    async def _wait_for_pending_edits(self, uris: Iterable[str]) -> None:
        """Wait until no edit of these documents is pending, up to PENDING_EDIT_TIMEOUT_S each."""
        for uri in uris:
            with suppress(TimeoutError):
                async with asyncio.timeout(PENDING_EDIT_TIMEOUT_S):
                    while (arrived := self._in_flight.get(uri)) is not None:
                        await arrived.wait()

    @contextmanager
    def _mark_pending(self, uris: Iterable[str]) -> Iterator[None]:
        """Count an edit as pending. Editors confirm an edit before they send its `didChange`."""
        arrived = asyncio.Event()
        mine = dict.fromkeys(uris, arrived)
        self._in_flight.update(mine)
        try:
            yield
        finally:
            arrived.set()
            for uri in mine:
                if self._in_flight.get(uri) is arrived:
                    del self._in_flight[uri]

    async def _refusal(self, answer: asyncio.Future[Any]) -> str | None:
        """Why the editor did not apply the edit, "" if it gives no reason; None if it applied it.

        Raises TimeoutError.
        """
        try:
            async with asyncio.timeout(USER_DECISION_TIMEOUT_S):
                result = await answer
        except JsonRpcException:
            result = None
        match result:
            case {"applied": True}:
                return None
            case {"applied": False, "failureReason": str(reason)}:
                return reason
            case {"applied": False}:
                return ""
        return "it gives no reason"

    def _report_refusal(self, reason: str, unapplied: _Unapplied, *, is_undo: bool) -> None:
        """Offer the changes again if the user may have discarded them; else show the reason.

        VS Code gives the same answer to Discard and to Apply with nothing ticked.
        """
        asks = any(each.needs_confirmation or each.needs_own_yes for each in unapplied.changes)
        if asks and not (is_undo or reason) and self._server.client.edits.annotations:
            offering = report_failure(self._server, _SHOW_AGAIN, self._offer_again(unapplied))
            self._server.create_background_task(_SHOW_AGAIN, offering)
            return
        message = f"The editor has not made the edit{f': {reason}' if reason else ''}"
        again = "" if is_undo else " `devstral.showAgain` offers it once more."
        self._server.messages.show(
            types.MessageType.Warning, f"{message.removesuffix('.')}.{again}"
        )

    async def _offer_again(self, unapplied: _Unapplied) -> None:
        """Ask the user whether to show the changes again, or to apply them."""
        what = unapplied.title or "The refactoring"
        question = f"{what}: nothing of this has been applied."
        chosen = await ask(self._server, types.MessageType.Info, question, _SHOW_AGAIN, _APPLY_ALL)
        if chosen is None or unapplied not in self._unapplied:
            return
        self._unapplied.remove(unapplied)
        changes = unapplied.changes
        if chosen == _APPLY_ALL:  # A file that needs its own confirmation is still shown first.
            changes = tuple(replace(each, needs_confirmation=False) for each in changes)
        await self.apply(unapplied.title, changes, unapplied.note)

    async def _wait_until_applied(self, expected: PendingEdit) -> bool:
        """Whether the documents have changed: Neovim drops some edits that it confirms."""
        if not any(each.edits and each.version is not None for each in expected.changes):
            self._applied_edits.confirm(expected)
            return True
        try:
            async with asyncio.timeout(APPLY_CONFIRM_TIMEOUT_S):
                await expected.moved.wait()
        except TimeoutError:
            self._server.messages.show(
                types.MessageType.Warning,
                "The editor has taken the edit, but the document has not changed: it may have "
                "been edited at that moment. Ask again.",
            )
            return False
        return True


def _lines(job: RefactorJob) -> Span:
    """The span that the job was started on, in the text of its result."""
    span, old, new = job.data.offer.span, job.snapshot.text, job.result_snapshot.text
    edit = minimal_edit(old, new)
    return Span(map_offset(span.start, edit), map_offset(span.end, edit))


def _read_file(uri: str) -> str | None:
    """The text of a file that is not open; None if it cannot be read."""
    path = to_fs_path(uri)
    if path is None:
        return None
    try:
        return read_text(path, max_bytes=MAX_FILE_BYTES, errors="strict")
    except (OSError, UnicodeDecodeError):
        return None
