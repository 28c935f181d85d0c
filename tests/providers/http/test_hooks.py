"""What is done while an endpoint thinks: on a real socket, which has been sent all of a request."""

from __future__ import annotations

import asyncio

import pytest

from devstral_lsp.providers.base import FimRequest
from devstral_lsp.providers.http.hooks import on_request_sent
from tests.providers.conftest import Connect
from tests.support.answers import Answer
from tests.support.fake_mistral import FakeMistral
from tests.support.streams import text_of

REQUEST = FimRequest(prompt="x = ", max_tokens=8)
PATIENCE_S = 5


async def test_it_is_done_before_anything_has_come_back(connect: Connect) -> None:
    done = asyncio.Event()
    async with FakeMistral([Answer(headless=True, end="hang")]) as fake:
        with on_request_sent(done.set):
            reading = asyncio.create_task(text_of(connect(fake).fim(REQUEST)))
        await asyncio.wait_for(done.wait(), PATIENCE_S)
        assert (await fake.arrival()).body["prompt"] == REQUEST.prompt
        assert not reading.done()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


async def test_it_is_done_for_the_tasks_that_begin_within(connect: Connect) -> None:
    done: list[str] = []
    async with FakeMistral() as fake:
        provider = connect(fake)
        with on_request_sent(lambda: done.append("within")):
            within = asyncio.create_task(text_of(provider.fim(REQUEST)))
        without = asyncio.create_task(text_of(provider.fim(REQUEST)))
        assert await within == await without
    assert done == ["within"]


async def test_what_fails_meanwhile_is_no_failure_of_the_request(connect: Connect) -> None:
    troubles: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, told: troubles.append(told["exception"])
    )
    async with FakeMistral() as fake:
        with on_request_sent(lambda: 1 / 0):
            reading = asyncio.create_task(text_of(connect(fake).fim(REQUEST)))
        assert await reading == "return a + b"
    assert [type(trouble) for trouble in troubles] == [ZeroDivisionError]
