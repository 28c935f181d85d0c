"""All sources under one deadline, each on its own."""

from __future__ import annotations

import asyncio
import logging

import pytest

from devstral_lsp.context import SOURCES, gather
from devstral_lsp.context.background_source import BackgroundSource
from devstral_lsp.context.base import ContextSource
from tests.context.asking import Scripted, query_at, snippet

QUERY = query_at("/w/a.py", "x = │\n")
A, B, C = (snippet(text, f"{text}.py") for text in "abc")


class Deadline:
    """A clock that strikes when the test says so."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.strikes = asyncio.Event()

    async def sleep_s(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await self.strikes.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def ask(deadline: Deadline, *sources: ContextSource, **more: object) -> asyncio.Task[object]:
    asked = gather(QUERY, sources, 100, sleep_s=deadline.sleep_s, **more)  # type: ignore[arg-type]
    return asyncio.ensure_future(asked)


async def test_in_the_order_of_the_sources_and_without_waiting_for_the_deadline() -> None:
    deadline, first, second = Deadline(), Scripted("first", A, B), Scripted("second", C)
    first.gate.clear()
    task = ask(deadline, first, second)
    await settle()
    assert not task.done()
    first.gate.set()
    assert await task == (A, B, C)
    assert deadline.seconds == [0.1]


async def test_a_late_source_is_late_alone() -> None:
    deadline, late = Deadline(), Scripted("late", A)
    late.gate.clear()
    task = ask(deadline, late, Scripted("other", B))
    await settle()
    assert not task.done()
    deadline.strikes.set()
    assert await task == (B,)
    await settle()
    late.gate.set()
    await settle()
    assert late.finished == 0, "it was cancelled"


async def test_something_instead_of_what_is_late_or_fails() -> None:
    deadline, late = Deadline(), Scripted("late", A)
    late.gate.clear()
    failing = Scripted("failing", error=ValueError("boom"))
    said = {"late": [B], "failing": [C]}
    task = ask(deadline, late, failing, fallback=lambda source: said[source.name])
    await settle()
    deadline.strikes.set()
    assert await task == (B, C)


async def test_a_failing_source_fails_alone_and_keeps_the_text_to_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    failing = Scripted("failing", error=ValueError("their source text"))
    assert await gather(QUERY, [failing, Scripted("other", B)]) == (B,)
    assert "failing" in caplog.text
    assert "ValueError" in caplog.text
    assert "their source text" not in caplog.text


async def test_an_error_after_the_deadline_bothers_nobody() -> None:
    noticed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: noticed.append(context))

    class Stubborn(Scripted):
        async def snippets(self, query: object) -> list[object]:  # type: ignore[override]
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise OSError("late") from None
            return []

    deadline = Deadline()
    deadline.strikes.set()
    assert await ask(deadline, Stubborn("stubborn")) == ()
    await settle()
    assert noticed == []


async def test_cancelling_ends_all_the_asking() -> None:
    deadline, slow = Deadline(), Scripted("slow", A)
    slow.gate.clear()
    task = ask(deadline, slow)
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settle()
    assert len(asyncio.all_tasks()) == 1


async def test_no_sources() -> None:
    assert await gather(QUERY, []) == ()


def test_every_source_is_named_as_in_the_registry() -> None:
    assert [make().name for make in SOURCES.values()] == list(SOURCES)


async def test_the_work_of_a_late_source_serves_the_next_keystroke() -> None:
    deadline, slow = Deadline(), Scripted("slow", A)
    slow.gate.clear()
    deadline.strikes.set()
    patient = BackgroundSource(slow)
    assert await ask(deadline, patient) == ()
    assert await ask(deadline, patient) == ()
    assert slow.asked == 1, "one piece of work at a time"
    slow.gate.set()
    await settle()
    assert slow.finished == 1
    assert patient.last_result(QUERY.snapshot.uri) == (A,)
    assert await ask(Deadline(), patient) == (A,)
    assert slow.asked == 2


async def test_whoever_asks_next_waits_for_the_work_before() -> None:
    slow = Scripted("slow", A)
    slow.gate.clear()
    patient = BackgroundSource(slow)
    first = asyncio.create_task(patient.snippets(QUERY))
    await settle()
    first.cancel()
    second = asyncio.create_task(patient.snippets(QUERY))
    await settle()
    assert slow.asked == 1
    slow.gate.set()
    assert await second == (A,)
    assert slow.finished == 2


async def test_work_is_given_up_at_the_end() -> None:
    deadline, slow = Deadline(), Scripted("slow", A)
    slow.gate.clear()
    deadline.strikes.set()
    patient = BackgroundSource(slow)
    await ask(deadline, patient)
    await patient.close()
    assert len(asyncio.all_tasks()) == 1
