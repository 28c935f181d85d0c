"""However a reader is cancelled, its connection is given back or closed."""

from __future__ import annotations

import asyncio

import pytest

from devstral_lsp.providers.base import Endpoint, FimRequest, Secret
from devstral_lsp.providers.mistral import MistralProvider
from tests.support.answers import Answer
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.streams import collect

TRIES = 400
STEPS = 80
"""Turns of the event loop; a whole answer on the loopback takes fewer."""
KEPT = 4
"""Idle connections that the client keeps."""


@pytest.mark.parametrize("warm", [True, False], ids=["kept connection", "new connection"])
async def test_no_connection_stays_in_use(warm: bool) -> None:
    async with FakeMistral(lambda _: Answer(text=("one", " two")), strict=False) as fake:
        key = Secret(KEY, "the test")
        endpoint = Endpoint(base_url=fake.url, key=key, model="codestral-latest")
        provider = MistralProvider("mistral", endpoint)
        try:
            for number in range(TRIES):
                if warm:
                    await collect(provider.fim(FimRequest(prompt="a", max_tokens=9)))
                await _cancelled_after(number % STEPS, provider)
            async with asyncio.timeout(5):
                while fake.connected > KEPT:  # noqa: ASYNC110 - a socket closes when it does
                    await asyncio.sleep(0.01)
        finally:
            await provider.close()


async def _cancelled_after(steps: int, provider: MistralProvider) -> None:
    reading = asyncio.ensure_future(collect(provider.fim(FimRequest(prompt="a", max_tokens=9))))
    for _ in range(steps):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
