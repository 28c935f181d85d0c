"""However a reader is cancelled, its connection is given back or closed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from devstral_lsp.errors import EndpointUnreachable
from devstral_lsp.providers.base import ConnectionOptions, Endpoint, FimRequest, Secret
from devstral_lsp.providers.mistral import MistralProvider
from tests.support.answers import Answer
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.h2_server import CERTIFICATE, H2Server
from tests.support.streams import collect, text_of
from tests.support.tunnels import NAME, OWN_CA, Gate, Proxy, TlsFront, Tunnel

TRIES = 400
STEPS = 80
"""Turns of the event loop; a whole answer on the loopback takes fewer."""
KEPT = 4
"""Idle connections that the client keeps."""
REQUEST = FimRequest(prompt="a", max_tokens=9)
SAID = b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'


@pytest.mark.parametrize("warm", [True, False], ids=["kept connection", "new connection"])
async def test_no_connection_stays_in_use(warm: bool) -> None:
    async with FakeMistral(lambda _: Answer(text=("one", " two")), strict=False) as fake:
        provider = _provider(fake.url)
        try:
            for number in range(TRIES):
                if warm:
                    await collect(provider.fim(REQUEST))
                await _cancelled_after(number % STEPS, provider)
            async with asyncio.timeout(5):
                while fake.connected > KEPT:  # noqa: ASYNC110 - a socket closes when it does
                    await asyncio.sleep(0.01)
        finally:
            await provider.close()


@pytest.mark.parametrize("prompt", ["a", "a" * 100_000], ids=["one frame", "many frames"])
async def test_an_http2_connection_outlives_each_cancelled_request(prompt: str) -> None:
    """Also one cancelled while it is written: each superseded keystroke may be."""
    request = FimRequest(prompt=prompt, max_tokens=9)
    async with H2Server([SAID]) as server:
        provider = _provider(server.url, str(CERTIFICATE))
        for number in range(STEPS):
            await _cancelled_after(number, provider, request)
            assert await text_of(provider.fim(request)) == "x"
        await provider.close()
    assert server.connections == 1


async def test_what_fails_after_a_cancellation_is_no_error_of_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Python 3.14's asyncio.shield would report it."""
    reported: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    monkeypatch.setattr(asyncio, "shield", _shield_of_3_14)
    async with H2Server([SAID]) as server, Gate(server.url) as gate:
        provider = _provider(gate.url)  # which does not trust the server's certificate
        await _cancelled_in_handshake(provider, gate)
        gate.opened.set()
        with pytest.raises(EndpointUnreachable, match="not trusted"):
            await text_of(provider.fim(REQUEST))
        await provider.close()
    assert reported == []


async def test_a_handshake_goes_on_for_the_next_request() -> None:
    async with H2Server([SAID]) as server, Gate(server.url) as gate:
        provider = _provider(gate.url, str(CERTIFICATE))
        await _cancelled_in_handshake(provider, gate)
        gate.opened.set()
        assert await text_of(provider.fim(REQUEST)) == "x"
        await provider.close()
    assert (gate.connections, len(server.requests)) == (1, 1)


@pytest.mark.parametrize("tunnel", [False, True], ids=["direct", "through a proxy"])
async def test_a_handshake_that_nobody_waits_for_leaves_nothing_open(tunnel: bool) -> None:
    """HTTP/1.1, where a connection serves one request."""
    async with (
        FakeMistral() as fake,
        TlsFront(fake.url) as front,
        Gate(front.url) as gate,
        Proxy({f"{NAME}:443": gate.port}) as proxy,
    ):
        url, through = (f"https://{NAME}", proxy.url) if tunnel else (gate.url, "")
        provider = _provider(url, str(OWN_CA), through)
        await _cancelled_in_handshake(provider, gate)
        gate.opened.set()
        await _all_closed(gate, proxy)
        await provider.close()
    assert fake.received == []


async def test_a_handshake_under_way_at_the_end_leaves_nothing_open() -> None:
    async with H2Server([SAID]) as server, Gate(server.url) as gate:
        provider = _provider(gate.url, str(CERTIFICATE))
        await _cancelled_in_handshake(provider, gate)
        closing = asyncio.ensure_future(provider.close())
        await asyncio.sleep(0)
        gate.opened.set()
        await closing
        await _all_closed(gate)


async def test_the_handshake_of_another_request_is_not_disturbed() -> None:
    async with H2Server([SAID]) as server, Gate(server.url) as gate:
        provider = _provider(gate.url, str(CERTIFICATE))
        first = asyncio.ensure_future(text_of(provider.fim(REQUEST)))
        await _cancelled_in_handshake(provider, gate)
        gate.opened.set()
        assert [await first, await text_of(provider.fim(REQUEST))] == ["x", "x"]
        await provider.close()
    assert (gate.connections, len(server.requests)) == (1, 2)


def _provider(url: str, ca_file: str = "", proxy: str = "") -> MistralProvider:
    key, link = Secret(KEY, "the test"), ConnectionOptions(ca_file=ca_file, proxy=proxy)
    endpoint = Endpoint(base_url=url, key=key, model="codestral-latest", connection=link)
    return MistralProvider("mistral", endpoint)


def _shield_of_3_14(inner: asyncio.Future[Any]) -> asyncio.Future[Any]:
    loop = asyncio.get_running_loop()
    outer: asyncio.Future[Any] = loop.create_future()

    def done(_: object) -> None:
        failure = None if inner.cancelled() else inner.exception()
        if outer.cancelled() and failure is not None:
            loop.call_exception_handler({"message": "in shielded future", "exception": failure})
        elif outer.cancelled():
            return
        elif failure is not None:
            outer.set_exception(failure)
        else:
            outer.set_result(inner.result())

    inner.add_done_callback(done)
    return outer


async def _all_closed(*tunnels: Tunnel) -> None:
    async with asyncio.timeout(5):
        while any(each.connected for each in tunnels):  # noqa: ASYNC110 - a socket closes when it does
            await asyncio.sleep(0.01)


async def _cancelled_in_handshake(provider: MistralProvider, gate: Gate) -> None:
    reading = asyncio.ensure_future(collect(provider.fim(REQUEST)))
    await asyncio.wait_for(gate.reached.wait(), 5)
    await asyncio.sleep(0.01)  # until the client waits for its answer
    reading.cancel()
    await asyncio.wait((reading,), timeout=1)
    assert reading.cancelled()


async def _cancelled_after(
    steps: int, provider: MistralProvider, request: FimRequest = REQUEST
) -> None:
    reading = asyncio.ensure_future(collect(provider.fim(request)))
    for _ in range(steps):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
