"""What may be sent, and what is refused until when; time is injected, the file is real."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.errors import (
    BudgetExceeded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerOverloaded,
    Unauthorized,
)
from devstral_lsp.providers.base import Endpoint, Secret
from devstral_lsp.providers.metering import (
    Demand,
    Meter,
    Permit,
    Price,
    Priority,
    ProviderLimits,
    QuotaState,
    Usage,
)
from devstral_lsp.usage.books import Books
from devstral_lsp.usage.budget_file import FILE_NAME, KEPT_DAYS, WallAndMonotonic
from devstral_lsp.usage.governor import Governor
from devstral_lsp.usage.plans import Limit, Period, Unit

NOON = 1_796_040_000.0  # 2026-11-30 12:00 UTC
PRICE = Price(1.0, 2.0)


@dataclass
class Clocks:
    """A wall clock and a monotonic one."""

    wall_s: float = NOON
    monotonic_s: float = 1_000.0

    def pass_s(self, seconds: float) -> None:
        self.wall_s += seconds
        self.monotonic_s += seconds

    def both(self) -> WallAndMonotonic:
        return WallAndMonotonic(lambda: self.wall_s, lambda: self.monotonic_s)


class Window:
    """One editor of the user's."""

    def __init__(self, folder: Path, clocks: Clocks, **limits: object) -> None:
        settings = LimitSettings(**limits)  # type: ignore[arg-type]
        self.told: list[str] = []
        self.governor = Governor(settings, lambda: folder, clocks.both())
        self.governor.told = lambda: self.told.append(self.governor.summary)
        self.meter = self.meter_of("k")

    def meter_of(self, key: str, host: str = "https://api.mistral.ai") -> Meter:
        endpoint = Endpoint(base_url=host, key=Secret(key, "test"))
        meter = self.governor.meter("mistral", endpoint)
        assert meter is not None
        return meter

    async def ask(
        self,
        priority: Priority = Priority.MANUAL,
        *,
        tokens: int = 100,
        answer: int = 64,
        model: str = "codestral-latest",
        price: Price | None = PRICE,
    ) -> Permit:
        demand = Demand(
            model=model, prompt_tokens=tokens, max_tokens=answer, priority=priority, price=price
        )
        return await self.meter.admit(demand)

    async def answered(
        self,
        headers: Mapping[str, str] | None = None,
        *,
        usage: Usage | None = None,
        error: ProviderError | None = None,
        priority: Priority = Priority.MANUAL,
        is_answered: bool = True,
        **demand: int,
    ) -> None:
        """A request and its reply."""
        permit = await self.ask(priority, **demand)  # type: ignore[arg-type]
        permit.learn(headers or {})
        usage = usage or (None if error else Usage(100, 10))
        permit.settle(usage, error, is_answered=is_answered)
        await self.written()

    async def written(self) -> None:
        """Wait until what is written in the background has the time of now."""
        await asyncio.wrap_future(self.governor.submit("", lambda books: None))

    async def refusal(self, priority: Priority = Priority.MANUAL, **demand: int) -> BudgetExceeded:
        with pytest.raises(BudgetExceeded) as caught:
            await self.ask(priority, **demand)  # type: ignore[arg-type]
        return caught.value


@asynccontextmanager
async def window(folder: Path, clocks: Clocks, **limits: object) -> AsyncIterator[Window]:
    opened = Window(folder, clocks, **limits)
    try:
        yield opened
    finally:
        await opened.governor.close()


async def test_a_plan_is_kept_without_trying_it_out(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, plan="free") as editor:
        await editor.answered()
        clocks.pass_s(2.5)
        await editor.answered()
        clocks.pass_s(5)
        error = await editor.refusal()
        assert error.retry_after_s == pytest.approx(53.5)
        assert "2 of 2 requests a minute (the plan free" in str(error)
        clocks.pass_s(54)
        await editor.ask()


async def test_the_last_request_of_a_minute_is_kept_for_the_hand(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, plan="free") as editor:
        await editor.answered(priority=Priority.AUTOMATIC)
        clocks.pass_s(3)
        await editor.refusal(Priority.AUTOMATIC)
        await editor.ask(Priority.MANUAL)


async def test_what_was_asked_by_hand_is_served_next(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, tokens_per_minute=3_000) as editor:
        await editor.ask(Priority.AUTOMATIC, tokens=1_000)
        await editor.refusal(Priority.MANUAL, tokens=2_000)
        clocks.pass_s(30)
        await editor.refusal(Priority.AUTOMATIC, tokens=300)
        clocks.pass_s(32)
        await editor.refusal(Priority.AUTOMATIC, tokens=300)
        await editor.ask(Priority.MANUAL, tokens=2_000)
        await editor.ask(Priority.AUTOMATIC, tokens=300)


