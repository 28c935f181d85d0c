"""Clients that send no LSP, or too much of it: hung up on, or passed over, in bounded memory."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest

from tests.e2e.test_transports import listening
from tests.hostile.attacks.endless import MAX_MB
from tests.hostile.vitals import Vitals
from tests.support.wire import INITIALIZE, Wire, framed

MB = 1 << 20
REQUEST = b'{"jsonrpc":"2.0","id":%d,"method":"textDocument/codeAction","params":%b}'


async def _flood(wire: Wire, data: bytes, times: int) -> bool:
    """Write until it is done; False where the server hung up meanwhile."""
    with suppress(ConnectionError):
        for _ in range(times):
            wire.write(data)
            await wire.drain()
        return True
    return False


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"x" * MB, id="a header of 300 MB without a line end"),
        pytest.param(b"x-filler: 1\r\n" * (MB // 13), id="header lines without an end"),
        pytest.param(b"\r\n" * (MB // 2), id="empty lines without an end"),
        pytest.param(b"Content-Length: 5\r\n" * (MB // 19), id="one length after the other"),
        pytest.param(b"Content-Length: -5\r\n\r\n" * (MB // 22), id="lengths below zero"),
    ],
)
async def test_a_header_without_an_end_is_hung_up_on(environ: dict[str, str], data: bytes) -> None:
    """On a port: the other client goes on typing."""
    async with listening(environ, "--tcp") as (process, port):
        good = await Wire.connect("127.0.0.1", port)
        good.send("initialize", INITIALIZE, msg_id=1)
        assert "result" in await good.answer(1)
        bad = await Wire.connect("127.0.0.1", port)
        assert not await _flood(bad, data, 300)
        good.send("shutdown", msg_id=2)
        assert "result" in await good.answer(2)
        assert Vitals.of(process.pid).peak_mb < MAX_MB
        assert process.stderr is not None
        said = (await asyncio.wait_for(process.stderr.readline(), 10)).decode()
        assert "no LSP client" in said
        await bad.stop()
        await good.stop()


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"Content-Length: 400000000\r\n\r\n", id="400 MB, and all of it comes"),
        pytest.param(
            b"Content-Type: x\r\nContent-Length: 314572800\r\n\r\n", id="300 MB among headers"
        ),
    ],
)
async def test_a_message_that_is_too_large_is_passed_over(
    environ: dict[str, str], head: bytes
) -> None:
    wire = await Wire.start(environ)
    assert wire.process is not None
    wire.send("initialize", INITIALIZE, msg_id=1)
    assert "result" in await wire.answer(1)
    length = int(head.split(b"Length: ")[1])
    wire.write(head)
    assert await _flood(wire, b" " * MB, length // MB)
    wire.write(b" " * (length % MB))
    wire.send("shutdown", msg_id=2)
    assert "result" in await wire.answer(2)
    assert Vitals.of(wire.process.pid).peak_mb < MAX_MB
    await wire.stop()


DEEP = 100_000


@pytest.mark.parametrize(
    "params",
    [
        pytest.param(b"[" * DEEP + b"]" * DEEP, id="deep lists"),
        pytest.param(b'{"a":' * DEEP + b"1" + b"}" * DEEP, id="deep objects"),
        pytest.param(b'{"textDocument":' * 400 + b"1" + b"}" * 400, id="just readable"),
        pytest.param(b"[" * 900 + b"]" * 900, id="just below the limit"),
        pytest.param(b"9" * 100_000, id="a number of 100,000 digits"),
        pytest.param(b'{"range":{"start":{"line":1e999,"character":-1}}}', id="infinity"),
        pytest.param(
            b'{"textDocument":{"uri":"a"},"textDocument":{"uri":"\\ud800"}}', id="twice, and half"
        ),
        pytest.param(b'"\\ud83d' * 1, id="a string without an end"),
    ],
)
async def test_a_message_that_is_hard_to_read_gets_an_error(
    environ: dict[str, str], params: bytes
) -> None:
    wire = await Wire.start(environ)
    wire.send("initialize", INITIALIZE, msg_id=1)
    assert "result" in await wire.answer(1)
    wire.write(framed(REQUEST % (2, params)))
    wire.send("shutdown", msg_id=3)
    assert "result" in await wire.answer(3)
    answers = [each for each in wire.passed_over if "error" in each or each.get("id") == 2]
    assert answers, "the request was not answered"
    assert len(json.dumps(answers)) < 1000, "what was sent comes back"
    await wire.stop()
