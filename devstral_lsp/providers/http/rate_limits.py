"""What the headers of a reply tell about rate limits: how long to wait, and whether it helps.

Mistral has used several families of names over time and documents others than it sends, so all
are read and none is required. Pure; `headers` must ignore case, as an HTTP client's do.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

MAX_WAIT_S = 24 * 60 * 60.0
"""No header makes us wait longer; a wrong clock can turn a date into years."""

_LIMITS = (
    "x-ratelimit-limit-req-minute",
    "x-ratelimit-limit-tokens-minute",
    "x-ratelimit-limit-tokens-month",
    "ratelimitbysize-limit",
    "x-ratelimitbysize-limit-minute",
    "x-ratelimitbysize-limit-month",
)
_MONTH_LEFT = ("x-ratelimit-remaining-tokens-month", "x-ratelimitbysize-remaining-month")


def retry_after_s(headers: Mapping[str, str], now_s: float | None = None) -> float | None:
    """Seconds that the endpoint asks to be left alone; None if it does not say.

    Read as Mistral's SDK does: `retry-after-ms`, then `Retry-After` in seconds or as a date; then
    the one reset header that Mistral was seen to send. `now_s` is Unix time.
    """
    if (after_ms := _number(headers.get("retry-after-ms"))) is not None:
        return _bounded(after_ms / 1000)
    after = headers.get("retry-after")
    if (seconds := _number(after)) is not None:
        return _bounded(seconds)
    if (moment_s := _date_s(after)) is not None:
        return _bounded(moment_s - (time.time() if now_s is None else now_s))
    reset_s = _number(headers.get("ratelimitbysize-reset"))
    return None if reset_s is None else _bounded(reset_s)


def limit_is_zero(headers: Mapping[str, str]) -> bool:
    """Whether a limit itself is zero, so that no waiting helps."""
    return any(_number(headers.get(name)) == 0 for name in _LIMITS)


def monthly_quota_exhausted(headers: Mapping[str, str]) -> bool:
    """Whether nothing is left of the month's tokens."""
    return any(_number(headers.get(name)) == 0 for name in _MONTH_LEFT)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date_s(value: str | None) -> float | None:
    try:
        return parsedate_to_datetime(value or "").timestamp()
    except (ValueError, OverflowError):
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), MAX_WAIT_S)
