"""What an endpoint's reply says of its limits.

Mistral has used two families of names, documents a third, and gateways send OpenAI's: all are read
and none is required. `headers` must ignore case, like those of an HTTP client.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from devstral_lsp.usage.plans import Period, Unit

MAX_RESET_S = 24 * 60 * 60.0

_REQUESTS, _TOKENS, _MINUTE, _MONTH = Unit.REQUESTS, Unit.TOKENS, Period.MINUTE, Period.MONTH

_FAMILIES: tuple[tuple[Unit, Period, str, str, str], ...] = (
    # Mistral, 2026
    *(
        (
            unit,
            window,
            f"x-ratelimit-limit-{name}",
            f"x-ratelimit-remaining-{name}",
            f"x-ratelimit-reset-{name}",
        )
        for unit, window, name in (
            (_REQUESTS, Period.SECOND, "req-second"),
            (_REQUESTS, _MINUTE, "req-minute"),
            (_TOKENS, _MINUTE, "tokens-minute"),
            # r/MistralAI, 23 February 2026: mistral-large-2411 alone
            (_TOKENS, Period.FIVE_MINUTES, "tokens-5-minute"),
            (_TOKENS, Period.DAY, "tokens-day"),
            (_TOKENS, _MONTH, "tokens-month"),
        )
    ),
    # Mistral, 2024 to 2025
    (
        *(_TOKENS, _MINUTE, "x-ratelimitbysize-limit-minute"),
        *("x-ratelimitbysize-remaining-minute", "ratelimitbysize-reset"),
    ),
    (
        *(_TOKENS, _MONTH, "x-ratelimitbysize-limit-month"),
        *("x-ratelimitbysize-remaining-month", ""),
    ),
    (
        *(_TOKENS, _MINUTE, "ratelimitbysize-limit"),
        *("ratelimitbysize-remaining", "ratelimitbysize-reset"),
    ),
    # OpenAI, and gateways such as LiteLLM's proxy, which gives a key's limits by these names
    *(
        (
            unit,
            _MINUTE,
            f"x-ratelimit-limit-{unit.value}",
            f"x-ratelimit-remaining-{unit.value}",
            f"x-ratelimit-reset-{unit.value}",
        )
        for unit in (_REQUESTS, _TOKENS)
    ),
    (_REQUESTS, _MINUTE, "x-litellm-key-rpm-limit", "", ""),
    (_TOKENS, _MINUTE, "x-litellm-key-tpm-limit", "", ""),
    # What Mistral documents, and the IETF's draft
    (_REQUESTS, _MINUTE, "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
    (_REQUESTS, _MINUTE, "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
)
"""Unit, window, and the headers of the limit, of what is left, and of when that is renewed."""

_COSTS = ("x-ratelimit-tokens-query-cost", "ratelimitbysize-query-cost")

_LITELLM = re.compile(
    r"x-ratelimit-[a-z_]{1,40}-(limit|remaining)-(requests|tokens)|"
    r"x-litellm-key-(remaining)-(requests|tokens)-[\w./:-]{1,120}"
)
"""LiteLLM's proxy tells the limits of a key, a team or a user by names of its own as well."""

_DURATION = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,4})m(?!s))?(?:(\d{1,6}(?:\.\d{1,6})?)s)?")


@dataclass(frozen=True, slots=True)
class QuotaReport:
    """One limit as a reply tells it; None for what it does not."""

    unit: Unit
    window: Period
    most: float | None
    remaining: float | None
    reset_s: float | None = None


def read_quota(headers: Mapping[str, str]) -> tuple[QuotaReport, ...]:
    """The limits that a reply tells, the smallest for each unit and window."""
    found: dict[tuple[Unit, Period], QuotaReport] = {}
    for report in (*_by_family(headers), *_by_litellm(headers)):
        key = report.unit, report.window
        known = found.get(key)
        found[key] = report if known is None else _smaller(known, report)
    return tuple(found.values())


def read_cost_tokens(headers: Mapping[str, str]) -> float | None:
    """What the endpoint charged its limit per minute for this request; None if it does not say."""
    return next((cost for name in _COSTS if (cost := _count(headers.get(name))) is not None), None)


def _by_family(headers: Mapping[str, str]) -> Iterator[QuotaReport]:
    for unit, window, limit, remaining, reset in _FAMILIES:
        most, left = _count(headers.get(limit)), _count(headers.get(remaining))
        if most is not None or left is not None:
            yield QuotaReport(unit, window, most, left, _duration_s(headers.get(reset)))


def _by_litellm(headers: Mapping[str, str]) -> Iterator[QuotaReport]:
    for name, value in headers.items():
        if (told := _LITELLM.fullmatch(name.lower())) is not None:
            what, unit = told[1] or told[3], Unit(told[2] or told[4])
            if (count := _count(value)) is not None:
                is_limit = what == "limit"
                most, left = (count, None) if is_limit else (None, count)
                yield QuotaReport(unit, Period.MINUTE, most, left)


def _smaller(one: QuotaReport, other: QuotaReport) -> QuotaReport:
    """The smaller of two reports, member by member."""
    return QuotaReport(
        one.unit,
        one.window,
        _least(one.most, other.most),
        _least(one.remaining, other.remaining),
        one.reset_s if one.reset_s is not None else other.reset_s,
    )


def _least(one: float | None, other: float | None) -> float | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _count(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _duration_s(value: str | None) -> float | None:
    """Seconds, as a number or as OpenAI writes them, "6m0s" and "20ms"; None for anything else.

    A number too great for a duration is a moment, which a wrong clock would distort: left out.
    """
    text = (value or "").strip()
    if (number := _count(text)) is not None:
        return number if number <= MAX_RESET_S else None
    if text.endswith("ms") and (number := _count(text[:-2])) is not None:
        return min(number / 1000, MAX_RESET_S)
    told = _DURATION.fullmatch(text)
    if told is None or not any(told.groups()):
        return None
    hours, minutes, seconds = (float(each or 0) for each in told.groups())
    return min(hours * 3600 + minutes * 60 + seconds, MAX_RESET_S)
