"""The refactors that are under way in one session: bounded in number, each with its progress.

An order that is under way, or was just done, is not done a second time: whoever asks for it again
waits for the first. Knows nothing of edits, nor of what becomes of an outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from devstral_lsp.refactor.types import Progress, RefactorResult
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.server.progress import Token, WorkDoneProgress
from devstral_lsp.text import Snapshot

AT_ONCE = 5
"""How many conversations are had with the endpoint; what is beyond waits."""

CLAIM_TIMEOUT_S = 10.0
"""How long what was promised to the editor is kept, or goes on, unless it comes for it."""


@dataclass(slots=True, eq=False)
class RefactorJob:
    """One order that is being done. `waiting` counts those who wait for it.

    `snapshot` is the text that the order was made for; `result_snapshot` the one that the outcome
    is. `finish_early` is set by the first who cancels it, if the work so far is worth having.
    """

    order: ActionData
    snapshot: Snapshot
    progress: WorkDoneProgress
    finish_early: asyncio.Event | None = None
    task: asyncio.Task[RefactorResult] = field(init=False)
    result_snapshot: Snapshot = field(init=False)
    waiting: int = 0
    is_delivered: bool = False
    """The outcome has been taken to the user."""

    def __post_init__(self) -> None:
        self.result_snapshot = self.snapshot


Work = Callable[[RefactorJob], Awaitable[RefactorResult]]
"""Does what was ordered, tells how far it is, and for which text it settles in the end."""


class RefactorJobs:
    """All jobs of one session."""

    def __init__(self) -> None:
        self._jobs: dict[ActionData, RefactorJob] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    def find(self, order: ActionData) -> RefactorJob | None:
        """The job that does this order, if it is under way or its outcome is waited for."""
        job = self._jobs.get(order)
        return None if job is None or job.task.cancelled() else job

    def start(self, job: RefactorJob, work: Work) -> RefactorJob:
        """Begin `work`, which does the job."""
        job.task = asyncio.ensure_future(self._done(work, job))
        job.task.add_done_callback(partial(_ended, job.progress))
        self._jobs[job.order] = job
        return job

    async def outcome(
        self, job: RefactorJob, patience_s: float | None = None
    ) -> RefactorResult | None:
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

    def keep_for_claim(self, job: RefactorJob) -> None:
        """Somebody will come for the outcome soon: keep it, or go on, for so long."""
        self._jobs[job.order] = job
        asyncio.get_running_loop().call_later(CLAIM_TIMEOUT_S, self._expire, job)

    def cancel(self, token: Token | None = None) -> int:
        """Hang up on the job with this progress, or on all; gives how many there were.

        One that can stop is asked to; it is dropped if it is cancelled once more.
        """
        meant = [
            each for each in self._jobs.values() if token is None or each.progress.token == token
        ]
        running = [each for each in meant if not each.task.done()]
        for job in meant:
            if job.finish_early is not None and not job.finish_early.is_set():
                job.finish_early.set()
            else:
                self._drop(job)
        return len(running)

    def close(self) -> None:
        """Drop everything."""
        for job in tuple(self._jobs.values()):
            self._drop(job)

    @property
    def tasks(self) -> set[asyncio.Future[RefactorResult]]:
        return {each.task for each in self._jobs.values() if not each.task.done()}

    async def _done(self, work: Work, job: RefactorJob) -> RefactorResult:
        if self._places.locked():
            job.progress.report(Progress("Waiting for others to end"))
        async with self._places:
            return await work(job)

    def _expire(self, job: RefactorJob) -> None:
        if not job.waiting:
            self._drop(job)

    def _drop(self, job: RefactorJob) -> None:
        self._forget(job)
        job.task.cancel()

    def _forget(self, job: RefactorJob) -> None:
        if self._jobs.get(job.order) is job:
            del self._jobs[job.order]


def _ended(bar: WorkDoneProgress, task: asyncio.Task[RefactorResult]) -> None:
    """However it ended, and even before it began. The failure is looked at, or asyncio complains:
    those who waited for it may be gone."""
    bar.end()
    if not task.cancelled():
        task.exception()
