"""A working day within each of Mistral's plans: what is refused, by whom, and what is answered.

Run by `python -m benchmarks.working_day [--hours 8] [--editors 2]`. In jumped time, editors of one
user type, pause, ask by hand and refactor in front of a server that keeps a plan's limits by
sliding windows, counts `max_tokens` at once, and tells what is left in Mistral's headers. Requests
travel for a random time. The governor is the real one, with its file on the disk. Exits with 1
after a 429, or a request beyond a cap.

A pause is answered if the model was asked for it; what `local` says of the others is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import itertools
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import cast

from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.errors import BudgetExceeded, ProviderError, RateLimited
from devstral_lsp.providers.base import Endpoint, Secret
from devstral_lsp.providers.metering import (
    Demand,
    Meter,
    Permit,
    Price,
    Priority,
    ProviderLimits,
    Usage,
)
from devstral_lsp.refactor.ask import PAUSES_S, QUOTA_PAUSE_S
from devstral_lsp.usage.budget_file import WallAndMonotonic
from devstral_lsp.usage.governor import Governor
from devstral_lsp.usage.plans import PLANS, Plan

MORNING_S = 1_796_025_600.0
"""30 November 2026, 8:00 UTC."""

TYPING_SHARE = 0.6
"""Of the minutes of a day; the others are for reading and talking."""

SITUATIONS: tuple[tuple[float, str, Priority], ...] = (
    (3.0, "within a word", Priority.INSIDE_WORD),
    (6.0, "line start, bracket, operator", Priority.AUTOMATIC),
    (9.0, "pause over 0.6 s", Priority.AUTOMATIC),
    (20.0, "speculation", Priority.SPECULATIVE),
    (600.0, "by hand", Priority.MANUAL),
    (1_800.0, "refactor", Priority.MANUAL),
)
"""How often each comes up while somebody types, in seconds on average, and who it is for."""

TRAVEL_S = (0.02, 0.4)
FIRST_TRAVEL_S = 1.5
"""One request in fifty opens a connection first."""
PRICE = Price(0.3, 0.9)
FIM_ANSWER, CHAT_ANSWER = 96, 4_096
CHAT_PROMPT = 2_500
RETRIES = len(PAUSES_S)


class PlanServer:
    """Keeps a plan's limits, of any minute and of the day, and tells what is left."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sent: list[tuple[float, float]] = []
        """When, and for how many tokens, within the last minute."""
        self._day_tokens = 0.0
        self.refused = 0
        self.most_in_a_minute = 0

    def ask(self, now_s: float, tokens: float) -> tuple[bool, dict[str, str]]:
        """Whether a request is let in, and the headers of its reply."""
        plan, day = self._plan, self._plan.tokens_per_day
        self._sent = [each for each in self._sent if each[0] > now_s - 60]
        used = sum(each for _, each in self._sent)
        in_a_second = sum(at_s > now_s - 1 for at_s, _ in self._sent)
        is_let_in = (
            len(self._sent) < plan.requests_per_minute
            and used + tokens <= plan.tokens_per_minute
            and in_a_second < (plan.requests_per_second or plan.requests_per_minute)
            and (day is None or self._day_tokens + tokens <= day)
        )
        if is_let_in:
            self._sent.append((now_s, tokens))
            self._day_tokens += tokens
            used += tokens
        self.refused += not is_let_in
        self.most_in_a_minute = max(self.most_in_a_minute, len(self._sent))
        return is_let_in, {
            "x-ratelimit-limit-req-minute": f"{plan.requests_per_minute}",
            "x-ratelimit-remaining-req-minute": f"{plan.requests_per_minute - len(self._sent)}",
            "x-ratelimit-limit-tokens-minute": f"{plan.tokens_per_minute}",
            "x-ratelimit-remaining-tokens-minute": f"{plan.tokens_per_minute - used:.0f}",
            "x-ratelimit-tokens-query-cost": f"{tokens:.0f}",
        }

    def hand_back(self, tokens: float) -> None:
        """Of the day, only what was used counts in the end."""
        self._day_tokens -= tokens


@dataclass
class Figures:
    """What became of the situations of a day."""

    came: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    tokens: float = 0.0
    usd: float = 0.0
    refused_by_server: int = 0
    most_in_a_minute: int = 0

    def share(self, situation: str) -> float:
        """How many of a kind were answered by the model, of all that came up."""
        return self.asked[situation] / max(1, self.came[situation])


