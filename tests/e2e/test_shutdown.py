"""`shutdown`, `exit`, and the other ways in which a session ends."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from tests.e2e.conftest import first_completion, key_for
from tests.e2e.test_cancel_request import ask, open_document
from tests.support.answers import Answer
from tests.support.fake_mistral import FakeMistral
from tests.support.wire import Wire

pytestmark = pytest.mark.long


async def test_exit_after_shutdown_is_0(process: Wire) -> None:
    await process.initialize()
    process.send("shutdown", None, 1)
    answer = await process.answer(1)
    assert answer["result"] is None
    process.send("exit")
    assert await process.ended() == 0


async def test_exit_without_shutdown_is_1(process: Wire) -> None:
    await process.initialize()
    process.send("exit")
    assert await process.ended() == 1


async def test_exit_before_initialize_is_1(process: Wire) -> None:
    process.send("exit")
    assert await process.ended() == 1


async def test_requests_after_shutdown_are_refused(process: Wire) -> None:
    await process.initialize()
    open_document(process)
    process.send("shutdown", None, 1)
    ask(process, 2)
    process.send("shutdown", None, 3)
    process.send("no/such", None, 4)
    for refused in (2, 3, 4):
        assert (await process.answer(refused))["error"]["code"] == -32600
    assert "result" in await process.answer(1)


async def test_shutdown_answers_what_is_still_waiting(environ: dict[str, str]) -> None:
    async with FakeMistral(lambda _: Answer(end="hang", headless=True), strict=False) as fake:
        wire = await Wire.start({**environ, **key_for(fake)})
        await wire.initialize()
        open_document(wire)
        ask(wire, 1)
        await first_completion(fake)
        wire.send("shutdown", None, 2)
        assert (await wire.answer(1))["error"]["code"] == -32800
        assert "result" in await wire.answer(2)
        wire.send("exit")
        assert await wire.ended() == 0
        await wire.stop()


@pytest.mark.parametrize("shut_down", [True, False])
async def test_ends_when_its_input_closes(process: Wire, shut_down: bool) -> None:
    await process.initialize()
    if shut_down:
        process.send("shutdown", None, 1)
        await process.answer(1)
    process.close()
    assert await process.ended() == (0 if shut_down else 1)


async def test_ends_when_nobody_reads_its_output(process: Wire) -> None:
    await process.initialize()
    process.hang_up_output()
    process.send("no/such", None, 1)
    process.send("no/such", None, 2)
    assert await process.ended() == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no cheap way to ask")
async def test_ends_with_the_process_of_the_editor(process: Wire) -> None:
    editor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    await process.initialize(processId=editor.pid)
    process.send("no/such", None, 1)
    await process.answer(1)
    editor.kill()
    await editor.wait()
    assert await process.ended() == 1


async def test_a_process_number_of_another_world_means_nothing(process: Wire) -> None:
    """A client in another container has a number that nobody has here."""
    await process.initialize(processId=2**22 + 1)
    process.send("shutdown", None, 1)
    assert "result" in await process.answer(1)
