"""Whether a suffix is read, found out from servers that say nothing of it."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.suffix_probe import (
    MIN_SUFFIX_TOKENS,
    PROMPT,
    SUFFIX,
    WORD,
    parse_answer,
    supports_suffix,
)
from tests.support.answers import Answer, failure, page
from tests.support.fake_openai import FakeOpenAi
from tests.support.fake_server import FakeServer, Received

PATH = "/v1/completions"


async def verdict(fake: FakeServer) -> bool:
    caller = EndpointClient("openai_compatible", Endpoint(base_url=fake.url, model="m"))
    try:
        return await supports_suffix(caller, PATH)
    finally:
        await caller.close()


@pytest.mark.parametrize(
    ("server", "reads", "requests"),
    [
        ({"suffix": "read", "clever": True}, True, 1),
        ({"suffix": "read", "clever": True, "counts": False}, True, 1),
        ({"suffix": "read"}, True, 2),
        ({"suffix": "read", "counts": False}, False, 1),
        ({"suffix": "ignored"}, False, 1),
        ({"suffix": "refused"}, False, 0),
    ],
)
async def test_the_word_tells_or_else_the_count(
    server: dict[str, Any], reads: bool, requests: int
) -> None:
    async with FakeOpenAi(**server) as fake:
        assert await verdict(fake) is reads
        assert len(fake.received) == max(requests, 1)


async def test_a_long_prompt_of_the_gateways_own_proves_nothing() -> None:
    """A conversation made of the prompt counts hundreds of tokens, with the suffix or without."""

    class Wrapping(FakeOpenAi):
        def _count(self, text: str) -> int:
            return 400 + super()._count(text)

    async with Wrapping(suffix="ignored") as fake:
        assert await verdict(fake) is False
    async with Wrapping(suffix="read") as fake:
        assert await verdict(fake) is True


@pytest.mark.parametrize(
    "answer",
    [
        failure(404, {"detail": "Not Found"}),
        failure(422, {"error": "Suffix is not supported", "error_type": "suffix not supported"}),
        failure(400, {"error": {"message": "unknown member", "param": "suffix"}}),
    ],
)
async def test_whoever_refuses_does_not_read_it(answer: Answer) -> None:
    async with _Always(answer) as fake:
        assert await verdict(fake) is False


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure(400, {"error": {"message": "what is this?"}}), errors.InvalidRequest),
        *(
            (Answer(raw=raw, content_type="application/json"), errors.InvalidResponse)
            for raw in (b"[]", b"{}", b"null", b'{"choices":[]}', b"?")
        ),
        (failure(401, {}), errors.Unauthorized),
        (failure(429, {}), errors.RateLimited),
        (failure(503, {}), errors.ServerOverloaded),
        (Answer(headless=True, end="cut"), errors.EndpointUnreachable),
        (page(200), errors.EndpointUnreachable),
        (page(403), errors.EndpointUnreachable),
        (failure(307, {}), errors.EndpointUnreachable),
    ],
)
async def test_a_failure_that_passes_is_no_verdict(answer: Answer, kind: type) -> None:
    async with _Always(answer) as fake:
        with pytest.raises(errors.ProviderError) as raised:
            await verdict(fake)
    assert type(raised.value) is kind


def test_the_suffix_is_much_longer_than_the_prompt() -> None:
    assert WORD in SUFFIX
    assert WORD not in PROMPT
    # No tokenizer makes fewer tokens than words, nor more than bytes.
    assert len(SUFFIX.split()) >= MIN_SUFFIX_TOKENS > len(PROMPT)


@pytest.mark.parametrize("answer", [None, [], {}, {"choices": [], "usage": None}, {"choices": [1]}])
def test_what_is_missing_is_nothing(answer: Any) -> None:
    assert parse_answer(answer) == ("", 0)


class _Always(FakeOpenAi):
    """Gives one answer to everything."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer_to_all = answer

    def respond(self, request: Received) -> Answer:
        return self._answer_to_all
