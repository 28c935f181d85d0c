"""The refactors that are under way in one session: bounded in number, each with its progress.

An order that is under way, or was just done, is not done a second time: whoever asks for it again
waits for the first. Knows nothing of edits, nor of what becomes of an outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from devstral_lsp.refactor.base import Outcome, Progress
from devstral_lsp.server.order import Order
from devstral_lsp.server.progress import Bar, Token
from devstral_lsp.text import Snapshot

AT_ONCE = 5
"""How many conversations are had with the endpoint; what is beyond waits."""

_CLAIM_S = 10.0
"""How long what was promised to the editor is kept, or goes on, unless it comes for it."""


@dataclass(slots=True, eq=False)
class Job:
    """One order that is being done. `waiting` counts those who wait for it.

    `snapshot` is the text that the order was made for; `settled` the one that the outcome is.
    `stop` is set by the first who cancels it, if the work so far is worth having.
    """

    order: Order
    snapshot: Snapshot
    bar: Bar
    stop: asyncio.Event | None = None
    task: asyncio.Task[Outcome] = field(init=False)
    settled: Snapshot = field(init=False)
    waiting: int = 0
    is_delivered: bool = False
    """The outcome has been taken to the user."""

    def __post_init__(self) -> None:
        self.settled = self.snapshot


Work = Callable[[Job], Awaitable[Outcome]]
"""Does what was ordered, tells how far it is, and for which text it settles in the end."""


class Jobs:
    """All jobs of one session."""

    def __init__(self) -> None:
        self._jobs: dict[Order, Job] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    def find(self, order: Order) -> Job | None:
        """The job that does this order, if it is under way or its outcome is waited for."""
        job = self._jobs.get(order)
        return None if job is None or job.task.cancelled() else job

    def start(self, job: Job, work: Work) -> Job:
        """Begin `work`, which does the job."""
        job.task = asyncio.ensure_future(self._done(work, job))
        job.task.add_done_callback(partial(_ended, job.bar))
        self._jobs[job.order] = job
        return job

    async def outcome(self, job: Job, patience_s: float | None = None) -> Outcome | None:
        """What came of it; None if it takes longer. Nobody may wait for it for ever.

        When the last one who waits is cancelled, so is the job. Raises what the work raises.
        """
        job.waiting += 1
        try:
            await asyncio.wait({job.task}, timeout=patience_s)
        except asyncio.CancelledError:
            if job.waiting == 1:
                self._drop(job)
            raise
        finally:
            job.waiting -= 1
        if not job.task.done():
            return None
        self._forget(job)
        return job.task.result()

    def promise(self, job: Job) -> None:
        """Somebody will come for the outcome soon: keep it, or go on, for so long."""
        self._jobs[job.order] = job
        asyncio.get_running_loop().call_later(_CLAIM_S, self._expire, job)

    def cancel(self, token: Token | None = None) -> int:
        """Hang up on the job with this progress, or on all; gives how many there were.

        One that can stop is asked to; it is dropped if it is cancelled once more.
        """
        meant = [each for each in self._jobs.values() if token is None or each.bar.token == token]
        running = [each for each in meant if not each.task.done()]
        for job in meant:
            if job.stop is not None and not job.stop.is_set():
                job.stop.set()
            else:
                self._drop(job)
        return len(running)

    def close(self) -> None:
        """Drop everything."""
        for job in tuple(self._jobs.values()):
            self._drop(job)

    @property
    def tasks(self) -> set[asyncio.Future[Outcome]]:
        return {each.task for each in self._jobs.values() if not each.task.done()}

    async def _done(self, work: Work, job: Job) -> Outcome:
        if self._places.locked():
            job.bar.report(Progress("Waiting for others to end"))
        async with self._places:
            return await work(job)

    def _expire(self, job: Job) -> None:
        if not job.waiting:
            self._drop(job)

    def _drop(self, job: Job) -> None:
        self._forget(job)
        job.task.cancel()

    def _forget(self, job: Job) -> None:
        if self._jobs.get(job.order) is job:
            del self._jobs[job.order]


def _ended(bar: Bar, task: asyncio.Task[Outcome]) -> None:
    """However it ended, and even before it began. The failure is looked at, or asyncio complains:
    those who waited for it may be gone."""
    bar.end()
    if not task.cancelled():
        task.exception()
