"""The hole benchmark as a whole, against a fake endpoint, and its tape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.holes import __main__ as holes
from benchmarks.holes.ablation import source_switches, variants
from benchmarks.holes.tape import Tape, Taped
from devstral_lsp.completion.filters import FILTERS
from devstral_lsp.context import SOURCES
from devstral_lsp.providers.base import FimRequest, FinishReason
from tests.support.answers import Answer
from tests.support.fake_mistral import FakeMistral, Received
from tests.support.prompts import own_part
from tests.support.scripted import ScriptedProvider

pytestmark = pytest.mark.long

CODE = """\
def area_{0}(width, height):
    size = width * height + {0}
    if size > {0}:
        print("large", size)
        return size
    return -size


"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for name in range(4):
        rows = (CODE.format(100 * name + number) for number in range(20))
        (tmp_path / f"area_{name}.py").write_text("".join(rows).rstrip() + "\n")
    return tmp_path


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MISTRAL_API_KEY", "CODESTRAL_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def truthful(corpus: Path) -> Callable[[Received], Answer]:
    """A model that knows the files by heart."""

    def answer(request: Received) -> Answer:
        prompt, suffix = own_part(request.body["prompt"]), request.body.get("suffix", "")
        for path in corpus.glob("*.py"):
            text = path.read_text()
            start = text.find(prompt[-150:])
            if start >= 0:
                start += len(prompt[-150:])
                return Answer(text=[text[start : text.find(suffix[:150], start)]])
        raise AssertionError("the prompt ends with nothing in the corpus")

    return answer


async def run(fake: FakeMistral, corpus: Path, *more: str) -> int:
    words = ["--base-url", fake.url, "--corpus", str(corpus), "--count", "6", *more]
    return await holes.run(holes.argument_parser().parse_args(words))


async def test_a_model_that_knows_the_code_is_exact_by_both_ways(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = corpus / "result.json"
    async with FakeMistral(truthful(corpus), key=None) as fake:
        assert await run(fake, corpus, "--naive", "--json", str(file)) == 0
    told = json.loads(file.read_text())
    for figures in told["figures"].values():
        values = {figure["name"]: figure["value"] for figure in figures}
        assert values["exact first line"] == 100
        assert values["  of them one or the other"] == 0
        assert values["requests failed"] == 0
    assert "6 : 6" in capsys.readouterr().out


async def test_what_is_said_beyond_the_hole_counts_unless_it_is_cut(corpus: Path) -> None:
    def on_and_on(request: Received) -> Answer:
        text = truthful(corpus)(request).text
        return Answer(text=[*text, "\nand_more()\n"])

    file = corpus / "result.json"
    async with FakeMistral(on_and_on, key=None) as fake:
        assert await run(fake, corpus, "--naive", "--json", str(file)) == 0
    told = json.loads(file.read_text())["figures"]
    whole = {name: figures[2]["value"] for name, figures in told.items()}
    assert (whole["naive"], whole["naive, cut"]) == (0, 100)


async def test_leaving_out_filters_asks_nothing_again(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with FakeMistral(lambda request: Answer(text=["```\nx = 1\n```"]), key=None) as fake:
        assert await run(fake, corpus, "--ablate", "filters", "--count", "2") == 0
        asked = [each for each in fake.received if each.path.endswith("fim/completions")]
    assert len(asked) <= 2
    lines = capsys.readouterr().out.splitlines()
    (without,) = [line for line in lines if line.startswith("without any filter")]
    (neutral,) = [line for line in lines if line.startswith("without cut_merge_markers")]
    assert int(without.split()[-1]) == 2
    assert int(neutral.split()[-1]) == 0


async def test_a_failing_endpoint_is_told(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = Answer(status=401, body={"detail": "Unauthorized"})
    async with FakeMistral(lambda request: refused, key=None) as fake:
        assert await run(fake, corpus) == 1
    assert "failed: " in capsys.readouterr().err


def test_without_a_provider_the_reason_is_told(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert holes.main(["--corpus", str(corpus), "--provider", "mistral"]) == 2
    assert "key" in capsys.readouterr().err


def test_every_filter_is_left_out_once() -> None:
    told = list(variants(["filters"]))
    assert len(told) == len(FILTERS) + 1
    assert all(len(each.filters) == len(FILTERS) - 1 for each in told[:-1])


def test_every_source_is_left_out_once_and_all_together() -> None:
    switches = source_switches()
    assert len(switches) == len(SOURCES)
    told = [dict(each.options) for each in variants(["sources"])]
    assert told[:-2] == [{switch: False} for switch in switches]
    assert told[-2:] == [dict.fromkeys(switches, False), {"context.enabled": False}]


ASKED = FimRequest(prompt="a", suffix="b", max_tokens=5)


async def hear(tape: Tape, provider: ScriptedProvider, request: FimRequest = ASKED) -> str:
    taped = Taped(provider, tape)
    return "".join([chunk.text async for chunk in taped.fim(request)])


async def test_the_tape_asks_once_and_remembers_over_runs(tmp_path: Path) -> None:
    provider, file = ScriptedProvider("one", "two"), tmp_path / "tape"
    tape = Tape(file)
    assert await hear(tape, provider) == "one"
    assert tape.last is not None
    assert not tape.last.replayed
    again = Tape(file)
    assert await hear(again, provider) == "one"
    assert again.last is not None
    assert again.last.replayed
    assert again.last.finish is FinishReason.STOP
    other = FimRequest(prompt="a", suffix="c", max_tokens=5)
    assert await hear(again, provider, other) == "two"


async def test_the_tape_is_idle_when_whoever_listens_has_hung_up() -> None:
    tape, provider = Tape(), ScriptedProvider()
    stream = Taped(provider, tape).fim(ASKED)
    first = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    provider.calls[0].say("half")
    assert (await first).text == "half"
    waiting = asyncio.ensure_future(tape.idle())
    await asyncio.sleep(0)
    assert not waiting.done()
    await stream.aclose()
    await waiting
    assert await hear(tape, provider) == "half"
    assert tape.last is not None
    assert tape.last.finish is None
