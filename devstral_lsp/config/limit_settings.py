"""The settings of quota and money. Part of `schema.py`."""

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
    """What may be sent and spent, by all editors of yours together.

    A cap that cannot be read might be lower than any other: nothing is sent until it is corrected.
    """

    plan: str = setting_field(
        UNKNOWN_PLAN,
        "Your plan at Mistral, whose limits are then kept without trying them out. Those that its "
        "replies tell count in any case.",
        slip=LEFT_OUT,
        choices=(UNKNOWN_PLAN, *PLAN_NAMES),
    )
    requests_per_minute: int | None = setting_field(
        None, "Requests in any minute, to all endpoints.", slip=NARROWS, range=_REQUESTS
    )
    tokens_per_minute: int | None = setting_field(
        None, "Tokens of prompts and answers in any minute.", slip=NARROWS, range=_TOKENS
    )
    tokens_per_day: int | None = setting_field(
        None, "Tokens in a day, which begins at 0:00 UTC.", slip=NARROWS, range=_TOKENS
    )
    tokens_per_month: int | None = setting_field(
        None, "Tokens in a calendar month.", slip=NARROWS, range=_TOKENS
    )
    usd_per_day: float | None = setting_field(
        None,
        "Money in a day. Where prices are not known, set `fim.price_prompt` and its like, or "
        "nothing is sent.",
        slip=NARROWS,
        range=_USD,
    )
    usd_per_month: float | None = setting_field(
        None, "Money in a calendar month.", slip=NARROWS, range=_USD
    )
