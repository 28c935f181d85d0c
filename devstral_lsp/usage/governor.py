"""Decides whether a request may be sent: quota, money, and pauses that an endpoint asks for.

One decision for all requests for text of all editors of a user. Before a request is sent, the most
that it can cost is reserved in `budget_file.py`; the reply settles it. What a reply tells of limits
counts from then on, and what others use of the same key is seen in it. After a 429, or when a
server has no capacity or an account nothing to spend, every editor leaves the model alone for as
long as `providers/backoff.py` says, and then one request goes first.

Nothing blocks the event loop: the file has a thread of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from devstral_lsp.config.addresses import parse_origin
from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.daemon_thread import DaemonThreads
from devstral_lsp.providers.base import Endpoint
from devstral_lsp.usage.account import Account
from devstral_lsp.usage.books import Books, Spent
from devstral_lsp.usage.budget_file import BudgetFile, WallAndMonotonic
from devstral_lsp.usage.plans import limits_of

T = TypeVar("T")

HAVING_PLANS = ("mistral", "codestral")
"""The providers of which `limits.plan` names the plan."""


class Governor:
    """Keeps the budget of one user, in `folder` together with the user's other editors.

    `clocks` are the wall clock and the monotonic one.
    """

    def __init__(
        self,
        settings: LimitSettings,
        folder: Callable[[], Path],
        clocks: WallAndMonotonic | None = None,
    ) -> None:
        self.configure(settings)
        self.told: Callable[[], None] = lambda: None
        """Called in the file's thread when there is another `summary`."""
        self.clocks = clocks or WallAndMonotonic()
        self._file = BudgetFile(folder, self.clocks)
        self._thread = DaemonThreads(1)
        self._accounts: dict[str, Account] = {}
        self.summary = ""
        """How much of the limits is used, for the user; "" without limits."""

    def configure(self, settings: LimitSettings) -> None:
        """Apply other limits from the next request on."""
        self.limits = limits_of(settings)

    def summarize(self, summary: str) -> None:
        """Set the summary."""
        if summary != self.summary:
            self.summary = summary
            self.told()

    def meter(self, provider: str, endpoint: Endpoint) -> Account | None:
        """The budget of an endpoint of `provider`.

        None for one on this machine that is sent no key: it costs nothing, and has no quota.
        """
        origin = parse_origin(endpoint.base_url)
        if endpoint.key is None and origin.is_loopback:
            return None
        key = endpoint.key.reveal() if endpoint.key is not None else ""
        name = hashlib.blake2s(key.encode(), key=str(origin).encode()[:32], digest_size=8)
        account = name.hexdigest()
        if account not in self._accounts:
            has_plan = provider in HAVING_PLANS
            self._accounts[account] = Account(self, account, origin.host, has_plan)
        return self._accounts[account]

    def submit(self, account: str, work: Callable[[Books], T]) -> Future[T]:
        """Begin a transaction on the account's rows; not waiting for it loses nothing."""

        def transact() -> T:
            return self._file.transact(
                lambda connection, moment: work(Books(connection, moment, account))
            )

        return self._thread.submit(transact)

    async def spent(self) -> tuple[Spent, Spent]:
        """What all editors have spent today and in this month."""
        return await asyncio.wrap_future(self.submit("", lambda books: books.spent()))

    async def close(self) -> None:
        """Write what is on its way, and close the file."""
        with contextlib.suppress(sqlite3.Error, OSError):
            await asyncio.wrap_future(self._thread.submit(self._file.close))
        self._thread.shutdown()
