"""What `local` says at a marked cursor, and that it says nothing where it cannot know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping

import pytest

from devstral_lsp.local.corpus import CorpusLimits
from devstral_lsp.local.cursor_context import LocalContext
from devstral_lsp.local.ngram_index import IndexedPassage
from devstral_lsp.local.predict import Prediction, predict
from devstral_lsp.local.provider import GUESS_MS, LocalProvider
from devstral_lsp.providers.base import FimProvider, FimRequest, FinishReason, LearnsFromText
from tests.local.places import PATIENCE_MS, answer, request

SERVER = """
import logging

logger = logging.getLogger(__name__)


class Connection:
    def __init__(self, host, port):
        self.host = host
        self.port = port

    def open(self):
        logger.debug("opening connection to %s", self.host)
        with self.lock:
            self.socket = connect(self.host, self.port)
        return self.socket

    def close(self):
        logger.debug("closing connection to %s", self.host)
        with self.lock:
            self.socket.close()
            self.socket = None
"""
"""A file that the provider has been shown, or that is open."""

REOPEN = """
    def reopen(self):
        with self.lock:
            self.socket.close()
            self.so│
"""
LOG = """
    def open(self):
        logger.debug("opening conn│
        with self.lock:
"""
"""What a user may write at the end of SERVER."""

REST = 'ection to %s", self.host)'

OTHERS = {
    f"{name}.py": SERVER.replace("class Connection", f"class {name}")
    for name in ("Client", "Mailer", "Proxy", "Relay", "Server", "Tunnel")
}


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        pytest.param(SERVER + REOPEN, "cket = None", id="a line of the same file"),
        pytest.param(LOG, REST, id="a line of other files"),
        pytest.param(SERVER + REOPEN.replace("    ", "\t"), "cket = None", id="with tabs"),
        pytest.param(SERVER + REOPEN.replace("\n", "\n  "), "cket = None", id="at another depth"),
        pytest.param((SERVER + REOPEN).replace("\n", "\r\n"), "cket = None", id="CRLF"),
        pytest.param(SERVER + LOG, REST, id="inside a string"),
        pytest.param(
            SERVER + LOG.replace("│", '│", self.host)'), "", id="code of the user's follows"
        ),
        pytest.param(
            SERVER + LOG.replace("│", '│")'), "ection to %s", id="the editor closed a string"
        ),
        pytest.param(
            SERVER + LOG.replace("│", 'ection to %s", self│)'), ".host", id="and a bracket"
        ),
    ],
)
def test_repeats_what_it_has_seen(marked: str, expected: str) -> None:
    assert answer(marked, OTHERS).text == expected


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param("│", id="empty document"),
        pytest.param("velocity = distance / │\n", id="nothing like it was seen"),
        pytest.param("zebra = qu│\n", id="a word nobody knows"),
        pytest.param("class Pool:\n    │\n", id="anything may follow"),
        pytest.param(f"{SERVER}\n    def reopen(self):\n        self.│\n", id="many names may"),
    ],
)
def test_says_nothing_where_it_cannot_know(marked: str) -> None:
    assert answer(marked, OTHERS) == Prediction()


def test_says_whether_the_line_ends_there() -> None:
    assert answer(SERVER + REOPEN, OTHERS).whole_line
    assert not answer(SERVER + REOPEN.replace("│", "│)"), OTHERS).whole_line


def test_puts_the_lines_own_names_into_a_line_of_the_same_shape() -> None:
    names = ("method", "target", "headers", "content", "cookies", "timeout", "redirect")
    lines = "".join(f"        self.{name} = {name}\n" for name in names)
    marked = f"class Request:\n    def __init__(self):\n{lines}        self.encoding = enc│\n"
    assert answer(marked, {}).text == "oding"


def test_never_answers_more_than_one_line() -> None:
    repeated = "result = compute(first, second)\n" * 20
    assert answer(f"{repeated}result = compute(fir│\n", {}) == Prediction("st, second)", True)


@pytest.mark.parametrize(("max_tokens", "longest"), [(1, 3), (2, 6), (4, 12), (64, 40)])
def test_keeps_to_max_tokens(max_tokens: int, longest: int) -> None:
    guess = answer(SERVER + LOG, OTHERS, max_tokens=max_tokens)
    assert len(guess.text) <= longest
    assert REST.startswith(guess.text)


def test_begins_no_step_when_its_time_is_up() -> None:
    repeated = "result = compute(first, second)\n" * 20
    hasty = LocalProvider(guess_ms=0).guess(request(f"{repeated}result = compute(fir│\n"))
    assert hasty == Prediction("st,"[: len(hasty.text)], whole_line=False)


class Preempted(list[IndexedPassage]):
    """Blocks during whose reading other programs have the processor."""

    def __iter__(self) -> Iterator[IndexedPassage]:
        time.sleep(2 * GUESS_MS / 1000)
        return super().__iter__()


def test_says_all_on_a_busy_machine() -> None:
    cursor = LocalContext.of("result = compute(first, second)\n" * 20 + "result = compute(fir", "")
    blocks = Preempted(LocalProvider().blocks(cursor))
    assert predict(cursor, blocks, 100, GUESS_MS) == Prediction("st, second)", True)


async def test_forgets() -> None:
    provider = await taught(OTHERS)
    assert provider.guess(request(LOG)).text == REST
    for name in (*OTHERS, "never learnt"):
        provider.forget(name)
    assert provider.guess(request(LOG)) == Prediction()
    assert provider.size_bytes == 0


async def test_learning_again_replaces() -> None:
    provider = await taught(OTHERS)
    await teach(
        provider, {name: text.replace("opening", "closing") for name, text in OTHERS.items()}
    )
    assert provider.guess(request(LOG)) == Prediction()
    assert provider.guess(request(LOG.replace("opening", "closing"))).text == REST
    await provider.close()


async def test_streams_one_chunk_of_text_and_the_end() -> None:
    provider = await taught(OTHERS)
    chunks = [chunk async for chunk in provider.fim(request(LOG))]
    assert [chunk.text for chunk in chunks] == [REST, ""]
    assert [chunk.finish for chunk in chunks] == [None, FinishReason.STOP]
    await provider.close()


async def test_a_line_that_goes_on_in_an_unknown_way_is_cut() -> None:
    provider = await taught(OTHERS)
    asked = request("\n    def shut(self):\n        log│\n")
    chunks = [chunk async for chunk in provider.fim(asked)]
    assert [chunk.text for chunk in chunks] == ["ger.", ""]
    assert chunks[-1].finish is FinishReason.LENGTH
    await provider.close()


async def test_may_be_hung_up_on() -> None:
    provider = await taught(OTHERS)
    stream = provider.fim(request(LOG))
    assert (await anext(stream)).text
    await stream.aclose()
    assert [chunk async for chunk in stream] == []
    await provider.close()


async def test_indexes_by_itself_while_the_loop_runs() -> None:
    provider = LocalProvider(guess_ms=PATIENCE_MS)
    for name, text in OTHERS.items():
        provider.learn(name, text)
    assert provider.guess(request(LOG)) == Prediction()
    await everything_else()
    assert provider.guess(request(LOG)).text == REST
    await provider.close()


async def test_comes_to_know_a_long_document_that_one_request_cannot_read() -> None:
    provider = LocalProvider(guess_ms=PATIENCE_MS)
    filler = "".join(f"name_{n} = value_{n}(item_{n}, {n})\n" for n in range(10_000))
    asked = request(f"{SERVER * 6}{filler}{LOG}")
    assert provider.guess(asked) == Prediction()
    await everything_else()
    assert provider.guess(asked).text.startswith("ection to %s")
    await provider.close()


def test_keeps_the_protocols() -> None:
    provider: FimProvider = LocalProvider(CorpusLimits(texts=1))
    assert isinstance(provider, LearnsFromText)
    assert provider.name == "local"
    assert provider.limits.is_local


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ud800 = '\udfff'\nname = \ud800", id="lone surrogates"),
        pytest.param("x = 1, " * 150_000, id="a line of a megabyte"),
        pytest.param("\0\1\2\x85\u2028" * 1000, id="binary"),
        pytest.param("名前 = '値'\n" * 50 + "名", id="wide characters"),
        pytest.param("🦊" * 2000, id="astral characters"),
        pytest.param("\r\r\n\n\r", id="line ends only"),
        pytest.param("(" * 5000, id="open brackets"),
        pytest.param("µª²\x80\xc0 = \xb5\n\xaa" * 10, id="characters that also serve as marks"),
    ],
)
async def test_survives(text: str) -> None:
    provider = await taught({"odd": text})
    for before, after in ((text, text), (text, ""), ("", text)):
        guess = provider.guess(FimRequest(prompt=before, suffix=after, max_tokens=32))
        assert "\n" not in guess.text
    await provider.close()


async def taught(texts: Mapping[str, str]) -> LocalProvider:
    provider = LocalProvider(guess_ms=PATIENCE_MS)
    await teach(provider, texts)
    return provider


async def teach(provider: LocalProvider, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        provider.learn(name, text)
    await provider.warm()


async def everything_else() -> None:
    """Let all other tasks of the loop come to their end."""
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
