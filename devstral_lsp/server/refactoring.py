"""Starts refactors for a session, and holds the state that its requests and commands share."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.errors import StaleDocument
from devstral_lsp.refactor.types import RefactorResult
from devstral_lsp.server import project_task
from devstral_lsp.server.action_data import ActionData, RecentOffers
from devstral_lsp.server.applied_edits import AppliedEdits
from devstral_lsp.server.apply_result import ResultPresenter
from devstral_lsp.server.explanations import Explanations
from devstral_lsp.server.jobs import RefactorJob, RefactorJobs
from devstral_lsp.server.progress import Token, WorkDoneProgress
from devstral_lsp.server.review_diagnostics import ReviewDiagnostics
from devstral_lsp.text import Snapshot

if TYPE_CHECKING:
    from devstral_lsp.refactor.task.conversation import Conversation
    from devstral_lsp.server.server import Server


class RefactorService:
    """The refactoring state of one session."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.offered = RecentOffers()
        self.jobs = RefactorJobs()
        self.applied = AppliedEdits()
        self.delivery = ResultPresenter(server)
        self.remarks = ReviewDiagnostics(server)
        self.explanations = Explanations(server)
        self.conversation: Conversation | None = None
        """That of the last task."""

    async def refusal(self) -> str:
        """Why no model can be asked; "" if one can, or that is not known yet."""
        app = self._server.started_app
        return await app.refactor_refusal() if app is not None else ""

    def changed(self, snapshot: Snapshot) -> None:
        """A document was opened or changed."""
        self.explanations.forget(snapshot.uri)
        self.applied.changed(snapshot)
        self.remarks.publish(snapshot)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self.offered.forget(uri)
        self.explanations.forget(uri)
        self.remarks.forget(uri)

    def start(self, order: ActionData, token: Token | None = None) -> RefactorJob:
        """Start what was offered, or join it if it is running. Raises StaleDocument.

        `token` is that of the client's own progress, if it has one for this.
        """
        is_task = order.offer.action == project_task.ACTION
        if is_task:
            order = project_task.task_action_data(order.offer.argument, order.uri)
        known = self.jobs.find(order)
        if known is not None:
            return known
        snapshot = project_task.NOWHERE if is_task else self._snapshot(order)
        progress = WorkDoneProgress(self._server, order.offer.title, token)
        if not is_task:
            return self.jobs.start(RefactorJob(order, snapshot, progress), self._work)
        stop = asyncio.Event()
        job = RefactorJob(order, snapshot, progress, finish_early=stop)
        return self.jobs.start(job, partial(project_task.run_task, self._server, stop=stop))

    async def run_and_present(self, job: RefactorJob) -> None:
        """Wait for a job and present its result once. Raises what the work raises."""
        outcome = await self.jobs.outcome(job)
        if outcome is not None and not job.is_delivered:
            job.is_delivered = True
            await self.delivery.present(outcome, job)

    async def show_transcript(self) -> None:
        """Show what the last task asked of the model, and what it did."""
        if self.conversation is None:
            said = "No task has been run yet."
            self._server.notices.show(types.MessageType.Info, said)
        else:
            text = self.conversation.transcript()
            await self.explanations.show_file("Transcript", text, ".md")

    def close(self) -> set[asyncio.Future[RefactorResult]]:
        """Cancel all jobs; returns the tasks that are still to end."""
        tasks = self.jobs.tasks
        self.jobs.close()
        self.explanations.close()
        return tasks

    def _snapshot(self, order: ActionData) -> Snapshot:
        """The text that the action was offered for. Raises StaleDocument if it is gone."""
        now = self._server.session.snapshot(order.uri)
        if now is None:
            raise StaleDocument("The document is not open any more.")
        is_now = now.version == order.version
        snapshot = now if is_now else self.offered.snapshot(order.uri, order.version)
        if snapshot is None or order.offer.span.end > len(snapshot.text):
            raise StaleDocument(
                "The document has been edited since this was offered. Nothing has been changed: "
                "ask again."
            )
        return snapshot

    async def _work(self, job: RefactorJob) -> RefactorResult:
        refactorer = (await self._server.app()).refactorer

        def now() -> Snapshot | None:
            current = self._server.session.snapshot(job.order.uri)
            job.result_snapshot = current or job.result_snapshot
            return current

        return await refactorer.run(
            job.order.offer, job.snapshot, now=now, report=job.progress.report
        )
