"""Our provider for OpenAI's wire against llama.cpp, whose /v1/completions ignores `suffix`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import FinishReason, Notice
from devstral_lsp.providers.fim.strategy_cache import StrategyCache
from tests.models.conftest import Made, MakeModel
from tests.models.programs.texts import CONTINUED, FILLED
from tests.models.servers import LlamaCpp
from tests.models.test_llamacpp import GAP, KEY, LONG_TOKENS, QUESTION
from tests.support.streams import collect, text_of
from tests.support.verdicts import written

pytestmark = [pytest.mark.models, pytest.mark.timeout(180)]

QWEN = "qwen2.5-coder-0.5b"
UNKNOWN = "someones-own-model"


async def test_an_ignored_suffix_is_noticed_and_the_template_taken(
    filling: LlamaCpp, made: Made, tmp_path: Path
) -> None:
    remembered = StrategyCache(tmp_path)
    provider = made("openai_compatible", filling.url, model=QWEN, strategy_cache=remembered)
    chunks = await collect(provider.fim(GAP))
    assert "".join(chunk.text for chunk in chunks) == "".join(FILLED)
    assert len([chunk for chunk in chunks if chunk.text]) == len(FILLED)
    assert chunks[-1].finish is FinishReason.STOP
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.prompt_tokens == len(GAP.prompt + GAP.suffix) + 3
    (verdict,) = written(remembered)
    assert (verdict.model, verdict.path) == (QWEN, "template")


async def test_the_address_may_end_in_v1(filling: LlamaCpp, made: Made) -> None:
    provider = made("openai_compatible", filling.url + "/v1", model=QWEN)
    assert await text_of(provider.fim(GAP)) == "".join(FILLED)


async def test_the_model_on_offer_is_taken(filling: LlamaCpp, made: Made) -> None:
    provider = made("openai_compatible", filling.url)
    assert await text_of(provider.fim(GAP)) == "".join(FILLED)
    info = await provider.model_info(for_fim=True)
    assert info.model.endswith("Qwen2.5-Coder-0.5B.gguf")


async def test_without_a_template_a_conversation_fills_the_gap(
    chatting: LlamaCpp, made: Made, notices: list[Notice], tmp_path: Path
) -> None:
    remembered = StrategyCache(tmp_path)
    provider = made("openai_compatible", chatting.url, model=UNKNOWN, strategy_cache=remembered)
    assert "".join(CONTINUED) in await text_of(provider.fim(GAP))
    assert [notice.topic for notice in notices] == ["no-fim"]
    assert [verdict.path for verdict in written(remembered)] == ["chat"]


async def test_a_conversation_streams(filling: LlamaCpp, made: Made) -> None:
    chunks = await collect(made("openai_compatible", filling.url).chat(QUESTION))
    assert "".join(chunk.text for chunk in chunks) == "".join(CONTINUED)
    assert chunks[-1].finish is FinishReason.STOP
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == len(CONTINUED) + 1


async def test_an_answer_ends_where_it_was_told_to(filling: LlamaCpp, made: Made) -> None:
    provider = made("openai_compatible", filling.url)
    stopped = await collect(provider.fim(replace(GAP, stop=("\n",))))
    assert "".join(chunk.text for chunk in stopped) == "filled = between(before, after)"
    cut = await collect(provider.fim(replace(GAP, max_tokens=3)))
    assert cut[-1].finish is FinishReason.LENGTH


async def test_hanging_up_stops_the_slot(endless: LlamaCpp, made: Made) -> None:
    before = endless.counted("n_decode_total")
    provider = made("openai_compatible", endless.url)
    stream = provider.fim(replace(GAP, max_tokens=LONG_TOKENS))
    await anext(stream)
    await endless.until(busy=True)
    await stream.aclose()
    await endless.until(busy=False)
    assert endless.counted("n_decode_total") - before < LONG_TOKENS / 2


async def test_a_text_that_is_too_long_is_told(model: MakeModel, logs: Path, made: Made) -> None:
    with LlamaCpp(model("qwen"), logs / "narrow-wire", window=256) as server:
        provider = made("openai_compatible", server.url)
        with pytest.raises(errors.ContextLengthExceeded):
            await collect(provider.fim(replace(GAP, prompt="word = 'word'\n" * 100)))
        assert await text_of(provider.fim(GAP)) == "".join(FILLED)


async def test_a_wrong_key_is_told(model: MakeModel, logs: Path, made: Made) -> None:
    with LlamaCpp(model("qwen"), logs / "locked-wire", key=KEY) as server:
        for key in ("", "another-key"):
            provider = made("openai_compatible", server.url, key=key)
            for stream in (provider.fim(GAP), provider.chat(QUESTION)):
                with pytest.raises(errors.Unauthorized):
                    await collect(stream)
        right = made("openai_compatible", server.url, key=KEY)
        assert await text_of(right.fim(GAP)) == "".join(FILLED)


async def test_a_server_that_comes_back_is_asked_as_before(
    model: MakeModel, logs: Path, made: Made, tmp_path: Path
) -> None:
    remembered = StrategyCache(tmp_path)
    with LlamaCpp(model("qwen"), logs / "restarted-wire") as server:
        provider = made("openai_compatible", server.url, model=QWEN, strategy_cache=remembered)
        assert await text_of(provider.fim(GAP)) == "".join(FILLED)
        known = written(remembered)
        server.kill()
        with pytest.raises(errors.EndpointUnreachable):
            await collect(provider.fim(GAP))
        assert written(remembered) == known
        server.start()
        assert await text_of(provider.fim(GAP)) == "".join(FILLED)
    assert written(remembered) == known
