"""The replay's fake model: it finds the place of a prompt and makes its mistakes by place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from benchmarks.replay.answers import Answers
from benchmarks.replay.http import serve
from benchmarks.replay.model import Model
from benchmarks.replay.places import Asked, Truth, locate
from benchmarks.replay.tokens import BLOCK_TOKENS, PrefixCache, count_tokens, tokenize

HEAD = "".join(f"def function_{n}(value):\n    return value + {n}\n\n\n" for n in range(12))
SPAN = "total = function_1(first) + function_2(second)\nprint(total, first, second)\nprint(total)"
TAIL = "\n\n\nif __name__ == '__main__':\n    main()\n"
TRUTH = Truth(0, HEAD + SPAN + TAIL, len(HEAD), len(HEAD + SPAN))


@pytest.mark.parametrize("typed", [1, 7, 20, 60, len(SPAN)])
@pytest.mark.parametrize("window", [60, 200, 10_000])
@pytest.mark.parametrize("lead", ["", "+++++ other.py\nimport os\n+++++ this.py\n"])
def test_a_place_is_found_whatever_stands_before_the_window(
    typed: int, window: int, lead: str
) -> None:
    prompt = lead + (HEAD + SPAN[:typed])[-window:]
    at = len(HEAD) + typed
    assert locate(prompt, TAIL, TRUTH, near=0) == Asked(at, TRUTH.end)


@pytest.mark.parametrize("slip", ["x", "xt"])
def test_letters_that_agree_nowhere_are_a_slip(slip: str) -> None:
    prompt = HEAD + SPAN[:20] + slip
    assert locate(prompt, TAIL, TRUTH, 0) == Asked(len(HEAD) + 20, TRUTH.end, len(slip))


def test_a_prompt_that_ends_nowhere_in_the_truth_has_no_place() -> None:
    assert locate(HEAD + "something_else_entirely()", TAIL, TRUTH, 0) is None


def test_of_equal_places_the_one_nearest_to_the_last_is_meant() -> None:
    text = "start of it\n" + "x = f(y)\n" * 20
    truth = Truth(0, text, 12, len(text) - 1)
    prompt = "f(y)\n" + "x = f(y)\n" * 3
    at = 12 + 9 * 10
    found = locate(prompt, "", truth, near=at)
    assert found is not None
    assert found.at == at


def test_a_suffix_that_starts_further_on_ends_the_gap_there() -> None:
    later = TRUTH.text.index("main()")
    found = locate(HEAD + SPAN[:5], TRUTH.text[later:], TRUTH, 0)
    assert found == Asked(len(HEAD) + 5, later)


def test_without_errors_the_answer_is_the_truth_up_to_the_suffix() -> None:
    answers = Answers(TRUTH, seed=1, errors=0)
    for at in range(TRUTH.start, TRUTH.end):
        assert answers.answer(Asked(at, TRUTH.end)) == TRUTH.text[at : TRUTH.end]


def test_mistakes_belong_to_the_place_and_the_seed() -> None:
    asked = [Asked(at, TRUTH.end) for at in range(TRUTH.start, TRUTH.end)]
    forth = [Answers(TRUTH, seed=4).answer(each) for each in asked]
    back = [Answers(TRUTH, seed=4).answer(each) for each in reversed(asked)]
    assert forth == list(reversed(back))
    assert forth != [Answers(TRUTH, seed=5).answer(each) for each in asked]


def test_a_word_guessed_wrong_is_guessed_wrong_from_every_place_before_it() -> None:
    first = TRUTH.start + len("total = ")
    wrong = 0
    for seed in range(40):
        answers = Answers(TRUTH, seed)
        near = answers.answer(Asked(first, TRUTH.end))
        far = answers.answer(Asked(TRUTH.start + 2, TRUTH.end))
        guess = near.split("(")[0]
        wrong += bool(near) and guess != "function_1"
        if far.startswith("tal = ") and near:
            assert far.startswith("tal = " + guess)
    assert 0 < wrong < 20


def test_tokens_join_to_the_text_and_a_letter_changes_only_the_last() -> None:
    pieces = tokenize(TRUTH.text)
    assert "".join(pieces) == TRUTH.text
    longer = tokenize(HEAD + SPAN[:9])
    assert longer[:-1] == tokenize(HEAD + SPAN[:8])[: len(longer) - 1]


def test_the_prefix_cache_serves_whole_blocks_after_the_suffix() -> None:
    cache = PrefixCache()
    suffix, prefix = TAIL * 20, HEAD
    tokens = count_tokens(suffix) + count_tokens(prefix)
    assert cache.serve(prefix, suffix) == (tokens, 0)
    again, served = cache.serve(prefix + "x", suffix)
    assert served == tokens // BLOCK_TOKENS * BLOCK_TOKENS
    assert again >= served


def test_a_changed_suffix_costs_the_whole_prefix_cache() -> None:
    cache = PrefixCache()
    cache.serve(HEAD, TAIL * 20)
    assert cache.serve(HEAD, "x" + TAIL * 20)[1] == 0


def test_the_prefix_cache_forgets_the_tails_of_what_was_used_least() -> None:
    cache = PrefixCache(blocks=4)
    blocks = ["a,b;" * BLOCK_TOKENS, "c.d:" * BLOCK_TOKENS]
    cache.serve(blocks[0], "")
    cache.serve(blocks[1], "")
    assert cache.serve(blocks[1], "")[1] == 4 * BLOCK_TOKENS
    assert cache.serve(blocks[0], "")[1] == 0


def test_a_prompt_shorter_than_a_block_is_never_served() -> None:
    cache = PrefixCache()
    cache.serve("short", "")
    assert cache.serve("short", "") == (1, 0)


@pytest.fixture
def model() -> Model:
    return Model(1, 0.0, 1e6, 0.0, answers=Answers(TRUTH, 1, 0.0))


@pytest.fixture
async def client(model: Model) -> AsyncIterator[httpx.AsyncClient]:
    server = await serve(model.answer)
    port = server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client
    server.close()


BODY = {"model": "codestral-latest", "prompt": HEAD + SPAN[:8], "suffix": TAIL}
FIM = "/v1/fim/completions"


async def test_the_model_answers_whole_and_streamed_alike(
    model: Model, client: httpx.AsyncClient
) -> None:
    whole = (await client.post(FIM, json=BODY)).json()
    stream = (await client.post(FIM, json={**BODY, "stream": True})).text.split("data: ")[1:]
    assert stream[-1].strip() == "[DONE]"
    chunks = [json.loads(event) for event in stream[:-1]]
    streamed = "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks)
    assert whole["choices"][0]["message"]["content"] == streamed == SPAN[8:]
    assert chunks[-1]["usage"]["prompt_tokens"] == whole["usage"]["prompt_tokens"]
    assert [call.complete for call in model.calls] == [True, True]


@pytest.mark.parametrize(
    ("fields", "text", "finish"),
    [
        ({"stop": "("}, "function_1", "stop"),
        ({"stop": ["\n", "+"]}, "function_1(first) ", "stop"),
        ({"max_tokens": 2}, "function", "length"),
    ],
)
async def test_stops_and_limits_end_an_answer(
    client: httpx.AsyncClient, fields: dict[str, object], text: str, finish: str
) -> None:
    choice = (await client.post(FIM, json={**BODY, **fields})).json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == (text, finish)


async def test_a_field_that_mistral_does_not_know_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(FIM, json={**BODY, "stream_options": {}})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "stream_options"]


async def test_a_client_that_hangs_up_ends_the_writing(
    model: Model, client: httpx.AsyncClient
) -> None:
    model.tokens_per_s = 5.0
    async with client.stream("POST", FIM, json={**BODY, "stream": True}) as answer:
        async for line in answer.aiter_lines():
            if "total" in line or "func" in line:
                break
    async with asyncio.timeout(2):
        await (await client.get("/replay/calls")).aread()
    call = model.calls[0]
    assert not call.complete
    assert 1 <= call.generated_tokens < 5
