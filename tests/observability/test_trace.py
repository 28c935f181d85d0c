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
