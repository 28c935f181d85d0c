"""Whether one more request fits the limits: pure.

A limit per minute is kept as a log of the last minute and not as a bucket that refills: a full
bucket and what flows into it meanwhile let twice the limit through within one of the endpoint's
own windows, and that is a 429 that could be foreseen. What fits a log fits a bucket, too. (Of the
libraries that were looked at, `aiolimiter` and `limits` share nothing between processes without a
server; `pyrate-limiter` keeps a row for each token, counts and inserts in two transactions, and
cannot take back what a request did not use.)

Of each limit a share is kept for what matters more, so that it is there when it is wanted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from devstral_lsp.providers.metering import Demand, Priority, QuotaState
from devstral_lsp.usage.budget_file import Moment
from devstral_lsp.usage.plans import Limit, Period, Unit

MARGIN_S = 1.0
"""By which a window is taken to be longer: requests do not all travel equally fast."""

MIN_ANSWER_TOKENS = 1024
"""An answer that may be longer is cut to what the quota leaves, but not below this."""

SCARCE_REQUESTS, SCARCE_TOKENS = 20, 40_000
"""Limits per minute below which somebody who types asks for more: about 20 requests of 2,000 tokens
come from a hundred keys (`completion/debounce.py`)."""

AMPLE_REQUESTS, AMPLE_TOKENS = 120, 500_000
"""Limits per minute from which even twice as many requests leave something."""

PROMPT_SHARE = 4
"""A prompt may have one part in so many of the tokens of a minute."""

MIN_PROMPT_TOKENS = 256

_SHARE_KEPT = {
    Priority.SPECULATIVE: 0.6,
    Priority.INSIDE_WORD: 0.5,
    Priority.AUTOMATIC: 0.125,
    Priority.MANUAL: 0.0,
}
"""The share of a limit that is kept for higher priorities."""

_MOST_KEPT_REQUESTS = 4
"""More requests by hand than that are rare within a minute."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was sent, in the last minutes or in a day. `at_s` is 0 for a day.

    `is_ours` is False for what others sent with the same key, as far as replies tell.
    """

    at_s: float
    day: str
    account: str
    model: str
    is_ours: bool
    requests: float
    tokens: float
    usd: float

    def amount(self, unit: Unit) -> float:
        if unit is Unit.REQUESTS:
            return self.requests
        return self.tokens if unit is Unit.TOKENS else self.usd


@dataclass(frozen=True, slots=True)
class Tally:
    """All that counts at a moment: `recent` entries, the oldest first, and the month's days."""

    moment: Moment
    recent: Sequence[Entry]
    days: Sequence[Entry]

    def entries(self, limit: Limit, account: str) -> list[Entry]:
        """The entries that count towards a limit now."""
        if limit.window.seconds is None:
            prefix = self.moment.day if limit.window is Period.DAY else self.moment.day[:8]
            found: Iterable[Entry] = (each for each in self.days if each.day.startswith(prefix))
        else:
            since_s = self.moment.now_s - limit.window.seconds - MARGIN_S
            found = (each for each in self.recent if each.at_s > since_s)
        return [each for each in found if _counts(each, limit, account)]

    def used(self, limit: Limit, account: str) -> float:
        """How much of a limit is used."""
        return sum(each.amount(limit.unit) for each in self.entries(limit, account))

    def retry_after_s(self, limit: Limit, account: str, excess: float) -> float:
        """Seconds until `excess` of what is used counts no more."""
        moment, seconds = self.moment, limit.window.seconds
        if seconds is None:
            return _end_of(limit.window, moment) - moment.wall_s
        left = excess
        for entry in self.entries(limit, account):
            left -= entry.amount(limit.unit)
            if left <= 1e-9:
                return max(0.0, entry.at_s + seconds + MARGIN_S - moment.now_s)
        return seconds + MARGIN_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a request may be sent, for the trace and for the user.

    `limit` names what decided, in words of our own; `reason` is a sentence for the user;
    `retry_after_s` is None where waiting does not help. `max_tokens` of an answer are allowed.
    """

    is_allowed: bool
    max_tokens: int = 0
    limit: str = ""
    reason: str = ""
    retry_after_s: float | None = None

    def __str__(self) -> str:
        if self.is_allowed:
            return "allowed"
        again = "" if self.retry_after_s is None else f", again in {self.retry_after_s:.0f} s"
        return f"refused by {self.limit}{again}"


def decide(demand: Demand, limits: Sequence[Limit], tally: Tally, account: str) -> Verdict:
    """Whether `demand` fits all limits; the one that takes the longest to pass decides."""
    max_tokens = _fitting_answer(demand, limits, tally, account)
    refusals = [
        found
        for limit in limits
        if (found := _refusal(demand, max_tokens, limit, tally, account)) is not None
    ]
    if not refusals:
        return Verdict(is_allowed=True, max_tokens=max_tokens)
    return max(
        refusals, key=lambda each: math.inf if each.retry_after_s is None else each.retry_after_s
    )


def cost_of(demand: Demand, max_tokens: int, unit: Unit) -> float:
    """The most that a request can cost; infinite dollars where its price is not known."""
    if unit is Unit.REQUESTS:
        return 1.0
    if unit is Unit.TOKENS:
        return demand.prompt_tokens + max_tokens
    if demand.price is None:
        return math.inf
    return (
        demand.prompt_tokens * demand.price.prompt + max_tokens * demand.price.completion
    ) / 1_000_000


def kept_back(limit: Limit, priority: Priority) -> float:
    """How much of a limit is kept for what is more important than `priority`."""
    share = limit.most * _SHARE_KEPT[priority]
    if limit.unit is not Unit.REQUESTS or limit.window is Period.SECOND:
        return share if limit.unit is not Unit.REQUESTS else 0.0
    if priority is Priority.AUTOMATIC:
        return min(math.ceil(share), _MOST_KEPT_REQUESTS)
    if priority is Priority.SPECULATIVE:
        return max(math.ceil(share), SCARCE_REQUESTS)
    return math.ceil(share) + 1 if priority is Priority.INSIDE_WORD else 0.0


def quota_state(limits: Iterable[Limit]) -> QuotaState:
    """How the limits per minute compare with what somebody asks for who types."""
    state = QuotaState.UNKNOWN
    for limit in limits:
        if limit.window is not Period.MINUTE or limit.unit is Unit.USD:
            continue
        is_requests = limit.unit is Unit.REQUESTS
        if limit.most < (SCARCE_REQUESTS if is_requests else SCARCE_TOKENS):
            return QuotaState.SCARCE
        if limit.most < (AMPLE_REQUESTS if is_requests else AMPLE_TOKENS):
            return QuotaState.UNKNOWN
        state = QuotaState.AMPLE if is_requests else state
    return state


def prompt_tokens_within(limits: Iterable[Limit], most: int) -> int:
    """How long a prompt may be, at most `most`, so that a minute holds several."""
    per_minute = (
        limit.most
        for limit in limits
        if limit.unit is Unit.TOKENS and limit.window is Period.MINUTE
    )
    share = min(per_minute, default=math.inf) / PROMPT_SHARE
    return int(min(most, max(MIN_PROMPT_TOKENS, share)))


def _counts(entry: Entry, limit: Limit, account: str) -> bool:
    if limit.is_total:
        return entry.is_ours
    return entry.account == account and limit.model in ("", entry.model)


def _fitting_answer(demand: Demand, limits: Sequence[Limit], tally: Tally, account: str) -> int:
    """The tokens of an answer that fit what is left, but not below what makes sense."""
    left = min(
        (
            limit.most - tally.used(limit, account) - demand.prompt_tokens
            for limit in limits
            if limit.unit is Unit.TOKENS
        ),
        default=math.inf,
    )
    least = min(demand.max_tokens, MIN_ANSWER_TOKENS)
    return int(max(least, min(demand.max_tokens, left)))


def _refusal(
    demand: Demand, max_tokens: int, limit: Limit, tally: Tally, account: str
) -> Verdict | None:
    cost = cost_of(demand, max_tokens, limit.unit)
    if math.isinf(cost):
        reason = (
            f"The request was not sent: what {demand.model or 'the model'} costs is not known, and "
            f"{limit.source} is set. Set fim.price_prompt and fim.price_completion (or those of "
            f"chat), or remove {limit.source}."
        )
        return Verdict(is_allowed=False, limit=str(limit), reason=reason)
    used, kept = tally.used(limit, account), kept_back(limit, demand.priority)
    excess = used + cost + kept - limit.most
    if excess <= 1e-9:
        return None
    if cost > limit.most:
        return Verdict(is_allowed=False, limit=str(limit), reason=_too_large(limit, cost))
    if excess > used + 1e-9:  # only higher priorities are served with this limit
        retry_s = limit.window.seconds or tally.retry_after_s(limit, account, used)
    else:
        retry_s = tally.retry_after_s(limit, account, excess)
    is_kept = used + cost <= limit.most + 1e-9
    reason = _used_up(limit, used, tally.moment.wall_s + retry_s, is_kept=is_kept)
    return Verdict(is_allowed=False, limit=str(limit), reason=reason, retry_after_s=retry_s)


def _too_large(limit: Limit, cost: float) -> str:
    if limit.most <= 0:
        return f"The request was not sent: {limit} allow none. {_remedy(limit)}"
    needs = f"${cost:.4f}" if limit.unit is Unit.USD else f"{cost:,.0f} {limit.unit.value}"
    return (
        f"The request was not sent: it may need {needs}, and the limit is {limit}. "
        f"Select less, lower max_tokens, or {_remedy(limit)[0].lower()}{_remedy(limit)[1:]}"
    )


def _used_up(limit: Limit, used: float, until_s: float, *, is_kept: bool) -> str:
    """`is_kept`: what is left is for higher priorities."""
    spent = f"${used:,.4f}" if limit.unit is Unit.USD else f"{used:,.0f}"
    form = "%H:%M:%S" if limit.window.seconds else "%Y-%m-%d %H:%M"
    until = datetime.fromtimestamp(math.ceil(until_s)).strftime(form)
    kept = ", and the rest is kept for what you ask by hand" if is_kept else ""
    return (
        f"The request was not sent: {spent} of {limit} are used{kept}. It can be sent at {until}. "
        f"{_remedy(limit)}"
    )


def _remedy(limit: Limit) -> str:
    if limit.source.startswith("limits."):
        return f"Raise {limit.source} to have more."
    return "Another plan or endpoint allows more."


def _end_of(window: Period, moment: Moment) -> float:
    """When a day or a month ends, in seconds since 1970."""
    today = datetime.fromtimestamp(moment.wall_s, UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    if window is Period.DAY:
        return (today + timedelta(days=1)).timestamp()
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1).timestamp()
