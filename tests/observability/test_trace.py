"""One line for each story, and nothing of the user's in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from devstral_lsp.errors import RateLimited, StaleDocument, Unauthorized
from devstral_lsp.observability import trace
from devstral_lsp.refactor.errors import UnusableFileInReply, UnusableReply

LOGGER = logging.getLogger("devstral_lsp.tests.story")
TEXT = "their_secret_name"


def _subject() -> trace.Subject:
    return trace.Subject("subject")


async def _told(work: Callable[[], Awaitable[object]], caplog: pytest.LogCaptureFixture) -> str:
    """The line of one story, in which `work` is done."""
    telling = trace.run_traced(
        LOGGER, _subject, work, lambda said: (f"came {said}", {"result": "shown"})
    )
    with caplog.at_level(logging.DEBUG):
        await asyncio.gather(telling, return_exceptions=True)
    (record,) = caplog.records
    return record.getMessage()


async def test_a_story_has_its_subject_what_came_and_the_notes_in_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work() -> int:
        trace.annotate("first %d", 1)
        await asyncio.create_task(_noting())
        return 7

    line = await _told(work, caplog)
    assert line.startswith("subject: came 7 after ")
    assert line.endswith(" ms (first 1; from a task)")


async def _noting() -> None:
    trace.annotate("from a task")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (StaleDocument(TEXT), "failed: StaleDocument"),
        (KeyError(TEXT), "failed: KeyError"),
        (Unauthorized(TEXT, status=401), "failed: Unauthorized, status 401"),
        (UnusableReply("The reply is empty."), "failed: UnusableReply, The reply is empty after"),
        (
            UnusableFileInReply(f"{TEXT}.py exists already"),
            "failed: UnusableFileInReply, A further file in the reply",
        ),
        (asyncio.CancelledError(TEXT), "given up"),
    ],
)
async def test_however_it_ends_it_is_told_without_the_sentence(
    error: BaseException, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        raise error

    line = await _told(work, caplog)
    assert line.startswith(f"subject: {outcome}")
    assert TEXT not in line


async def test_what_comes_after_the_end_belongs_to_no_story(
    caplog: pytest.LogCaptureFixture,
) -> None:
    later = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    async def background() -> None:
        await later.wait()
        trace.annotate("too late")

    async def work() -> None:
        tasks.append(asyncio.create_task(background()))

    line = await _told(work, caplog)
    later.set()
    await tasks[0]
    assert "too late" not in line + caplog.text


class Broken:
    """An observer that fails at everything."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        def fail(*_: object) -> None:
            raise KeyError(TEXT)

        return fail


class Noting:
    """An observer that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def ended(self, ended: trace.Trace) -> None:
        self.told.append(f"ended: {ended.outcome.words}")

    def continued(self, _: trace.Trace, event: trace.Event) -> None:
        self.told.append(f"continued: {event.words}")

    def accepted(self, _: trace.Trace, uri: str, text: str) -> None:
        self.told.append(f"accepted: {text}")


def _came(_: object) -> tuple[str, dict[str, trace.Fact]]:
    return "came", {"result": "shown"}


async def _follow(observer: trace.TraceObserver, events: int = 1) -> trace.Trace:
    """The trace of a call that adds so many events, and two more after its end."""
    traces: list[trace.Trace] = []

    async def work() -> int:
        current = trace.current()
        assert current is not None
        traces.append(current)
        for number in range(events):
            trace.annotate("event %d", number, stage="mode")
        return 1

    assert await trace.run_traced(LOGGER, _subject, work, _came, observer) == 1
    traces[0].add("later", stage="usage")
    traces[0].accepted("file:///a.py", "text")
    return traces[0]


async def test_an_observer_hears_of_the_end_and_of_what_comes_after() -> None:
    observer = Noting()
    followed = await _follow(observer)
    assert observer.told == ["ended: came", "continued: later", "accepted: text"]
    assert [each.stage for each in followed.events] == ["mode", "outcome", "usage"]


async def test_an_observer_that_fails_is_a_line_in_the_log_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await _follow(Broken())
    assert caplog.messages == ["a trace was not recorded: KeyError"] * 3
    assert TEXT not in caplog.text


async def test_however_many_events_there_were_the_outcome_is_kept() -> None:
    followed = await _follow(Noting(), 3 * trace.MAX_EVENTS)
    assert len(followed.events) == trace.MAX_EVENTS + 1
    assert followed.outcome.words == "came"


def test_the_reason_is_the_strongest_verdict_given() -> None:
    one = trace.Trace(None)
    one.add("local said nothing", verdict="empty")
    one.add("the endpoint failed", verdict="error")
    one.add("local was dropped", verdict="filtered")
    assert one.reason is not None
    assert one.reason.words == "the endpoint failed"


def test_without_a_story_a_note_is_not_even_put_into_words() -> None:
    class Costly:
        def __str__(self) -> str:
            raise AssertionError("nobody asked for this")

    trace.annotate("%s", Costly())


def test_a_failure_is_told_with_what_the_endpoint_calls_it() -> None:
    error = RateLimited(TEXT, status=429)
    error.request_id = "0123abcd"
    assert str(trace.ErrorSummary(error)) == "RateLimited, status 429, request 0123abcd"


def test_a_document_has_a_number_of_its_own_and_no_path() -> None:
    one, same, other = (
        trace.anonymize_document(f"file:///home/{name}/{TEXT}.py", "python", 12)
        for name in ("ann", "ann", "bob\ud800")
    )
    assert one == same != other
    assert one.endswith(" (python, 12 code points)")
    assert TEXT not in one
    assert "home" not in one


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("qwen2.5-coder:7b", "qwen2.5-coder:7b"),
        ("Visual Studio Code 1.99", "Visual Studio Code 1.99"),
        ("a\nforged line", "?"),
        ("def f(): pass", "?"),
        ("x" * 81, "?"),
        ("", "?"),
    ],
)
def test_a_foreign_name_is_told_if_it_can_be_one(name: str, told: str) -> None:
    assert trace.safe_identifier(name) == told
