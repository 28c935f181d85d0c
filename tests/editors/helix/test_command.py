"""The server's commands in Helix, which sends them with arguments and shows what is said."""

from __future__ import annotations

import pytest

from tests.editors.helix.session import Session

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_snoozed_and_awake(helix: Session) -> None:
    await helix.opened("snoozed.py")
    await helix.command('lsp-workspace-command devstral.snooze {"minutes":15}')
    await helix.terminal.sees("15 minutes")
    await helix.command('lsp-workspace-command devstral.snooze {"minutes":0}')
    await helix.terminal.sees("(?i)again|awake|on")


async def test_switched_off_and_on(helix: Session) -> None:
    helix.model.knows("switched = off_and(on)\n")
    await helix.opened("switched.py")
    await helix.command("lsp-workspace-command devstral.toggle")
    await helix.terminal.sees("(?i)off")
    await helix.insert()
    await helix.terminal.type("switched = off")
    await helix.normal()
    assert not helix.menu()
    await helix.command("lsp-workspace-command devstral.toggle")
    await helix.terminal.sees("(?i) on")
