"""What Neovim says of the server: in the statusline, and by `:checkhealth`."""

from __future__ import annotations

import pytest

from tests.editors.nvim.session import Session
from tests.support.answers import failure

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_the_statusline_says_that_the_model_does_not_answer(nvim: Session) -> None:
    nvim.model.knows("down = and_up_again\n")
    await nvim.opened("down.py")
    nvim.model.pace = failure(503, {"detail": "Service Unavailable"})
    await nvim.terminal.type("down = ")
    await nvim.terminal.sees(r"down\.py .*devstral: .* in trouble")
    await nvim.terminal.type("x")
    await nvim.saved("down.py", b"down = x\n")
    trouble = "len(filter(split(execute('messages'), nr2char(10)), {_, l -> l =~ 'trouble'}))"
    await nvim.command(f"echo 'told:' {trouble} 'times'")
    await nvim.terminal.sees("told: 1 times")
    await nvim.command("messages clear")
    await nvim.command("checkhealth devstral")
    await nvim.terminal.sees(r"status: (Warning|Error)")
    await nvim.command("bwipeout")
    await nvim.terminal.sees(r"down\.py")


async def test_health(nvim: Session) -> None:
    nvim.model.knows("healthy = True\n")
    await nvim.opened("healthy.py")
    await nvim.normal()
    await nvim.command("checkhealth devstral")
    await nvim.terminal.sees(r"Serves \d+ buffers")
    assert "ERROR" not in nvim.terminal.text()
    assert "deprecated" not in nvim.terminal.text()
    await nvim.command("bwipeout")
    await nvim.terminal.sees(r"healthy\.py")
