"""However a reader is cancelled, its connection is given back or closed."""

from __future__ import annotations

import asyncio

from devstral_lsp.providers.base import Endpoint, FimRequest, Secret
from devstral_lsp.providers.mistral import MistralProvider
from tests.support.answers import Answer
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.streams import collect

TRIES = 400
LONGEST_S = 0.006
"""An answer on the loopback takes less. Real time, since the sockets decide when a step is due."""
KEPT = 4
"""Idle connections that the client keeps."""


async def test_no_connection_stays_in_use() -> None:
    async with FakeMistral(lambda _: Answer(text=("one", " two")), strict=False) as fake:
        key = Secret(KEY, "the test")
        endpoint = Endpoint(base_url=fake.url, key=key, model="codestral-latest")
        provider = MistralProvider("mistral", endpoint)
        for number in range(TRIES):
            reading = asyncio.ensure_future(
                collect(provider.fim(FimRequest(prompt="a", max_tokens=9)))
            )
            await asyncio.sleep(number * 37 % TRIES / TRIES * LONGEST_S)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        async with asyncio.timeout(5):
            while fake.connected > KEPT:  # noqa: ASYNC110 - a socket closes when it does
                await asyncio.sleep(0.01)
        await provider.close()
