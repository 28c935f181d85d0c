"""A simulated day: what the ledger holds of it, and that no word of the source is among that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import Completion, CompletionRequest
from devstral_lsp.config.schema import CompletionSettings, Settings, UsageSettings
from devstral_lsp.errors import KeyNotSent, ProviderError, Unauthorized
from devstral_lsp.providers.base import ModelInfo
from devstral_lsp.providers.metering import Price
from devstral_lsp.text import Snapshot, Text
from devstral_lsp.usage.ledger import reading
from devstral_lsp.usage.recorder import KEPT_TRACES, STANDING_AFTER_S, UsageRecorder
from devstral_lsp.usage.statistics import UsageStatistics, gather_statistics
from tests.support.scripted import ManualClock, ScriptedProvider, settle

pytestmark = pytest.mark.long

WORDS = [
    "quagga",
    "wombat",
    "numbat",
    "bilby",
    "dugong",
    "gharial",
    "hoatzin",
    "kakapo",
    "axolotl",
    "tapir",
]
URI = "file:///home/quagga/wombat.py"
PRICE = Price(prompt=0.30, completion=0.90, cached=0.03)


class Day:
    """A user who types in one document, with an engine and a recorder."""

    def __init__(self, folder: Path, usage: UsageSettings | None = None) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.model = ScriptedProvider(name="mistral")
        self.text, self.version = "", 0
        self.is_open = True
        self.error: ProviderError = Unauthorized("no", status=401)
        clock = self.clock.as_clock()
        self.recorder = UsageRecorder("Nova", self._model_info, self._document, clock.sleep_s)
        self.recorder.configure(usage or UsageSettings(), folder)
        self.engine = CompletionEngine(
            Settings(completion=CompletionSettings(debounce_ms=0)),
            fim=self.model,
            local=None,
            clock=clock,
            observer=self.recorder,
        )

    async def _model_info(self, work: str) -> ModelInfo:
        assert work == "completion"
        return ModelInfo(model="codestral-latest", price=PRICE)

    def _document(self, uri: str) -> Snapshot | None:
        return self.snapshot if uri == URI and self.is_open else None

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(URI, self.version, "python", Text.of(self.text))

    async def types(self, text: str, answer: str | None = None) -> list[Completion]:
        """Type `text` in one go and ask at its end; the model says `answer`, if it is asked."""
        request = self.request_after(text)
        before = len(self.model.calls)
        asking = asyncio.create_task(self.engine.complete(request))
        await settle()
        for call in self.model.calls[before:]:
            if answer is not None:
                call.say(answer)
                call.end()
            else:
                call.fail(self.error)
        await settle()
        return await asking

    def request_after(self, text: str, *, hurried: bool = False) -> CompletionRequest:
        """The request once `text` has been typed; the editor of one that is `hurried` gives up."""
        self.text, self.version = self.text + text, self.version + 1
        deadline_ms = 500.0 if hurried else None
        return CompletionRequest(
            snapshot=self.snapshot, offset=len(self.text), deadline_ms=deadline_ms
        )

    async def takes(self, one: Completion, length: int | None = None) -> None:
        """Accept a suggestion, or its first `length` code points, and ask again."""
        self.engine.shown(one.id)
        self.engine.accepted(one.id, whole=length is None)
        await self.types(one.text[:length], "")

    async def ends(self) -> UsageStatistics:
        """Close everything, and read the ledger."""
        await settle()
        await self.engine.close()
        await self.recorder.close()
        with reading(self.folder) as connection:
            assert connection is not None
            return gather_statistics(connection, 0, "language")


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Day]:
    day = Day(tmp_path)
    yield day
    await day.engine.close()
    await day.recorder.close()


def outcomes(told: UsageStatistics) -> dict[str, int]:
    return dict(told.outcomes)


async def test_what_was_accepted_counts_with_its_length_and_cost(day: Day) -> None:
    (one,) = await day.types("total = ", "sum(values)\n")
    await day.takes(one)
    told = await day.ends()
    total = told.total
    assert (total.shown, total.accepted, total.rejected) == (1, 1, 0)
    assert total.characters == len("sum(values)")
    assert total.cost_usd == pytest.approx(
        (total.prompt_tokens * PRICE.prompt + total.completion_tokens * PRICE.completion) / 1e6
    )
    assert total.prompt_tokens > 0


async def test_what_was_taken_in_part_counts_with_that_part(day: Day) -> None:
    (one,) = await day.types("total = ", "sum(values)\n")
    await day.takes(one, length=4)
    told = await day.ends()
    assert (told.total.accepted, told.total.characters) == (1, 4)


async def test_what_was_typed_along_with_was_not_accepted(day: Day) -> None:
    (one,) = await day.types("total = ", "max(a)\n")
    for key in one.text:
        await day.types(key, "")
    told = await day.ends()
    assert (told.total.shown, told.total.accepted, told.total.characters) == (1, 0, 0)
    assert outcomes(told)["continued"] == len(one.text) - 1


async def test_a_suggestion_that_grows_is_shown_once(day: Day) -> None:
    asking = asyncio.create_task(day.engine.complete(day.request_after("total = ", hurried=True)))
    await settle()
    day.model.calls[-1].say("[\n    sum(values),\n")
    await settle()
    await day.clock.pass_s(1.0)
    (first,) = await asking
    day.model.calls[-1].say("    max(values),\n]\n")
    day.model.calls[-1].end()
    await settle()
    (second,) = await day.types("[", "")
    assert second.text.startswith(first.text[1:])
    assert len(second.text) > len(first.text)
    told = await day.ends()
    assert (told.total.shown, outcomes(told)) == (1, {"shown": 1, "continued": 1})


@pytest.mark.parametrize(("read_s", "rejected"), [(2.0, 1), (0.1, 0)])
async def test_what_was_typed_against_was_rejected_if_it_was_read(
    day: Day, read_s: float, rejected: int
) -> None:
    await day.types("total = ", "sum(values)\n")
    await day.clock.pass_s(read_s)
    await day.types("max", "(values)\n")
    told = await day.ends()
    assert (told.total.accepted, told.total.rejected) == (0, rejected)


async def standing(day: Day) -> list[tuple[int, int]]:
    await day.ends()
    with reading(day.folder) as connection:
        assert connection is not None
        query = "SELECT after_s, stands FROM acceptances WHERE after_s NOT NULL ORDER BY after_s"
        return connection.execute(query).fetchall()


async def looked(day: Day) -> None:
    """Wait for the thread that looks: then the recorder waits again, or has ended."""

    def is_over() -> bool:
        return not any(each.get_name() == "usage" for each in asyncio.all_tasks())

    async with asyncio.timeout(10):
        while not (is_over() or max(day.clock.sleeping, default=0) > 20):  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def pass_time(day: Day, *, before: int, then: str, reopen: bool = True) -> None:
    """Let the checks come due; the text becomes `then` after `before` of them."""
    passed_s = 0.0
    for number, after_s in enumerate(STANDING_AFTER_S):
        if number == before:
            day.text, day.is_open = then, reopen
        await day.clock.pass_s(after_s - passed_s)
        await looked(day)
        passed_s = after_s


@pytest.mark.parametrize(
    ("then", "stands"),
    [
        ("total = sum(values)\n", [1, 1, 1]),
        ("total=sum( values )\nother()", [1, 1, 1]),
        ("total = max(values)\n", [1, 0, 0]),
        ("", [1, 0, 0]),
    ],
)
async def test_it_is_looked_three_times_whether_it_still_stands(
    day: Day, then: str, stands: list[int]
) -> None:
    (one,) = await day.types("total = ", "sum(values)\n")
    await day.takes(one)
    await looked(day)
    await pass_time(day, before=1, then=then)
    assert await standing(day) == list(zip(STANDING_AFTER_S, stands, strict=True))


async def test_of_a_closed_document_it_is_not_known(day: Day) -> None:
    (one,) = await day.types("total = ", "sum(values)\n")
    await day.takes(one)
    await looked(day)
    await pass_time(day, before=1, then="", reopen=False)
    assert await standing(day) == [(30, 1)]


async def test_each_way_to_nothing_has_its_word(day: Day) -> None:
    await day.types("a = ", "```\n")
    await day.types("\nb = ", "")
    await day.types("\nc = ")
    told = await day.ends()
    assert outcomes(told) == {"filtered": 1, "empty": 1, "error": 1}
    assert told.total.failed == 1
    assert list(told.filters) != []


async def test_what_was_not_sent_is_refused_and_no_request(day: Day) -> None:
    day.error = KeyNotSent("no")
    await day.types("a = ")
    told = await day.ends()
    assert (outcomes(told), told.total.requests) == ({"refused": 1}, 0)


async def test_switched_off_there_is_no_file_and_still_an_answer(tmp_path: Path) -> None:
    day = Day(tmp_path / "state", UsageSettings(enabled=False))
    await day.types("a = ", "sum(values)\n")
    await day.engine.close()
    await day.recorder.close()
    assert not (tmp_path / "state").exists()
    assert len(day.recorder.traces) == 1


async def test_no_word_of_the_source_is_in_the_state_folder_after_a_day(day: Day) -> None:
    for number in range(KEPT_TRACES + 30):
        word, other = WORDS[number % 9], WORDS[(number * 7 + 3) % 9]
        shown = await day.types(f"\n{word} = ", f"{other}_of({word}, {number})\n")
        if shown and number % 3 == 0:
            await day.takes(shown[0])
        await day.clock.pass_s(20)
    told = await day.ends()
    assert told.total.accepted > 50
    assert len(day.recorder.traces) == KEPT_TRACES
    written = b"".join(each.read_bytes() for each in day.folder.iterdir())
    assert len(written) > 10_000
    assert [word for word in WORDS if word.encode() in written] == []
    assert sum(each.request is not None for each in day.recorder.traces) == 1, "the last alone"
