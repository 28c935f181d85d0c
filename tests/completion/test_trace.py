"""The debug log's line of a keystroke: where its answer came from, or why there is none."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import CURSOR, Completion, TriggerKind
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.errors import KeyNotSent, ProviderError, ServerOverloaded, Unauthorized
from tests.support.scripted import ManualClock, ScriptedProvider, request_at, settle

LOGGER = "devstral_lsp.completion.trace"
AT = "total = │\n"


class Bench:
    """A completer whose model and own code say what the test has written down."""

    def __init__(
        self, *answers: str | ProviderError, near: tuple[str, ...] = (), debounce_ms: int = 0
    ) -> None:
        self.model = ScriptedProvider(*answers, name="mistral")
        self.clock = ManualClock()
        completion = CompletionSettings(debounce_ms=debounce_ms, disabled_languages=("abap",))
        self.completer = CompletionEngine(
            Settings(completion=completion),
            fim=self.model,
            local=ScriptedProvider(*near, name="local") if near else None,
            clock=self.clock.as_clock(),
        )

    def ask(self, marked: str = AT, **how: object) -> asyncio.Task[list[Completion]]:
        request = request_at(marked, **how)  # type: ignore[arg-type]
        return asyncio.create_task(self.completer.complete(request))


async def _shown() -> Bench:
    bench = Bench("sum(items)\n")
    await bench.ask()
    return bench


async def _joined() -> Bench:
    bench = Bench()
    first = bench.ask()
    await settle()
    second = bench.ask("total = s│\n", version=2)
    await settle()
    bench.model.calls[0].say("sum(items)\n")
    await asyncio.gather(first, second)
    return bench


async def _typed_along() -> Bench:
    bench = await _shown()
    await bench.ask("total = s│\n", version=2)
    return bench


async def _empty() -> Bench:
    bench = Bench("")
    await bench.ask()
    return bench


async def _failed(*answers: ProviderError) -> Bench:
    bench = Bench(*answers, near=("near",))
    await bench.ask()
    return bench


async def _left_alone() -> Bench:
    bench = Bench(Unauthorized("wrong", status=401))
    await bench.ask()
    await bench.ask("total = s│\n", version=2)
    return bench


async def _superseded() -> Bench:
    bench = Bench(debounce_ms=100)
    first = bench.ask()
    await settle()
    second = bench.ask("total = s│\n", version=2)
    await first
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    return bench


async def _given_up() -> Bench:
    bench = Bench()
    task = bench.ask()
    await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return bench


async def _by_hand() -> Bench:
    bench = Bench("sum(items)\n")
    await bench.ask(trigger=TriggerKind.INVOKED)
    return bench


async def _switched_off() -> Bench:
    bench = Bench()
    await bench.ask(language="abap")
    return bench


async def _binary() -> Bench:
    bench = Bench()
    await bench.ask("\0│")
    return bench


BUSY = ServerOverloaded("busy", status=503)
BUSY.request_id = "0123abcd"

STORIES: list[tuple[Callable[[], Awaitable[Bench]], list[str]]] = [
    (_shown, ["automatic", "shown 10 code points of mistral (asked)", "asked mistral after a"]),
    (_shown, ["(python, 9 code points)", "first text after 0 ms", "; "]),
    (_joined, ["shown 9 code points of mistral (joined)"]),
    (_typed_along, ["shown 9 code points of mistral (remembered)", "(statement;"]),
    (_by_hand, ["invoked", "shown 10 code points"]),
    (_empty, ["nothing shown", "mistral (asked) said nothing"]),
    (lambda: _failed(BUSY), ["shown 4 code points of local (local)"]),
    (lambda: _failed(BUSY), ["mistral failed: ServerOverloaded, status 503, request 0123abcd"]),
    (lambda: _failed(KeyNotSent("no")), ["mistral was not asked: KeyNotSent"]),
    (_left_alone, ["nothing shown", "mistral is left alone after Unauthorized, status 401"]),
    (_given_up, ["given up", "asked mistral"]),
    (_switched_off, ["nothing shown", "(switched off here)"]),
    (_binary, ["nothing shown", "the document is no text"]),
]


@pytest.mark.parametrize(("play", "words"), STORIES)
async def test_the_last_line_says(
    play: Callable[[], Awaitable[Bench]], words: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, LOGGER):
        bench = await play()
        await bench.completer.close()
    line = caplog.messages[-1]
    assert line.startswith("keystroke: ")
    assert [each for each in words if each not in line] == [], line


async def test_who_is_superseded_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, LOGGER):
        await (await _superseded()).completer.close()
    assert "nothing shown" in caplog.messages[0]
    assert "superseded before it was asked" in caplog.messages[0]


async def test_the_filter_that_dropped_a_draft_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, LOGGER):
        bench = Bench("```\n")
        await bench.ask()
        await bench.completer.close()
    assert re.search(r"mistral \(asked\) dropped by [a-z]+_[a-z_]+", caplog.messages[-1])


async def test_above_that_level_nothing_is_logged_and_nothing_wrapped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        completing = Bench("sum(items)\n").completer.complete(request_at(AT))
        assert set(inspect.getcoroutinelocals(completing)) >= {"self", "request"}, "its own"
        assert await completing
    assert caplog.records == []


WORDS = st.text("abcdefghijklmnopqrstuvwxyzäöüß_日本", min_size=9, max_size=20).map("{}ß".format)
"""None of them is a word of our own, such as "automatic"."""


@settings(max_examples=40, deadline=None)
@given(
    st.lists(WORDS, min_size=3, max_size=8, unique=True), st.sampled_from(["", "\n", " = (", "'"])
)
def test_no_word_of_theirs_nor_of_the_models_is_in_a_line(words: list[str], between: str) -> None:
    lines: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("devstral_lsp")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        asyncio.run(_type(words, between))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert lines
    assert [word for word in words for line in lines if word in line] == []


async def _type(words: list[str], between: str) -> None:
    """Each word is typed into a document of its own, and answered with the one before it."""
    answers = [f"{word}{between}\n" for word in words * 5]
    bench = Bench(*answers, near=tuple(words * 5))
    for number, word in enumerate(words):
        marked = f"{between.join(words)}\n{word}{CURSOR}\n"
        await bench.ask(marked, uri=f"file:///{word}/{words[0]}.py", version=number)
    await bench.completer.close()
