"""What one session keeps for refactoring, and the way of an order from being taken to being done.

The requests and commands of the same name find here what they share. What an order comes to is the
engine's business, how it is brought to the user `delivery.py`'s.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from devstral_lsp.errors import StaleDocument
from devstral_lsp.refactor.base import Outcome
from devstral_lsp.server import project_task
from devstral_lsp.server.applied import Applied
from devstral_lsp.server.delivery import Delivery
from devstral_lsp.server.explanations import Explanations
from devstral_lsp.server.jobs import Job, Jobs
from devstral_lsp.server.offered import Offered
from devstral_lsp.server.order import Order
from devstral_lsp.server.progress import Bar, Token
from devstral_lsp.server.remarks import Remarks
from devstral_lsp.text import Edit, Snapshot, Text

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


class Refactoring:
    """Of one session."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.offered = Offered()
        self.jobs = Jobs()
        self.applied = Applied()
        self.delivery = Delivery(server)
        self.remarks = Remarks(server)
        self.explanations = Explanations(server)

    def edited(self, uri: str, edit: Edit, text: Text) -> None:
        """One edit of a document, `text` being how it was before."""
        self.remarks.follow(uri, edit, text)

    def changed(self, snapshot: Snapshot) -> None:
        """All edits of a change have been made, or the document was opened."""
        self.explanations.forget(snapshot.uri)
        self.applied.changed(snapshot)
        self.remarks.publish(snapshot)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self.offered.forget(uri)
        self.explanations.forget(uri)
        self.remarks.forget(uri)

    def start(self, order: Order, token: Token | None = None) -> Job:
        """Begin what was ordered, or join it if it is under way. Raises StaleDocument.

        `token` is that of the client's own progress, if it has one for this.
        """
        if order.offer.action == project_task.ACTION:
            return self.start_task(project_task.order_of(order.offer.argument, order.uri), token)
        known = self.jobs.find(order)
        if known is not None:
            return known
        snapshot = self._snapshot(order)
        bar = Bar(self._server, order.offer.title, token)
        return self.jobs.start(Job(order, snapshot, bar), self._work)

    def start_task(self, order: Order, token: Token | None = None) -> Job:
        """Begin a task across the project, or join it if it is under way.

        Who cancels it has what there is by then; who does so twice, nothing.
        """
        known = self.jobs.find(order)
        if known is not None:
            return known
        stop = asyncio.Event()
        bar = Bar(self._server, order.offer.title, token)
        job = Job(order, project_task.NOWHERE, bar, stop)
        return self.jobs.start(job, partial(project_task.outcome, self._server, stop=stop))

    async def carry_out(self, job: Job) -> None:
        """Wait for a job and take its outcome to the user, once. Raises what the work raises."""
        outcome = await self.jobs.outcome(job)
        if outcome is not None and not job.is_delivered:
            job.is_delivered = True
            await self.delivery.deliver(outcome, job)

    def close(self) -> set[asyncio.Future[Outcome]]:
        """Hang up on everything; gives what is still to end."""
        tasks = self.jobs.tasks
        self.jobs.close()
        self.explanations.close()
        return tasks

    def _snapshot(self, order: Order) -> Snapshot:
        """The text that the order was made for, or the current one if it is that."""
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

    async def _work(self, job: Job) -> Outcome:
        refactorer = await self._server.refactorer()

        def now() -> Snapshot | None:
            current = self._server.session.snapshot(job.order.uri)
            job.settled = current or job.settled
            return current

        return await refactorer.run(job.order.offer, job.snapshot, now=now, report=job.bar.report)
