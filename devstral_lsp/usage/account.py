"""The budget of one key at one host: what it may send, and what its replies tell.

`governor.py` holds the accounts and the file in which they count.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from devstral_lsp.errors import (
    BudgetExceeded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerOverloaded,
)
from devstral_lsp.observability.trace import annotate
from devstral_lsp.providers.backoff import Backoff
from devstral_lsp.providers.metering import Demand, Price, Priority, ProviderLimits, Usage
from devstral_lsp.usage.books import TOLD, Books, Pause, Reservation
from devstral_lsp.usage.budget_file import Moment, WallAndMonotonic
from devstral_lsp.usage.decision import (
    Verdict,
    cost_of,
    decide,
    prompt_tokens_within,
    quota_state,
)
from devstral_lsp.usage.plans import Limit, Unit
from devstral_lsp.usage.quota_headers import read_cost_tokens, read_quota
from devstral_lsp.usage.summary import summary_of

T = TypeVar("T")

PAUSING = (RateLimited, ServerOverloaded, QuotaExhausted)
"""The failures for which all editors leave a model alone. A wrong key is known to the editor that
has it, and is another account once it is corrected."""


MANUAL_RETRY_S = 60.0
"""After which a request by hand may find out whether an empty account has been filled."""

PROBE_S = 15.0
"""How long others wait for the outcome of the one request that goes first after a pause."""

BUSY_RETRY_S = 1.0

MIN_LEARNT_TOKENS, ESTIMATE_WEIGHT, MAX_UNDERESTIMATE = 200, 0.1, 4.0
"""Shorter prompts consist of what the endpoint adds; an underestimate is forgotten slowly."""

CLAIM = "*claim"
"""In the place of a model: what has been asked by hand is served next."""

LONGEST_CLAIM_S, CLAIM_EXTRA_S = 65.0, 10.0
"""For how long automatic requests wait for it at most, and how much later it may come."""


class SharedBudget(Protocol):
    """What an account needs of the governor that holds it."""

    clocks: WallAndMonotonic
    limits: tuple[Limit, ...]

    def summarize(self, summary: str) -> None:
        """Keep what is used today and of which limits, for the status; called in the thread of the
        file.
        """

    def submit(self, account: str, work: Callable[[Books], T]) -> Future[T]:
        """Begin a transaction on the account's rows."""


