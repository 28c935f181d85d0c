"""Text Generation Inference: its native stream, token by token."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import FimRequest, FinishReason
from devstral_lsp.providers.metering import Usage
from devstral_lsp.providers.tgi import TgiDecoder
from tests.providers.conftest import Made
from tests.support.fake_tgi import FakeTgi
from tests.support.streams import collect, text_of


def request(**changes: Any) -> FimRequest:
    return FimRequest(**{"prompt": "a", "suffix": "b", "max_tokens": 64, **changes})


async def test_the_template_goes_as_inputs(made: Made) -> None:
    stops = tuple("12345")
    asked = request(stop=stops, temperature=0.5, top_p=0.9, random_seed=7)
    async with FakeTgi() as fake:
        chunks = await collect(made("tgi", fake).fim(asked))
    assert fake.scripted[0].body == {
        "inputs": "<fim_prefix>a<fim_suffix>b<fim_middle>",
        "parameters": {
            "max_new_tokens": 64,
            "stop": ["1", "2", "3", "4"],
            "do_sample": True,
            "temperature": 0.5,
            "top_p": 0.9,
            "seed": 7,
            "return_full_text": False,
            "details": True,
        },
    }
    # The end mark comes as a token of its own, which is no text.
    assert "".join(chunk.text for chunk in chunks) == "return a + b"
    assert chunks[-1].usage == Usage(prompt_tokens=21, completion_tokens=5)


@pytest.mark.parametrize("temperature", [0.0, None])
async def test_without_a_temperature_nothing_is_sampled(
    made: Made, temperature: float | None
) -> None:
    async with FakeTgi() as fake:
        asked = request(temperature=temperature, top_p=1.0)
        assert await text_of(made("tgi", fake).fim(asked)) == "return a + b"
    parameters = fake.scripted[0].body["parameters"]
    assert parameters["do_sample"] is False
    assert not {"temperature", "top_p"} & set(parameters)


async def test_a_model_of_no_known_family_converses(made: Made) -> None:
    async with FakeTgi(model="meta-llama/Llama-3") as fake:
        await collect(made("tgi", fake).fim(request()))
    assert [each.path for each in fake.scripted] == ["/v1/chat/completions"]


@pytest.mark.parametrize(
    ("details", "finish"),
    [
        ({"finish_reason": "eos_token"}, FinishReason.STOP),
        ({"finish_reason": "stop_sequence"}, FinishReason.STOP),
        ({"finish_reason": "length"}, FinishReason.LENGTH),
        (None, FinishReason.INCOMPLETE),
    ],
)
def test_why_it_stopped(details: Any, finish: FinishReason) -> None:
    reply = TgiDecoder()
    assert reply.read({"token": {"text": "a"}, "generated_text": "a", "details": details}) == "a"
    assert reply.finish is finish


@pytest.mark.parametrize("event", [{}, {"token": None}, {"choices": []}])
def test_what_is_no_token_is_passed_over(event: dict[str, Any]) -> None:
    assert TgiDecoder().read(event) is None


@pytest.mark.parametrize("text", [7, [], {"a": 1}, True])
def test_a_piece_that_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(errors.InvalidResponse):
        TgiDecoder().read({"token": {"text": text}})
