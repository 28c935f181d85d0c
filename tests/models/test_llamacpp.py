"""Our provider for llama.cpp against llama.cpp: gaps, conversations, what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import ChatRequest, Chunk, FimRequest, FinishReason, Notice
from devstral_lsp.providers.fim.strategy_cache import StrategyCache
from tests.models.conftest import Made, MakeModel
from tests.models.programs.texts import CONTINUED, FILLED
from tests.models.servers import LlamaCpp
from tests.support.streams import collect, text_of
from tests.support.verdicts import written

pytestmark = [pytest.mark.models, pytest.mark.timeout(180)]

KEY = "a-key-of-this-server"
LONG_TOKENS = 30_000
GAP = FimRequest(prompt="def between(before, after):\n    ", suffix="\n\nprint(1)\n", max_tokens=64)
HEAD = "+++++ first.py\nA = 1\n\n+++++ gap.py\n"
QUESTION = ChatRequest(messages=[{"role": "user", "content": "Go on."}], max_tokens=64)


async def test_infill_streams_the_gap(filling: LlamaCpp, made: Made) -> None:
    chunks = await collect(made("llamacpp", filling.url).fim(GAP))
    assert "".join(chunk.text for chunk in chunks) == "".join(FILLED)
    assert len([chunk for chunk in chunks if chunk.text]) == len(FILLED)
    assert all(chunk.logprob is not None for chunk in chunks if chunk.text)
    last = chunks[-1]
    assert last.finish is FinishReason.STOP
    assert last.usage is not None
    assert last.usage.prompt_tokens > len(GAP.prompt + GAP.suffix)
    assert last.usage.completion_tokens == len(FILLED) + 1  # and the end mark


async def test_infill_takes_other_files_apart(filling: LlamaCpp, made: Made) -> None:
    provider = made("llamacpp", filling.url)
    request = replace(GAP, prompt=HEAD + GAP.prompt, context_length=len(HEAD))
    alone, told = [(await collect(provider.fim(each)))[-1].usage for each in (GAP, request)]
    assert alone
    assert told
    # The name and the text of the other file; no line of "+++++ ".
    more = told.prompt_tokens - alone.prompt_tokens
    assert len("first.pyA = 1\n") <= more < len(HEAD)


async def test_an_answer_ends_where_it_was_told_to(filling: LlamaCpp, made: Made) -> None:
    provider = made("llamacpp", filling.url)
    stopped = await collect(provider.fim(replace(GAP, stop=("\n",))))
    assert "".join(chunk.text for chunk in stopped) == "filled = between(before, after)"
    assert stopped[-1].finish is FinishReason.STOP
    cut = await collect(provider.fim(replace(GAP, max_tokens=3)))
    assert "".join(chunk.text for chunk in cut) == "filled = "
    assert cut[-1].finish is FinishReason.LENGTH


async def test_what_stood_there_before_is_not_read_again(
    filling: LlamaCpp, codestral: LlamaCpp, made: Made
) -> None:
    text = "".join(f"line_{number} = {number}\n" for number in range(40))
    for server in (filling, codestral):
        provider = made("llamacpp", server.url)
        for typed in ("x", "xy"):
            last = (await collect(provider.fim(replace(GAP, prompt=text + typed))))[-1]
        assert last.usage is not None
        assert len(text) <= last.usage.cached_tokens < last.usage.prompt_tokens


async def test_without_fim_tokens_the_template_is_found_and_remembered(
    codestral: LlamaCpp, made: Made, tmp_path: Path
) -> None:
    times = iter(range(100))
    remembered = StrategyCache(tmp_path, clock=lambda: next(times))
    chunks = await collect(made("llamacpp", codestral.url, strategy_cache=remembered).fim(GAP))
    assert "".join(chunk.text for chunk in chunks) == "".join(FILLED)
    # "</s>", "[SUFFIX]", "[PREFIX]" and "[MIDDLE]" are tokens there; all else is bytes.
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.prompt_tokens == len(GAP.prompt + GAP.suffix) + 4
    (first,) = written(remembered)
    assert first.path == "template"
    again = made("llamacpp", codestral.url, strategy_cache=remembered)
    assert await text_of(again.fim(GAP)) == "".join(FILLED)
    assert written(remembered) == [first], "it was not found out once more"


async def test_a_file_about_tokenizers_makes_no_other_prompt(
    codestral: LlamaCpp, filling: LlamaCpp, made: Made
) -> None:
    for server, token in ((codestral, "[MIDDLE]"), (filling, "<|fim_middle|>")):
        request = replace(GAP, prompt=f"MARK = '{token}'\n{GAP.prompt}")
        assert await text_of(made("llamacpp", server.url).fim(request)) == "".join(FILLED)


async def test_a_model_for_conversations_fills_gaps_by_one(
    chatting: LlamaCpp, made: Made, notices: list[Notice]
) -> None:
    provider = made("llamacpp", chatting.url)
    for _ in range(2):
        assert "".join(CONTINUED) in await text_of(provider.fim(GAP))
    assert [notice.topic for notice in notices] == ["no-fim"]


async def test_a_conversation_streams(filling: LlamaCpp, made: Made) -> None:
    chunks = await collect(made("llamacpp", filling.url).chat(QUESTION))
    assert "".join(chunk.text for chunk in chunks) == "".join(CONTINUED)
    assert len([chunk for chunk in chunks if chunk.text]) > 1
    assert chunks[-1].finish is FinishReason.STOP
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == len(CONTINUED) + 1


@pytest.mark.parametrize("chats", [False, True], ids=["fim", "chat"])
async def test_hanging_up_stops_the_slot(endless: LlamaCpp, made: Made, chats: bool) -> None:
    before = endless.counted("n_decode_total")
    stream = _long_answer(made("llamacpp", endless.url), chats)
    await anext(stream)
    await endless.until(busy=True)
    await stream.aclose()
    await endless.until(busy=False)
    assert endless.counted("n_decode_total") - before < LONG_TOKENS / 2


async def test_a_task_that_is_cancelled_stops_the_slot_too(endless: LlamaCpp, made: Made) -> None:
    before = endless.counted("n_decode_total")
    stream = _long_answer(made("llamacpp", endless.url), chats=False)
    reading = asyncio.ensure_future(collect(stream))
    await endless.until(busy=True)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await endless.until(busy=False)
    assert endless.counted("n_decode_total") - before < LONG_TOKENS / 2


def _long_answer(provider: Any, chats: bool) -> AsyncGenerator[Chunk, None]:
    if chats:
        stream = provider.chat(replace(QUESTION, max_tokens=LONG_TOKENS))
    else:
        stream = provider.fim(replace(GAP, max_tokens=LONG_TOKENS))
    assert isinstance(stream, AsyncGenerator)
    return stream


async def test_the_window_is_known_and_a_longer_text_is_told(
    model: MakeModel, logs: Path, made: Made
) -> None:
    with LlamaCpp(model("codestral"), logs / "narrow", window=256) as server:
        provider = made("llamacpp", server.url)
        await provider.warm()
        assert provider.limits.prompt_tokens < 256
        for stream in (
            provider.fim(replace(GAP, prompt="word = 'word'\n" * 100)),
            provider.chat(replace(QUESTION, messages=[{"role": "user", "content": "word" * 500}])),
        ):
            with pytest.raises(errors.ContextLengthExceeded):
                await collect(stream)
        assert await text_of(provider.fim(GAP)) == "".join(FILLED)


async def test_an_answer_that_fills_the_window_is_cut(
    model: MakeModel, logs: Path, made: Made
) -> None:
    with LlamaCpp(model("qwen", endless=True), logs / "full", window=256) as server:
        chunks = await collect(made("llamacpp", server.url).fim(replace(GAP, max_tokens=1000)))
    assert "".join(chunk.text for chunk in chunks).startswith("".join(FILLED))
    assert chunks[-1].finish is FinishReason.LENGTH


async def test_a_wrong_key_is_told(model: MakeModel, logs: Path, made: Made) -> None:
    with LlamaCpp(model("qwen"), logs / "locked", key=KEY) as server:
        for key in ("", "another-key"):
            provider = made("llamacpp", server.url, key=key)
            for stream in (provider.fim(GAP), provider.chat(QUESTION)):
                with pytest.raises(errors.Unauthorized) as raised:
                    await collect(stream)
                assert "another-key" not in str(raised.value)
        right = made("llamacpp", server.url, key=KEY)
        assert await text_of(right.fim(GAP)) == "".join(FILLED)


async def test_a_server_that_comes_back_is_asked_as_before(
    model: MakeModel, logs: Path, made: Made, tmp_path: Path
) -> None:
    remembered = StrategyCache(tmp_path)
    with LlamaCpp(model("codestral"), logs / "restarted") as server:
        provider = made("llamacpp", server.url, strategy_cache=remembered)
        assert await text_of(provider.fim(GAP)) == "".join(FILLED)
        known = written(remembered)
        server.kill()
        for _ in range(2):
            with pytest.raises(errors.EndpointUnreachable):
                await collect(provider.fim(GAP))
        assert written(remembered) == known
        server.start()
        assert await text_of(provider.fim(GAP)) == "".join(FILLED)
        assert await text_of(provider.chat(QUESTION)) == "".join(CONTINUED)
    assert [each.path for each in known] == ["template"]
    assert written(remembered) == known


async def test_a_server_that_dies_in_mid_stream_is_told(
    model: MakeModel, logs: Path, made: Made
) -> None:
    with LlamaCpp(model("qwen", endless=True), logs / "dying", window=32_000) as server:
        stream = _long_answer(made("llamacpp", server.url), chats=False)
        await anext(stream)
        server.kill()
        with pytest.raises(errors.EndpointUnreachable):
            await collect(stream)