class Account:
    """The budget of one key at one host: a `Meter`."""

    def __init__(self, governor: SharedBudget, name: str, host: str, has_plan: bool) -> None:
        self._governor = governor
        self._name = name
        self._host = host
        self._has_plan = has_plan
        self._learnt: tuple[Limit, ...] = ()
        self._backoffs: dict[str, Backoff] = {}
        self._underestimate = 1.0
        """By how much prompts lately had more tokens than was estimated."""

    async def admit(self, demand: Demand) -> Ticket:
        """Reserve the cost of a request. Raises BudgetExceeded, and then nothing may be sent."""
        tokens = math.ceil(demand.prompt_tokens * self._underestimate)
        demand = replace(demand, prompt_tokens=tokens)
        asked = self._governor.submit(self._name, partial(self._decide, demand))
        try:
            verdict, reservation = await asyncio.wrap_future(asked)
        except asyncio.CancelledError:
            asked.add_done_callback(self._take_back)
            raise
        except sqlite3.OperationalError:
            verdict, reservation = _BUSY, None
        annotate("governor: %s", verdict, stage="governor")
        if reservation is None:
            raise BudgetExceeded(verdict.reason, retry_after_s=verdict.retry_after_s)
        return Ticket(self, demand, reservation, verdict.max_tokens)

    async def standing(self) -> str:
        """How much of each limit is used now, and whether a model is left alone, for the user."""

        def read(books: Books) -> str:
            self._learnt = books.learnt()
            used = summary_of(self._limits(), books, with_source=True)
            pauses = [
                f"{model or 'the model'} is left alone, since {self._host} {_WHY[pause.error]}"
                for model, pause in books.pauses()
                if pause.error in _WHY
            ]
            return " ".join([used, *(f"{each}." for each in pauses)]).strip()

        return await asyncio.wrap_future(self._governor.submit(self._name, read))

    def narrow(self, limits: ProviderLimits) -> ProviderLimits:
        """The limits of a prompt as far as the quota allows them."""
        known = self._limits()
        most = prompt_tokens_within(known, limits.prompt_tokens)
        return replace(limits, prompt_tokens=most, quota=quota_state(known))

    def change(self, work: Callable[[Books], None]) -> None:
        """Write to the account's rows, in the background."""
        self._governor.submit(self._name, work)

    def learn_estimate(self, demand: Demand, usage: Usage) -> None:
        """Of an estimate that was too low: what is dense in tokens often comes again."""
        if demand.prompt_tokens >= MIN_LEARNT_TOKENS:
            ratio = self._underestimate * usage.prompt_tokens / demand.prompt_tokens
            slowly = self._underestimate + ESTIMATE_WEIGHT * (ratio - self._underestimate)
            self._underestimate = min(max(ratio, slowly, 1.0), MAX_UNDERESTIMATE)

    def backoff(self, model: str) -> Backoff:
        """How often a model has failed in a row, and how long a pause follows from that."""
        return self._backoffs.setdefault(model, Backoff(self._governor.clocks.monotonic_s))

    def summarize(self, model: str, books: Books) -> None:
        """Tell the user how much is used: of their own limits, and of what replies have told where
        they set none. In the file's thread."""
        self._learnt = books.learnt()
        mine = self._limits_of(model)
        own = {(each.unit, each.window) for each in mine if each.source != TOLD}
        shown = [
            each for each in mine if each.source != TOLD or (each.unit, each.window) not in own
        ]
        today, _ = books.spent()
        self._governor.summarize(summary_of(shown, books, spent_usd=today.usd))

    def _limits_of(self, model: str) -> list[Limit]:
        return [limit for limit in self._limits() if limit.model in ("", model)]

    def _limits(self) -> tuple[Limit, ...]:
        """The user's own, those of the plan at Mistral, and those that replies have told."""
        known = self._governor.limits
        return (*(each for each in known if each.is_total or self._has_plan), *self._learnt)

    def _decide(self, demand: Demand, books: Books) -> tuple[Verdict, Reservation | None]:
        """In the file's thread."""
        self._learnt = books.learnt()
        mine = self._limits_of(demand.model)
        pause = books.pause(demand.model)
        if pause is not None and (refusal := self._refusal(pause, demand, books.moment)):
            return refusal, None
        is_manual, claim = demand.priority is Priority.MANUAL, books.pause(CLAIM)
        if not is_manual and claim is not None and claim.until_s > books.moment.now_s:
            return replace(_CLAIMED, retry_after_s=claim.until_s - books.moment.now_s), None
        verdict = decide(demand, mine, books)
        if not verdict.is_allowed:
            self.summarize(demand.model, books)
            wait_s = verdict.retry_after_s
            if is_manual and wait_s is not None and wait_s <= LONGEST_CLAIM_S:
                books.begin_pause(CLAIM, wait_s + CLAIM_EXTRA_S, CLAIM)
            return verdict, None
        if pause is not None:
            books.hold_back(demand.model, PROBE_S)
        if is_manual and claim is not None:
            books.hold_back(CLAIM, 0.0)
        cost = partial(cost_of, demand, verdict.max_tokens)
        usd = cost(Unit.USD)
        reservation = books.reserve(
            demand.model, cost(Unit.TOKENS), usd if math.isfinite(usd) else 0.0
        )
        return verdict, reservation

    def _refusal(self, pause: Pause, demand: Demand, moment: Moment) -> Verdict | None:
        """Why a request must wait for the end of a pause; None if it need not.

        By hand, a server without capacity may be tried, and an account that was empty a while ago:
        both may have changed. What was told to wait would only be refused again.
        """
        left_s = pause.until_s - moment.now_s
        if demand.priority is Priority.MANUAL:
            if pause.error == ServerOverloaded.__name__:
                return None
            if pause.error == QuotaExhausted.__name__:
                left_s = min(left_s, pause.begun_s + MANUAL_RETRY_S - moment.now_s)
        if left_s <= 0:
            return None
        until = datetime.fromtimestamp(math.ceil(moment.wall_s + left_s)).strftime("%H:%M:%S")
        why = _WHY.get(pause.error, "has refused a request")
        reason = f"The request was not sent: {self._host} {why}. It can be sent at {until}."
        limit = f"a pause after {pause.error}"
        return Verdict(is_allowed=False, limit=limit, reason=reason, retry_after_s=left_s)

    def _take_back(self, asked: Future[tuple[Verdict, Reservation | None]]) -> None:
        """Cancel a reservation that came too late for who wanted it."""
        if asked.cancelled() or asked.exception() is not None:
            return
        reservation = asked.result()[1]
        if reservation is not None:
            self.change(lambda books: books.cancel(reservation))