@pytest.mark.parametrize("plan", ["free", "build"])
async def test_within_a_word_less_is_asked(tmp_path: Path, plan: str) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, plan=plan) as editor:
        asked = {Priority.AUTOMATIC: 0, Priority.INSIDE_WORD: 0, Priority.SPECULATIVE: 0}
        for priority in sorted(asked):
            try:
                while True:
                    await editor.answered(priority=priority)
                    asked[priority] += 1
                    clocks.pass_s(0.01)
            except BudgetExceeded:
                pass
    assert list(asked.values()) == {"free": [1, 0, 0], "build": [27, 5, 24]}[plan]


async def test_windows_share_one_budget(tmp_path: Path) -> None:
    clocks = Clocks()
    async with (
        window(tmp_path, clocks, requests_per_minute=3) as one,
        window(tmp_path, clocks, requests_per_minute=3) as other,
    ):
        await one.ask()
        await other.ask()
        await one.ask()
        await other.refusal()


async def test_caps_count_all_endpoints_and_a_plan_each_key(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, plan="free", tokens_per_day=500) as editor:
        await editor.ask(answer=100)
        editor.meter = editor.meter_of("another")
        await editor.ask(answer=100)
        error = await editor.refusal(answer=200)
        assert "limits.tokens_per_day" in str(error)


async def test_money_is_reserved_and_settled(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, usd_per_day=1.0) as editor:
        permit = await editor.ask(tokens=600_000, answer=100_000)
        error = await editor.refusal(tokens=300_000)
        assert "$0.8000 of $1.00 a day" in str(error)
        assert error.retry_after_s == pytest.approx(12 * 3600)
        permit.settle(Usage(100_000, 1_000), None)
        await editor.written()
        await editor.ask(tokens=300_000)


@pytest.mark.parametrize(
    ("limits", "summary"),
    [
        ({}, "Used: $0.12 today."),
        ({"usd_per_day": 2.0}, "Used: $0.12 of $2.00 today."),
        ({"usd_per_month": 5.0}, "Used: $0.12 today, $0.12 of $5.00 this month."),
        (
            {"tokens_per_day": 900_000, "usd_per_day": 2.0},
            "Used: $0.12 of $2.00 today, 110,000 of 900,000 tokens today.",
        ),
    ],
)
async def test_money_is_told_first_and_without_a_cap_as_well(
    tmp_path: Path, limits: dict[str, float], summary: str
) -> None:
    async with window(tmp_path, Clocks(), **limits) as editor:
        await editor.answered(usage=Usage(100_000, 10_000))
        await editor.ask()
        assert editor.governor.summary == summary


async def test_what_a_request_used_is_told_once_it_is_over(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks(), requests_per_minute=9, usd_per_day=2.0) as editor:
        permit = await editor.ask(tokens=1_000_000)
        permit.settle(Usage(100_000, 10_000), None)
        await editor.written()
        told = "Used: $0.12 of $2.00 today, 1 of 9 requests in the last minute."
        assert editor.governor.summary == told
        assert editor.told == [told]


async def test_limits_that_replies_tell_are_told_where_the_user_set_none(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks(), requests_per_minute=9) as editor:
        minute = "x-ratelimit-{}-tokens-minute"
        await editor.answered({minute.format("limit"): "500", minute.format("remaining"): "100"})
        told = "Used: 1 of 9 requests in the last minute, 400 of 500 tokens in the last minute."
        assert editor.governor.summary == told


async def test_less_than_a_cent_is_not_told(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks()) as editor:
        await editor.answered(usage=Usage(1_000, 100))
        await editor.ask()
        assert editor.governor.summary == ""


async def test_what_has_no_price_is_not_paid_for(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks(), usd_per_month=5.0) as editor:
        with pytest.raises(BudgetExceeded, match=r"fim\.price_prompt"):
            await editor.ask(price=None)


async def test_a_request_that_never_fits_says_so(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks(), plan="free") as editor:
        error = await editor.refusal(tokens=5_000)
        assert error.retry_after_s is None
        assert "Select less" in str(error)


async def test_a_long_answer_is_cut_to_what_the_plan_allows(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks(), plan="free") as editor:
        permit = await editor.ask(tokens=1_000, answer=8_000)
        assert permit.max_tokens == 3_000


