"""`:Devstral`: suggestions off and on again, for a while or for a file, and what it says."""

from __future__ import annotations

import pytest

from tests.editors.nvim.session import Session

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

INLINE = "textDocument/inlineCompletion"


async def ordered(nvim: Session, command: str, answer: str) -> None:
    """Give a command in normal mode, and wait for what is said."""
    await nvim.normal()
    await nvim.command(command)
    await nvim.terminal.sees(answer)


async def test_snoozed_until_asked_by_hand_and_awake_again(nvim: Session) -> None:
    nvim.model.knows("snoozed = sound(asleep)\n")
    wire = await nvim.opened("snoozed.py")
    await ordered(nvim, "Devstral snooze 15", "15 minutes")
    await nvim.terminal.type("asnoozed = s")
    await nvim.answered(wire, INLINE)
    assert nvim.ghost() == ""
    await nvim.terminal.press("Alt+\\")
    await nvim.sees("ound(asleep)")
    await ordered(nvim, "Devstral snooze 0", "(?i)again|awake|on")
    await nvim.terminal.type("ao")
    await nvim.sees("und(asleep)")


@pytest.mark.parametrize("scope", ["", "file", "language"])
async def test_switched_off_and_on_again(nvim: Session, scope: str) -> None:
    name = f"switched_{scope or 'all'}"
    nvim.model.knows(f"{name} = off_and(on)\n")
    wire = await nvim.opened(f"{name}.py")
    await ordered(nvim, f"Devstral toggle {scope}", "(?i)off")
    told = wire.by_editor("workspace/executeCommand")[-1]["params"]
    assert told["command"] == "devstral.toggle"
    await nvim.terminal.type(f"a{name} = o")
    await nvim.answered(wire, INLINE)
    assert nvim.ghost() == ""
    await ordered(nvim, f"Devstral toggle {scope}", "(?i)on")
    await nvim.terminal.type("af")
    await nvim.sees("f_and(on)")


async def test_what_is_not_there_is_said(nvim: Session) -> None:
    await nvim.opened("wrong.py")
    await ordered(nvim, "Devstral slumber", "There is no :Devstral slumber")
    await ordered(nvim, "Devstral snooze long", "takes minutes")
    await ordered(nvim, "Devstral toggle world", "takes nothing, file or language")


async def test_words_are_completed(nvim: Session) -> None:
    await nvim.opened("words.py")
    await nvim.normal()
    await nvim.command("echo getcompletion('Devstral t', 'cmdline')")
    await nvim.terminal.sees(r"\['task', 'toggle', 'transcript'\]")
    await nvim.command("echo getcompletion('Devstral toggle f', 'cmdline')")
    await nvim.terminal.sees(r"\['file'\]")


async def test_the_status_in_full(nvim: Session) -> None:
    await nvim.opened("status.py")
    await ordered(nvim, "Devstral status", "Devstral: ")
