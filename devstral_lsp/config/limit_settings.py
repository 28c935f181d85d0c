"""The settings of rate limits and spending caps. Part of `schema.py`."""

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.config.setting_spec import LEFT_OUT, NARROWS, Range, setting_field

UNKNOWN_PLAN = "unknown"
PLAN_NAMES = ("free", "build", "scale")

_REQUESTS = Range(0, 100_000, "requests")
_TOKENS = Range(0, 1_000_000_000_000, "tokens")
_USD = Range(0, 1_000_000, "US dollars")


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """Limits of what all of the user's editors together send and spend.

    An unreadable cap might be lower than any other, so nothing is sent until it is corrected.
    """

    plan: str = setting_field(
        UNKNOWN_PLAN,
        "Your plan at Mistral. Its rate limits then apply from the start; the limits in Mistral's "
        "response headers always apply.",
        slip=LEFT_OUT,
        choices=(UNKNOWN_PLAN, *PLAN_NAMES),
    )
    requests_per_minute: int | None = setting_field(
        None, "Requests per minute, to all endpoints.", slip=NARROWS, range=_REQUESTS
    )
    tokens_per_minute: int | None = setting_field(
        None, "Tokens per minute, prompts and answers together.", slip=NARROWS, range=_TOKENS
    )
    tokens_per_day: int | None = setting_field(
        None, "Tokens per day, which begins at 0:00 UTC.", slip=NARROWS, range=_TOKENS
    )
    tokens_per_month: int | None = setting_field(
        None, "Tokens per calendar month.", slip=NARROWS, range=_TOKENS
    )
    usd_per_day: float | None = setting_field(
        None,
        "Spending per day. If a model's price is unknown, set `fim.price_prompt` and the like, or "
        "nothing is sent to it.",
        slip=NARROWS,
        range=_USD,
    )
    usd_per_month: float | None = setting_field(
        None, "Spending per calendar month.", slip=NARROWS, range=_USD
    )