class Ticket:
    """A request that may be sent: a `Permit`."""

    def __init__(
        self, account: Account, demand: Demand, reservation: Reservation, max_tokens: int
    ) -> None:
        self._account = account
        self._demand = demand
        self._reservation = reservation
        self._charged_tokens: float | None = None
        """What the endpoint says that it charged; known in the file's thread, which reads the
        headers since a keystroke waits for the event loop's."""
        self._has_reply = False
        self.max_tokens = max_tokens
        """As many as were demanded, or fewer where the quota is smaller."""

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take in the headers of the reply, whose names ignore case."""
        self._has_reply = True

        def write(books: Books) -> None:
            self._charged_tokens = read_cost_tokens(headers)
            books.arrived(self._reservation)
            books.learn(self._demand.model, read_quota(headers))

        self._account.change(write)

    def settle(
        self, usage: Usage | None, error: ProviderError | None, *, is_answered: bool = True
    ) -> None:
        """The request is over: what it cost if the endpoint told, and how it failed if it did.

        What failed without an answer costs nothing. Without a count, what was reserved stays: the
        endpoint may have gone on after we hung up.
        """
        model, reservation = self._demand.model, self._reservation
        backoff = self._account.backoff(model)
        if isinstance(error, PAUSING):
            backoff.record_failure(error)
        elif error is None and self._has_reply:
            backoff.record_success()
        failure = next((each.__name__ for each in PAUSING if isinstance(error, each)), "")
        if usage is not None:
            self._account.learn_estimate(self._demand, usage)
        pause_s, has_succeeded = backoff.retry_after_s, error is None and self._has_reply

        def write(books: Books) -> None:
            if usage is not None and usage.prompt_tokens:
                tokens = usage.prompt_tokens + usage.completion_tokens
                books.settle(reservation, tokens, self._usd(usage), self._charged(usage))
            elif error is not None and not is_answered:
                books.settle(reservation, 0.0, 0.0, self._charged_tokens or 0.0)
            if failure:
                books.begin_pause(model, pause_s, failure, reservation.at_s)
            elif has_succeeded:
                books.end_pause(reservation)
            self._account.summarize(model, books)

        self._account.change(write)

    def _charged(self, usage: Usage) -> float:
        """What counts towards a limit per minute: as the endpoint says or, as Mistral was seen to
        do, all of `max_tokens`."""
        if self._charged_tokens is not None:
            return self._charged_tokens
        return usage.prompt_tokens + max(self.max_tokens, usage.completion_tokens)

    def _usd(self, usage: Usage) -> float:
        price = self._demand.price
        return usd_of(usage, price) if price is not None else 0.0


def usd_of(usage: Usage, price: Price) -> float:
    """What an answer cost, in dollars."""
    cached = price.prompt if price.cached is None else price.cached
    whole = max(0, usage.prompt_tokens - usage.cached_tokens)
    spent = whole * price.prompt + usage.cached_tokens * cached
    return (spent + usage.completion_tokens * price.completion) / 1_000_000


_WHY = {
    RateLimited.__name__: "has had too many requests",
    ServerOverloaded.__name__: "has no capacity",
    QuotaExhausted.__name__: "says that nothing is left to spend or allowed",
}

_CLAIMED = Verdict(
    is_allowed=False,
    limit="what was asked by hand",
    reason="The request was not sent: what is free next is kept for what you asked by hand.",
)

_BUSY = Verdict(
    is_allowed=False,
    limit="the budget file, which another process holds",
    reason="The request was not sent: another editor has held the file of budgets for a second. "
    "Try again, or close the one that hangs.",
    retry_after_s=BUSY_RETRY_S,
)
