"""The running refactors of one session, limited in number, each with its progress.

An action that is running, or whose result has not been collected, does not run a second time: a
second request for it joins the first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from devstral_lsp.refactor.types import Progress, RefactorResult
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.server.progress import Token, WorkDoneProgress
from devstral_lsp.text import Snapshot

_T = TypeVar("_T")

MAX_CONCURRENT = 5
"""Refactors that run at the same time; further ones wait."""

CLAIM_TIMEOUT_S = 10.0
"""How long a job runs, or its result is kept, without a request that waits for it."""


@dataclass(slots=True, eq=False)
class RefactorJob:
    """One running action. `waiting` counts the requests that wait for it.

    `snapshot` is the text that the action was offered for, `result_snapshot` that of the result.
    The first cancellation sets `finish_early`, if the job has one, to keep the work so far.
    """

    data: ActionData
    snapshot: Snapshot
    progress: WorkDoneProgress
    finish_early: asyncio.Event | None = None
    stop_reason: str = "you asked for it"
    task: asyncio.Task[RefactorResult] = field(init=False)
    result_snapshot: Snapshot = field(init=False)
    waiting: int = 0
    is_presented: bool = False
    """The result has been presented to the user."""

    def __post_init__(self) -> None:
        self.result_snapshot = self.snapshot


Work = Callable[[RefactorJob], Awaitable[RefactorResult]]
"""Does the work of a job, reports progress, and sets `result_snapshot`."""


class RefactorJobs:
    """The jobs of one session."""

    def __init__(self) -> None:
        self._jobs: dict[ActionData, RefactorJob] = {}
        self._others: dict[Token, asyncio.Future[Any]] = {}
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)

    def find(self, data: ActionData) -> RefactorJob | None:
        """The job for this action, if it is running or its result has not been collected."""
        job = self._jobs.get(data)
        return None if job is None or job.task.cancelled() else job

    def start(self, job: RefactorJob, work: Work) -> RefactorJob:
        """Start `work`, which does the job."""
        job.task = asyncio.ensure_future(self._run(work, job))
        job.task.add_done_callback(partial(_ended, job.progress))
        self._jobs[job.data] = job
        return job

    async def result(
        self, job: RefactorJob, timeout_s: float | None = None
    ) -> RefactorResult | None:
        """The result; None if it takes longer than `timeout_s`.

        When the last caller that waits is cancelled, so is the job. Raises what the work raises.
        """
        job.waiting += 1
        try:
            await asyncio.wait({job.task}, timeout=timeout_s)
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
        """Keep the job for CLAIM_TIMEOUT_S: a command will ask for its result."""
        self._jobs[job.data] = job
        asyncio.get_running_loop().call_later(CLAIM_TIMEOUT_S, self._drop_unless_waited_for, job)

    def cancel(self, token: Token | None = None) -> int:
        """Cancel the job with this progress, or all jobs; returns how many were running.

        A job that can finish early is asked to; cancelling it again drops it.
        """
        matching = [
            each for each in self._jobs.values() if token is None or each.progress.token == token
        ]
        running: list[Any] = [each for each in matching if not each.task.done()]
        for other, work in self._others.items():
            if token in (None, other):
                running.append(work)
                work.cancel()
        for job in matching:
            if job.finish_early is not None and not job.finish_early.is_set():
                job.finish_early.set()
            else:
                self._drop(job)
        return len(running)

    def finish_early(self, reason: str) -> None:
        """Let the jobs that can finish with the work so far, for the `reason`."""
        for job in self._jobs.values():
            if job.finish_early is not None and not job.finish_early.is_set():
                job.stop_reason = reason
                job.finish_early.set()

    async def cancellable(self, progress: WorkDoneProgress, work: Awaitable[_T]) -> _T | None:
        """The result of other work; None if the user cancels it by its progress."""
        running = asyncio.ensure_future(work)
        self._others[progress.token] = running
        try:
            await asyncio.wait({running})
            return None if running.cancelled() else running.result()
        finally:
            running.cancel()
            del self._others[progress.token]
            progress.end()

    def close(self) -> None:
        """Cancel all jobs."""
        for job in tuple(self._jobs.values()):
            self._drop(job)

    @property
    def tasks(self) -> set[asyncio.Future[RefactorResult]]:
        return {each.task for each in self._jobs.values() if not each.task.done()}

    async def _run(self, work: Work, job: RefactorJob) -> RefactorResult:
        if self._slots.locked():
            job.progress.report(Progress("Waiting for other refactors to end"))
        async with self._slots:
            return await work(job)

    def _drop_unless_waited_for(self, job: RefactorJob) -> None:
        if not job.waiting:
            self._drop(job)

    def _drop(self, job: RefactorJob) -> None:
        self._forget(job)
        job.task.cancel()

    def _forget(self, job: RefactorJob) -> None:
        if self._jobs.get(job.data) is job:
            del self._jobs[job.data]


def _ended(bar: WorkDoneProgress, task: asyncio.Task[RefactorResult]) -> None:
    """End the progress however the task ended, even before its first step.

    The exception is read because asyncio logs those that nothing has read.
    """
    bar.end()
    if not task.cancelled():
        task.exception()
