"""`--tcp` and `--ws`: the same server on a port of the loopback."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.e2e.conftest import key_for
from tests.e2e.test_cancel_request import URI, ask, open_document
from tests.support.editor import PATIENCE_S
from tests.support.fake_mistral import FakeMistral
from tests.support.prompts import own_part
from tests.support.wire import INITIALIZE, Wire


@asynccontextmanager
async def listening(
    environ: dict[str, str], way: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A server on a free port; gives its process and the port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devstral_lsp", way, "0",
        stderr=asyncio.subprocess.PIPE, env=environ,
    )  # fmt: skip
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        line = (await process.stderr.readline()).decode()
    found = re.search(r"127\.0\.0\.1:(\d+)", line)
    assert found, line
    try:
        yield process, int(found[1])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(PATIENCE_S):
        return await process.wait()


async def test_a_change_on_its_way_does_not_reach_an_earlier_request(
    environ: dict[str, str], mistral: FakeMistral
) -> None:
    """All in one segment, so that the change is read before anything has been awaited."""
    async with listening({**environ, **key_for(mistral)}, "--tcp") as (_, port):
        wire = await Wire.connect("127.0.0.1", port)
        await wire.initialize()
        open_document(wire)
        ask(wire, 1)
        change = {"text": "class Other:\n    pass\n"}
        document = {"uri": URI, "version": 2}
        wire.send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        assert (await wire.answer(1))["result"]["items"] == [], "it would be shown elsewhere"
        ask(wire, 2)
        assert (await wire.answer(2))["result"]["items"]
        prompts = {own_part(each.body["prompt"]) for each in mistral.completions}
        assert prompts == {"class Other:\n    "}, "what went is not asked about"
        wire.close()


async def test_every_client_has_documents_of_its_own(environ: dict[str, str]) -> None:
    async with listening(environ, "--tcp") as (process, port):
        first = await Wire.connect("127.0.0.1", port)
        second = await Wire.connect("127.0.0.1", port)
        for wire in (first, second):
            await wire.initialize()
        open_document(first)
        ask(second, 1)
        assert (await second.answer(1))["result"] == {"items": []}
        first.close()
        second.send("shutdown", None, 2)
        assert "result" in await second.answer(2)
        second.send("exit")
        assert await ended(process) == 0
        second.close()


async def test_ends_when_the_last_client_hangs_up(environ: dict[str, str]) -> None:
    async with listening(environ, "--tcp") as (process, port):
        wire = await Wire.connect("127.0.0.1", port)
        await wire.initialize()
        wire.close()
        assert await ended(process) == 1


async def test_a_web_page_that_posts_messages_is_hung_up_on(environ: dict[str, str]) -> None:
    async with listening(environ, "--tcp") as (_, port):
        wire = await Wire.connect("127.0.0.1", port)
        wire.write(b"POST / HTTP/1.1\r\nHost: x\r\n")
        wire.send("initialize", INITIALIZE, 1)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await wire.receive()
        wire.close()


async def test_speaks_over_a_web_socket(environ: dict[str, str]) -> None:
    async with listening(environ, "--ws") as (process, port):
        async with connect(f"ws://127.0.0.1:{port}") as socket:
            for number, method in enumerate(("initialize", "no/such", "shutdown")):
                params = INITIALIZE if method == "initialize" else None
                message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                await socket.send(json.dumps(message))
                answer = json.loads(await socket.recv())
                assert answer["id"] == number
                assert ("error" in answer) is (method == "no/such")
            await socket.send(json.dumps({"jsonrpc": "2.0", "method": "exit"}))
        assert await ended(process) == 0


async def test_a_page_of_the_web_may_not_open_a_web_socket(environ: dict[str, str]) -> None:
    async with listening(environ, "--ws") as (_, port):
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{port}", origin="https://example.com")
        async with connect(f"ws://127.0.0.1:{port}", origin="http://localhost:3000") as socket:
            await socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "no/such"}))
            assert json.loads(await socket.recv())["error"]["code"] == -32002
