"""Over TLS the client takes HTTP/2, where cancelling one stream leaves the connection alive."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys

import pytest

from devstral_lsp.providers.base import FimRequest
from tests.providers.conftest import Connect
from tests.support.answers import Answer, events
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.h2_server import CERTIFICATE, H2Server
from tests.support.streams import text_of

REQUEST = FimRequest(prompt="def secret_sauce():", max_tokens=64)
STREAM = list(events(Answer(), {"model": "codestral-latest"}, ["return a", " + b"]))


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


async def test_http2_is_taken_and_its_connection_kept(connect: Connect) -> None:
    async with H2Server(STREAM) as server:
        provider = connect(server.url)
        for _ in range(2):
            assert await text_of(provider.fim(REQUEST)) == "return a + b"
        await provider.close()
    assert server.connections == 1
    assert [request[b":path"] for request in server.requests] == [b"/v1/fim/completions"] * 2


async def test_closing_the_generator_resets_the_stream_alone(connect: Connect) -> None:
    async with H2Server(STREAM[:2], ends=False) as server:
        provider = connect(server.url)
        for _ in range(2):
            server.reset.clear()
            stream = provider.fim(REQUEST)
            assert (await anext(stream)).text == "return a"
            await stream.aclose()
            await asyncio.wait_for(server.reset.wait(), 5)
        await provider.close()
    assert server.connections == 1


async def test_cancelling_before_the_answer_resets_the_stream_too(connect: Connect) -> None:
    async with H2Server([], ends=False) as server:
        provider = connect(server.url)
        reading = asyncio.ensure_future(text_of(provider.fim(REQUEST)))
        await asyncio.wait_for(server.arrived.wait(), 5)
        reading.cancel()
        await asyncio.wait_for(server.reset.wait(), 5)
        await provider.close()
    assert reading.cancelled()


async def test_more_streams_may_be_left_than_may_be_open(connect: Connect) -> None:
    """httpcore alone fails after a hundred: "Max outbound streams is 100, 100 open"."""
    async with H2Server(STREAM[:2], ends=False) as server:
        provider = connect(server.url)
        for _ in range(110):
            stream = provider.fim(REQUEST)
            await anext(stream)
            await stream.aclose()
        await provider.close()
    assert server.connections == 1
    assert len(server.requests) == 110


async def test_a_stream_that_ended_is_not_reset(connect: Connect) -> None:
    async with H2Server(STREAM) as server:
        provider = connect(server.url)
        for _ in range(2):
            await text_of(provider.fim(REQUEST))
        await provider.close()
    assert not server.reset.is_set()


async def test_the_key_is_not_logged_over_http2_either(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with H2Server(STREAM) as server:
        provider = connect(server.url)
        await text_of(provider.fim(REQUEST))
        await provider.close()
    assert server.requests[0][b"authorization"] == f"Bearer {KEY}".encode()
    assert KEY not in caplog.text
    assert "secret_sauce" not in caplog.text


async def test_an_untrusted_certificate_is_told(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with H2Server(STREAM) as server:
        with pytest.raises(Exception, match="certificate") as raised:
            await text_of(connect(server.url).fim(REQUEST))
    assert "network.ca_file" in str(raised.value)


async def test_a_proxy_is_not_asked_for_this_machine(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with FakeMistral() as fake:
        assert await text_of(connect(fake).fim(REQUEST)) == "return a + b"


def test_the_first_request_has_nothing_left_to_import() -> None:
    """The client is loaded in a thread, while a request holds the event loop."""
    code = (
        "import sys, devstral_lsp.providers.http.client\n"
        "import anyio, asyncio, httpcore, sniffio\n"
        "known = set(sys.modules)\n"
        "async def main():\n"
        "    sniffio.current_async_library()\n"
        "    closes = lambda _, writer: writer.close()\n"
        "    server = await asyncio.start_server(closes, '127.0.0.1', 0)\n"
        "    port = server.sockets[0].getsockname()[1]\n"
        "    pool = httpcore.AsyncConnectionPool()\n"
        "    try: await pool.request('GET', f'http://127.0.0.1:{port}/')\n"
        "    except httpcore.RemoteProtocolError: print('asked')\n"
        "asyncio.run(main())\n"
        "print(*sorted(set(sys.modules) - known))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["asked"]
