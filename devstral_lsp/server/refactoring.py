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
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.explanations import Explanations
from devstral_lsp.server.jobs import RefactorJob, RefactorJobs
from devstral_lsp.server.progress import Token, WorkDoneProgress
from devstral_lsp.server.review_diagnostics import ReviewDiagnostics
from devstral_lsp.text import Snapshot

if TYPE_CHECKING:
    from devstral_lsp.refactor.task.conversation import Conversation


class RefactorService:
    """The refactors of one session."""

    def __init__(self, server: ServerContext) -> None:
        self._server = server
        self.recent_offers = RecentOffers()
        self.jobs = RefactorJobs()
        self.applied_edits = AppliedEdits()
        self.review_comments = ReviewDiagnostics(server)
        self.explanations = Explanations(server)
        self.presenter = ResultPresenter(
            server, self.explanations, self.review_comments, self.applied_edits
        )
        self.conversation: Conversation | None = None
        """The messages of the last task."""

    async def refusal(self) -> str:
        """Why no model can refactor; "" if one can, or if that is not known yet."""
        app = self._server.started_app
        return await app.refactor_refusal() if app is not None else ""

    def changed(self, snapshot: Snapshot) -> None:
        """Call this when a document was opened or changed."""
        self.explanations.forget(snapshot.uri)
        self.applied_edits.changed(snapshot)
        self.review_comments.publish(snapshot)

    def closed(self, uri: str) -> None:
        """Call this when a document was closed."""
        self.recent_offers.forget(uri)
        self.explanations.forget(uri)
        self.review_comments.forget(uri)

    def start(self, data: ActionData, token: Token | None = None) -> RefactorJob:
        """Start an action, or join it if it is running. Raises StaleDocument.

        `token` is the client's progress token, if it sent one.
        """
        is_task = data.offer.action == project_task.ACTION
        if is_task:
            data = project_task.task_action_data(data.offer.argument, data.uri)
        known = self.jobs.find(data)
        if known is not None:
            return known
        snapshot = project_task.NOWHERE if is_task else self._snapshot(data)
        progress = WorkDoneProgress(self._server, data.offer.title, token)
        if not is_task:
            return self.jobs.start(RefactorJob(data, snapshot, progress), self._work)
        stop = asyncio.Event()
        job = RefactorJob(data, snapshot, progress, finish_early=stop)
        return self.jobs.start(job, partial(self._run_task, stop=stop))

    async def run_and_present(self, job: RefactorJob) -> None:
        """Wait for a job and present its result once. Raises what the work raises."""
        result = await self.jobs.result(job)
        if result is not None and not job.is_presented:
            job.is_presented = True
            await self.presenter.present(result, job)

    async def show_transcript(self) -> None:
        """Show the messages and tool calls of the last task."""
        if self.conversation is None:
            self._server.messages.show(types.MessageType.Info, "No task has been run yet.")
        else:
            text = self.conversation.transcript()
            await self.explanations.show_file("Transcript", text, ".md")

    def close(self) -> set[asyncio.Future[RefactorResult]]:
        """Cancel all jobs; returns the tasks that are still to end."""
        tasks = self.jobs.tasks
        self.jobs.close()
        self.explanations.close()
        return tasks

    def _snapshot(self, data: ActionData) -> Snapshot:
        """The text for which the action was offered. Raises StaleDocument if it is not stored."""
        now = self._server.session.snapshot(data.uri)
        if now is None:
            raise StaleDocument("The document is not open any more.")
        is_now = now.version == data.version
        snapshot = now if is_now else self.recent_offers.snapshot(data.uri, data.version)
        if snapshot is None or data.offer.span.end > len(snapshot.text):
            raise StaleDocument(
                "The document has been edited since this was offered. Nothing has been changed: "
                "ask again."
            )
        return snapshot

    async def _run_task(self, job: RefactorJob, stop: asyncio.Event) -> RefactorResult:
        return await project_task.run_task(
            self._server,
            job,
            self.explanations,
            self.recent_offers.seen,
            stop=stop,
            started=partial(setattr, self, "conversation"),
        )

    async def _work(self, job: RefactorJob) -> RefactorResult:
        refactorer = (await self._server.app()).refactorer

        def now() -> Snapshot | None:
            current = self._server.session.snapshot(job.data.uri)
            job.result_snapshot = current or job.result_snapshot
            return current

        return await refactorer.run(
            job.data.offer, job.snapshot, now=now, report=job.progress.report
        )
