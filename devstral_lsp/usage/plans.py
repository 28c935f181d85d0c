"""Limits: those of Mistral's plans, those of the settings, and what an endpoint says of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from devstral_lsp.config.limit_settings import LimitSettings


class Unit(Enum):
    """What is counted. The values are words for people."""

    REQUESTS = "requests"
    TOKENS = "tokens"
    USD = "dollars"


class Period(Enum):
    """The time in which it is counted: sliding seconds, or a calendar day or month in UTC.

    The values are words for people, and seconds where the window slides.
    """

    SECOND = ("second", 1.0)
    MINUTE = ("minute", 60.0)
    FIVE_MINUTES = ("five minutes", 300.0)
    DAY = ("day", None)
    MONTH = ("month", None)

    def __init__(self, word: str, seconds: float | None) -> None:
        self.word = word
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so much in a window. `source` says who set it, in words for people.

    `is_total`: it counts the requests to all endpoints together, as the user's own caps do;
    otherwise those with one key or, with a `model`, those to one model with one key.
    """

    unit: Unit
    window: Period
    most: float
    source: str
    is_total: bool = False
    model: str = ""

    def __str__(self) -> str:
        if self.unit is Unit.USD:
            return f"${self.most:,.2f} a {self.window.word} ({self.source})"
        return f"{self.most:,.0f} {self.unit.value} a {self.window.word} ({self.source})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a plan of Mistral's allows a key. None where nothing is known."""

    requests_per_second: int | None = None
    requests_per_minute: int
    tokens_per_minute: int
    tokens_per_day: int | None = None
    as_of: str
    source: str


_GIVEN = (
    "figures given to this project; docs.mistral.ai/admin/user-management-finops/tier names none, "
    "and the console's page of limits shows those of a key"
)

PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        "free": Plan(
            # A key's answers were refused beyond one a second whatever the minute allowed:
            # r/MistralAI, "Mistral API quota and rate limits pools analysis", 23 February 2026.
            requests_per_second=1,
            requests_per_minute=2,
            tokens_per_minute=4_000,
            tokens_per_day=100_000,
            as_of="2026-11-20",
            source=_GIVEN,
        ),
        "build": Plan(
            requests_per_minute=60,
            tokens_per_minute=500_000,
            tokens_per_day=10_000_000,
            as_of="2026-11-20",
            source=_GIVEN,
        ),
        "scale": Plan(
            requests_per_minute=300,
            tokens_per_minute=2_000_000,
            as_of="2026-11-20",
            source=_GIVEN,
        ),
    }
)
"""Mistral's plans by their names in `limits.plan`. What a reply's headers say counts as well."""


def limits_of(settings: LimitSettings) -> tuple[Limit, ...]:
    """The limits of the plan and those that the user set."""
    plan = PLANS.get(settings.plan)
    source = f"the plan {settings.plan}, as of {plan.as_of}" if plan else ""
    of_plan = (
        (
            (Unit.REQUESTS, Period.SECOND, plan.requests_per_second),
            (Unit.REQUESTS, Period.MINUTE, plan.requests_per_minute),
            (Unit.TOKENS, Period.MINUTE, plan.tokens_per_minute),
            (Unit.TOKENS, Period.DAY, plan.tokens_per_day),
        )
        if plan
        else ()
    )
    own = (
        (Unit.REQUESTS, Period.MINUTE, "requests_per_minute"),
        (Unit.TOKENS, Period.MINUTE, "tokens_per_minute"),
        (Unit.TOKENS, Period.DAY, "tokens_per_day"),
        (Unit.TOKENS, Period.MONTH, "tokens_per_month"),
        (Unit.USD, Period.DAY, "usd_per_day"),
        (Unit.USD, Period.MONTH, "usd_per_month"),
    )
    return (
        *(
            Limit(unit=unit, window=window, most=most, source=source)
            for unit, window, most in of_plan
            if most is not None
        ),
        *(
            Limit(unit=unit, window=window, most=most, source=f"limits.{name}", is_total=True)
            for unit, window, name in own
            if (most := getattr(settings, name)) is not None
        ),
    )
