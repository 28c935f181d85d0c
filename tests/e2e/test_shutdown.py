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


async def test_exit_after_shutdown_is_0(wire: Wire) -> None:
    await wire.initialize()
    wire.send("shutdown", None, 1)
    answer = await wire.answer(1)
    assert answer["result"] is None
    wire.send("exit")
    assert await wire.ended() == 0


async def test_exit_without_shutdown_is_1(wire: Wire) -> None:
    await wire.initialize()
    wire.send("exit")
    assert await wire.ended() == 1


async def test_exit_before_initialize_is_1(wire: Wire) -> None:
    wire.send("exit")
    assert await wire.ended() == 1


async def test_requests_after_shutdown_are_refused(wire: Wire) -> None:
    await wire.initialize()
    open_document(wire)
    wire.send("shutdown", None, 1)
    ask(wire, 2)
    wire.send("shutdown", None, 3)
    wire.send("no/such", None, 4)
    for refused in (2, 3, 4):
        assert (await wire.answer(refused))["error"]["code"] == -32600
    assert "result" in await wire.answer(1)


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
async def test_ends_when_its_input_closes(wire: Wire, shut_down: bool) -> None:
    await wire.initialize()
    if shut_down:
        wire.send("shutdown", None, 1)
        await wire.answer(1)
    wire.close()
    assert await wire.ended() == (0 if shut_down else 1)


async def test_ends_when_nobody_reads_its_output(wire: Wire) -> None:
    await wire.initialize()
    wire.hang_up_output()
    wire.send("no/such", None, 1)
    wire.send("no/such", None, 2)
    assert await wire.ended() == 1


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="elsewhere the editor is polled, slowly")
async def test_ends_with_the_process_of_the_editor(wire: Wire) -> None:
    editor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    await wire.initialize(processId=editor.pid)
    wire.send("no/such", None, 1)
    await wire.answer(1)
    editor.kill()
    await editor.wait()
    assert await wire.ended() == 1


async def test_a_process_number_of_another_world_means_nothing(wire: Wire) -> None:
    """A client in another container has a number that nobody has here."""
    await wire.initialize(processId=2**22 + 1)
    wire.send("shutdown", None, 1)
    assert "result" in await wire.answer(1)