FAMILIES: tuple[dict[str, str], ...] = (
    {"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "0"},
    {"x-ratelimit-limit-tokens-minute": "50000", "x-ratelimit-remaining-tokens-minute": "80"},
    {"x-ratelimitbysize-limit-minute": "50000", "x-ratelimitbysize-remaining-minute": "80"},
    {"ratelimitbysize-limit": "50000", "ratelimitbysize-remaining": "80"},
    {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0"},
    {"x-ratelimit-api_key-limit-tokens": "900", "x-ratelimit-api_key-remaining-tokens": "7"},
    {"x-ratelimit-remaining": "0"},
)


@pytest.mark.parametrize("headers", FAMILIES)
async def test_a_reply_tells_what_others_have_used(tmp_path: Path, headers: dict[str, str]) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks) as editor, window(tmp_path, clocks) as other:
        await editor.answered(headers)
        error = await other.refusal()
        assert error.retry_after_s == pytest.approx(61, abs=1.5)
        clocks.pass_s(62)
        await other.ask()


async def test_a_month_that_is_used_up_stays_so(tmp_path: Path) -> None:
    clocks = Clocks()
    headers = {
        "x-ratelimit-limit-tokens-month": "4000000",
        "x-ratelimit-remaining-tokens-month": "100",
    }
    async with window(tmp_path, clocks) as editor:
        await editor.answered(headers)
        error = await editor.refusal()
        assert error.retry_after_s == pytest.approx(12 * 3600)


async def test_what_the_endpoint_charged_counts(tmp_path: Path) -> None:
    headers = {"x-ratelimit-tokens-query-cost": "90"}
    async with window(tmp_path, Clocks(), tokens_per_minute=400) as editor:
        await editor.answered(headers, answer=200)
        await editor.ask(answer=200)


async def test_nobody_asks_before_the_time_that_a_429_names(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks) as editor, window(tmp_path, clocks) as other:
        await editor.answered(error=RateLimited("", retry_after_s=40.0, status=429))
        error = await other.refusal()
        assert error.retry_after_s == pytest.approx(40.0)
        assert "has had too many requests" in str(error)
        clocks.pass_s(41)
        first = await other.ask()
        for each in (editor, other):
            await each.refusal(Priority.AUTOMATIC)  # no burst: one goes first
        first.learn({})
        first.settle(Usage(100, 10), None)
        await other.written()
        await editor.ask(Priority.AUTOMATIC)


@pytest.mark.parametrize(
    ("error", "automatic", "by_hand", "later_by_hand"),
    [
        (RateLimited("", retry_after_s=120.0), False, False, False),
        (ServerOverloaded(""), False, True, True),
        (QuotaExhausted("", status=402), False, False, True),
        (Unauthorized("", status=401), True, True, True),
    ],
)
async def test_each_failure_has_its_own_pause(
    tmp_path: Path, error: ProviderError, automatic: bool, by_hand: bool, later_by_hand: bool
) -> None:
    async def may_ask(priority: Priority, passed_s: float = 0.0) -> bool:
        clocks = Clocks()
        folder = tmp_path / f"{priority.name}{passed_s}"
        async with window(folder, clocks) as editor:
            await editor.answered(error=error)
            clocks.pass_s(passed_s)
            try:
                await editor.ask(priority)
            except BudgetExceeded:
                return False
            return True

    assert await may_ask(Priority.AUTOMATIC) is automatic
    assert await may_ask(Priority.MANUAL) is by_hand
    assert await may_ask(Priority.MANUAL, 61) is later_by_hand


async def test_the_one_that_goes_first_tells_how_long_to_wait_now(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks) as editor:
        for retry_after_s in (40.0, 2.0):
            await editor.answered(error=RateLimited("", retry_after_s=retry_after_s))
            await editor.refusal()
            clocks.pass_s(retry_after_s + 1)
        await editor.ask()


async def test_of_failures_on_their_way_together_the_longest_pause_counts(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks) as editor:
        permits = [await editor.ask() for _ in range(2)]
        clocks.pass_s(1)
        for permit, retry_after_s in zip(permits, (40.0, 2.0), strict=True):
            permit.settle(None, RateLimited("", retry_after_s=retry_after_s), is_answered=False)
            await editor.written()
        assert (await editor.refusal()).retry_after_s == pytest.approx(40.0)


async def test_what_was_estimated_too_low_is_estimated_higher(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks(), tokens_per_day=3_000) as editor:
        await editor.answered(usage=Usage(800, 10), tokens=400)
        await editor.refusal(tokens=1_200)  # twice as many, with what was used
        await editor.ask(tokens=1_000)


async def test_what_failed_costs_no_tokens(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks(), tokens_per_day=300) as editor:
        await editor.answered(error=ProviderError(""), tokens=200, is_answered=False)
        await editor.answered(error=ProviderError(""), tokens=200)
        await editor.refusal(tokens=200)  # that one broke off


async def test_what_nobody_waits_for_any_more_is_taken_back(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks(), requests_per_minute=1) as editor:
        asking = asyncio.ensure_future(editor.ask())
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await editor.written()
        await editor.written()
        await editor.ask()


@pytest.mark.parametrize("jump_s", [-7_200.0, 7_200.0])
async def test_a_clock_that_jumps_frees_and_blocks_nothing(tmp_path: Path, jump_s: float) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, requests_per_minute=1) as editor:
        await editor.ask()
        clocks.wall_s += jump_s
        await editor.refusal()
        clocks.pass_s(62)
        await editor.ask()