class Day:
    """One day on one plan, or within caps of one's own."""

    def __init__(
        self,
        plan: str,
        folder: Path,
        *,
        caps: Mapping[str, float] = MappingProxyType({}),
        editors: int = 2,
        seed: int = 7,
    ) -> None:
        self._now_s = MORNING_S
        self._random = random.Random(seed)
        self._server = PlanServer(PLANS[plan])
        self._events: list[tuple[float, int, Callable[[], Awaitable[None]]]] = []
        self._order = itertools.count()
        clocks = WallAndMonotonic(lambda: self._now_s, lambda: self._now_s)
        limits = LimitSettings(plan=plan, **caps)  # type: ignore[arg-type]
        self._governors = [Governor(limits, lambda: folder, clocks) for _ in range(editors)]
        endpoint = Endpoint(base_url="https://api.mistral.ai", key=Secret("key", "benchmark"))
        self._meters = [cast("Meter", each.meter("mistral", endpoint)) for each in self._governors]
        self.figures = Figures()

    async def run(self, hours: float) -> Figures:
        """What became of a day of so many hours."""
        end_s = MORNING_S + hours * 3600
        for every_s, name, priority in SITUATIONS:
            at_s = MORNING_S
            while (at_s := at_s + self._random.expovariate(1 / every_s)) < end_s:
                if int(at_s / 60) * 7919 % 100 < TYPING_SHARE * 100:
                    self._at(at_s, self._situation(name, priority))
        while self._events:
            self._now_s, _, event = heapq.heappop(self._events)
            await event()
        for governor in self._governors:
            await governor.close()
        self.figures.refused_by_server = self._server.refused
        self.figures.most_in_a_minute = self._server.most_in_a_minute
        return self.figures

    def _at(self, at_s: float, event: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._events, (at_s, next(self._order), event))

    def _situation(self, name: str, priority: Priority) -> Callable[[], Awaitable[None]]:
        async def come() -> None:
            self.figures.came[name] += 1
            meter = self._random.choice(self._meters)
            demand = self._demand(meter, priority, is_chat=name == "refactor")
            await ask(meter, demand, RETRIES if name == "refactor" else 0)

        async def ask(meter: Meter, demand: Demand, retries: int) -> None:
            try:
                permit = await meter.admit(demand)
            except BudgetExceeded as error:
                wait_s = error.retry_after_s
                if retries and wait_s is not None and wait_s <= QUOTA_PAUSE_S:
                    self._at(self._now_s + wait_s, lambda: ask(meter, demand, retries - 1))
                return
            self.figures.asked[name] += 1
            is_first = self._random.random() < 0.02
            travel_s = self._random.uniform(*TRAVEL_S) + is_first * FIRST_TRAVEL_S
            self._at(self._now_s + travel_s, self._arrival(demand, permit))

        return come

    def _demand(self, meter: Meter, priority: Priority, *, is_chat: bool) -> Demand:
        most = meter.narrow(ProviderLimits()).prompt_tokens
        # The prompt and what stands around it, as the engine shares them out.
        prompt = CHAT_PROMPT if is_chat else int(most * 1.5 * self._random.uniform(0.6, 1.0))
        return Demand(
            model="mistral-medium-latest" if is_chat else "codestral-latest",
            prompt_tokens=prompt,
            max_tokens=CHAT_ANSWER if is_chat else FIM_ANSWER,
            priority=priority,
            price=PRICE,
        )

    def _arrival(self, demand: Demand, permit: Permit) -> Callable[[], Awaitable[None]]:
        async def arrive() -> None:
            # The estimate is usually too high: three bytes a token, where code has more.
            prompt = int(demand.prompt_tokens * self._random.uniform(0.8, 1.0))
            reserved = prompt + permit.max_tokens
            is_let_in, headers = self._server.ask(self._now_s, reserved)
            answer = int(permit.max_tokens * self._random.uniform(0.1, 0.9))
            usage = Usage(prompt, answer) if is_let_in else None
            error = None if is_let_in else RateLimited("", status=429)
            self._at(self._now_s + 0.2, self._reply(permit, headers))
            self._at(self._now_s + 1.0, self._end(permit, usage, error))
            if usage is not None:
                self._server.hand_back(permit.max_tokens - answer)
                self.figures.tokens += prompt + answer
                self.figures.usd += prompt * PRICE.prompt / 1e6 + answer * PRICE.completion / 1e6

        return arrive

    def _reply(self, permit: Permit, headers: dict[str, str]) -> Callable[[], Awaitable[None]]:
        async def take() -> None:
            permit.learn(headers)
            await self._written()

        return take

    def _end(
        self, permit: Permit, usage: Usage | None, error: ProviderError | None
    ) -> Callable[[], Awaitable[None]]:
        async def settle() -> None:
            permit.settle(usage, error)
            await self._written()

        return settle

    async def _written(self) -> None:
        """What is written in the background has the time of now."""
        for governor in self._governors:
            await asyncio.wrap_future(governor.submit("", lambda books: None))


def report(plan: str, caps: dict[str, float], figures: Figures) -> None:
    told = ", ".join(f"{name} = {value:g}" for name, value in caps.items())
    print(f"\nplan {plan}{', ' + told if told else ''}")
    for _, name, _ in SITUATIONS:
        share = f"{figures.share(name):7.1%}"
        print(f"  {name:32}{figures.came[name]:>7} came up{share:>9} answered by the model")
    print(
        f"  {sum(figures.asked.values())} requests, {figures.tokens:,.0f} tokens, "
        f"${figures.usd:.2f}; most in a minute {figures.most_in_a_minute}; "
        f"refused by the server (429): {figures.refused_by_server}"
    )


async def run(hours: float, editors: int) -> int:
    failures = 0
    rows: list[tuple[str, dict[str, float]]] = [(plan, {}) for plan in PLANS]
    for plan, caps in [*rows, ("scale", {"usd_per_day": 0.5})]:
        with tempfile.TemporaryDirectory() as folder:
            figures = await Day(plan, Path(folder), caps=caps, editors=editors).run(hours)
        report(plan, caps, figures)
        day = PLANS[plan].tokens_per_day
        failures += figures.refused_by_server > 0
        failures += figures.usd > caps.get("usd_per_day", float("inf"))
        failures += day is not None and figures.tokens > day
    return int(failures > 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--editors", type=int, default=2)
    arguments = parser.parse_args()
    return asyncio.run(run(arguments.hours, arguments.editors))


if __name__ == "__main__":
    sys.exit(main())
