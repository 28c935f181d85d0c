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
from datetime import datetime
from typing import Protocol

from devstral_lsp.providers.metering import Demand, Priority, QuotaState
from devstral_lsp.usage.budget_file import Moment
from devstral_lsp.usage.plans import Limit, Period, Unit

MIN_ANSWER_TOKENS = 1024
"""An answer that may be longer is cut to what the quota leaves, but not below this."""

SCARCE_REQUESTS, SCARCE_TOKENS = 20, 40_000
"""Limits per minute below which somebody who types asks for more: about 20 requests of 2,000 tokens
come from a hundred keys (`completion/debounce.py`)."""

AMPLE_REQUESTS, AMPLE_TOKENS = 120, 500_000
"""Limits per minute from which even twice as many requests leave something."""

PROMPTS_PER_MINUTE, PROMPTS_PER_DAY = 4, 200
"""A prompt may have one part in so many of the tokens of a minute and of a day: many short prompts
are worth more than a few long ones."""

MIN_PROMPT_TOKENS = 256

_SHARE_KEPT = {
    Priority.SPECULATIVE: 0.6,
    Priority.INSIDE_WORD: 0.5,
    Priority.AUTOMATIC: 0.125,
    Priority.MANUAL: 0.0,
}
"""The share of a limit that is kept for higher priorities."""

_DAILY_SHARE_KEPT = 0.2
"""At least, of a day and a month: what is used up then is gone for long."""

WORKING_DAY_S, MONTH_S = 8 * 3600.0, 30 * 24 * 3600.0
"""Over which automatic requests spread what is allowed in a day and in a month."""

_HEAD_START = {
    Priority.SPECULATIVE: 0.05,
    Priority.INSIDE_WORD: 0.1,
    Priority.AUTOMATIC: 0.25,
    Priority.MANUAL: 1.0,
}
"""How far, as a share of what they may use, they may be ahead of an even pace. The less a request
is worth, the sooner it stops for the day to last."""

_ROUNDING = 1e-9

_MOST_KEPT_REQUESTS = 4
"""More requests by hand than that are rare within a minute."""


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


class Spending(Protocol):
    """What is used of limits at a moment."""

    @property
    def moment(self) -> Moment: ...

    def used(self, limit: Limit) -> float:
        """How much of a limit is used."""

    def progress(self, window: Period) -> float:
        """The share of a working day or a month that is over."""

    def retry_after_s(self, limit: Limit, excess: float) -> float:
        """Seconds until `excess` of what is used counts no more."""


def decide(demand: Demand, limits: Sequence[Limit], spending: Spending) -> Verdict:
    """Whether `demand` fits all limits; the one that takes the longest to pass decides."""
    used = [(limit, spending.used(limit)) for limit in limits]
    max_tokens = _fitting_answer(demand, used)
    found = (_refusal(demand, max_tokens, limit, amount, spending) for limit, amount in used)
    refusals = [each for each in found if each is not None]
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
    if limit.window.seconds is None and priority is not Priority.MANUAL:
        return max(share, limit.most * _DAILY_SHARE_KEPT)
    if limit.unit is not Unit.REQUESTS:
        return share
    if limit.window is Period.SECOND:
        return 0.0
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
    """How long a prompt may be, at most `most`, so that a minute and a day hold several."""
    prompts = {Period.MINUTE: PROMPTS_PER_MINUTE, Period.DAY: PROMPTS_PER_DAY}
    shares = (
        limit.most / prompts[limit.window]
        for limit in limits
        if limit.unit is Unit.TOKENS and limit.window in prompts
    )
    return int(min(most, max(MIN_PROMPT_TOKENS, min(shares, default=math.inf))))


def _fitting_answer(demand: Demand, used: Sequence[tuple[Limit, float]]) -> int:
    """The tokens of an answer that fit what is left, but not below what makes sense."""
    left = min(
        (
            limit.most - amount - demand.prompt_tokens
            for limit, amount in used
            if limit.unit is Unit.TOKENS
        ),
        default=math.inf,
    )
    least = min(demand.max_tokens, MIN_ANSWER_TOKENS)
    return int(max(least, min(demand.max_tokens, left)))


def _refusal(
    demand: Demand, max_tokens: int, limit: Limit, used: float, spending: Spending
) -> Verdict | None:
    cost = cost_of(demand, max_tokens, limit.unit)
    if math.isinf(cost):
        reason = (
            f"The request was not sent: what {demand.model or 'the model'} costs is not known, and "
            f"{limit.source} is set. Set fim.price_prompt and fim.price_completion (or those of "
            f"chat), or remove {limit.source}."
        )
        return Verdict(is_allowed=False, limit=str(limit), reason=reason)
    open_to_it = limit.most - kept_back(limit, demand.priority)
    excess = used + cost - open_to_it
    behind = 0.0
    if limit.window.seconds is None and excess <= _ROUNDING:
        pace = spending.progress(limit.window) + _HEAD_START[demand.priority]
        behind = (used + cost) / open_to_it - min(pace, 1.0) if open_to_it > 0 else 0.0
    if excess <= _ROUNDING and behind <= _ROUNDING:
        return None
    if cost > limit.most:
        return Verdict(is_allowed=False, limit=str(limit), reason=_too_large(limit, cost))
    # Beyond what is used, only higher priorities are served by this limit, at any time.
    retry_s = spending.retry_after_s(limit, min(excess, used))
    if behind > 0:
        span_s = WORKING_DAY_S if limit.window is Period.DAY else MONTH_S
        retry_s = min(retry_s, behind * span_s)
    reason = _used_up(
        limit,
        used,
        spending.moment.wall_s + retry_s,
        is_kept=used + cost <= limit.most + _ROUNDING,
    )
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
    kept = ", and the rest is kept for later and for what you ask by hand" if is_kept else ""
    return (
        f"The request was not sent: {spent} of {limit} are used{kept}. It can be sent at {until}. "
        f"{_remedy(limit)}"
    )


def _remedy(limit: Limit) -> str:
    if limit.source.startswith("limits."):
        return f"Raise {limit.source} to have more."
    return "Another plan or endpoint allows more."