async def test_after_a_restart_of_the_system_time_goes_on(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, requests_per_minute=1) as editor:
        await editor.ask()
        clocks.wall_s, clocks.monotonic_s = clocks.wall_s + 30, 5.0
        await editor.refusal()
        clocks.pass_s(40)
        await editor.ask()


async def test_a_days_tokens_last_for_the_day(tmp_path: Path) -> None:
    clocks = Clocks(NOON - 11 * 3600)
    async with window(tmp_path, clocks, tokens_per_day=100_000) as editor:
        for _ in range(2):
            await editor.ask(Priority.AUTOMATIC, tokens=9_000)
        await editor.refusal(Priority.INSIDE_WORD, tokens=1_000)
        error = await editor.refusal(Priority.AUTOMATIC, tokens=9_000)
        assert error.retry_after_s == pytest.approx(0.09 * 8 * 3600, rel=0.1)
        await editor.ask(Priority.MANUAL, tokens=9_000)
        clocks.pass_s(3 * 3600)
        await editor.ask(Priority.AUTOMATIC, tokens=9_000)


async def test_a_new_day_and_a_new_month_begin_anew(tmp_path: Path) -> None:
    clocks = Clocks()
    limits = {"tokens_per_day": 300, "tokens_per_month": 300}
    async with window(tmp_path, clocks, **limits) as editor:
        await editor.ask(tokens=200)
        await editor.refusal(tokens=200)
        clocks.pass_s(12 * 3600)
        await editor.ask(tokens=200)


async def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, requests_per_minute=1) as editor:
        await editor.ask()
    file = tmp_path / FILE_NAME
    file.write_bytes(b"no database " * 500)
    async with window(tmp_path, clocks, requests_per_minute=1) as editor:
        await editor.ask()
        await editor.refusal()
    assert (tmp_path / f"damaged-{file.name}").exists()


async def test_without_a_folder_one_process_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with window(tmp_path / "file" / "folder", Clocks(), requests_per_minute=1) as editor:
        await editor.ask()
        await editor.refusal()


@pytest.mark.parametrize(
    ("limits", "quota"),
    [
        ({}, QuotaState.UNKNOWN),
        ({"plan": "free"}, QuotaState.SCARCE),
        ({"plan": "build"}, QuotaState.UNKNOWN),
        ({"plan": "scale"}, QuotaState.AMPLE),
    ],
)
async def test_a_prompt_leaves_room_for_others(
    tmp_path: Path, limits: dict[str, object], quota: QuotaState
) -> None:
    async with window(tmp_path, Clocks(), **limits) as editor:
        narrowed = editor.meter.narrow(ProviderLimits())
    assert narrowed.prompt_tokens == (500 if quota is QuotaState.SCARCE else 2048)
    assert narrowed.quota is quota


async def test_a_server_of_ones_own_has_no_budget(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks()) as editor:
        own = Endpoint(base_url="http://127.0.0.1:11434")
        assert editor.governor.meter("ollama", own) is None


async def test_neither_keys_nor_words_are_kept(tmp_path: Path) -> None:
    async with window(tmp_path, Clocks()) as editor:
        editor.meter = editor.meter_of("a-key-that-nobody-may-read")
        await editor.answered(error=QuotaExhausted("a sentence of the endpoint"))
    kept = (tmp_path / FILE_NAME).read_bytes()
    assert b"codestral-latest" in kept
    assert b"nobody-may-read" not in kept
    assert b"sentence" not in kept


async def test_what_is_written_counts_in_its_own_transaction(tmp_path: Path) -> None:
    minute = Limit(unit=Unit.TOKENS, window=Period.MINUTE, most=900, source="test", is_total=True)
    day = Limit(unit=Unit.TOKENS, window=Period.DAY, most=900, source="test", is_total=True)

    def write(books: Books) -> list[float]:
        found = [books.used(minute), books.used(day)]
        one = books.reserve("m", 100, 0.0)
        found += [books.used(minute), books.used(day)]
        books.settle(one, 30, 0.0, 50)
        return [*found, books.used(minute), books.used(day)]

    async with window(tmp_path, Clocks()) as editor:
        found = await asyncio.wrap_future(editor.governor.submit("", write))
    assert found == [0, 0, 100, 100, 50, 30]


async def test_days_that_no_limit_counts_any_more_are_deleted(tmp_path: Path) -> None:
    clocks = Clocks()
    async with window(tmp_path, clocks, plan="scale") as editor:
        for _ in range(KEPT_DAYS + 5):
            await editor.answered()
            clocks.pass_s(24 * 3600)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        statement = "SELECT COUNT(DISTINCT day) FROM spent"
        assert connection.execute(statement).fetchone() == (KEPT_DAYS,)
