"""What Emacs lets its user know of the model server, through either client: the mode line."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.config.readers import STATE_VARIABLE
from tests.editors.emacs.install import Emacs
from tests.editors.emacs.session import Session, running
from tests.editors.support.model import DEAR, used_today
from tests.support.answers import failure
from tests.support.fake_mistral import KEY

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_the_status_says_that_the_model_does_not_answer(session: Session) -> None:
    session.model.knows("down = and_up_again\n")
    await session.opened("down.py")
    session.model.pace = failure(503, {"detail": "Service Unavailable"})
    await session.terminal.type("down = ")
    await session.sees("Devstral?")
    await session.saved("down.py", b"down = ")


async def test_the_mode_line_tells_money_and_the_status_quota(
    emacs: Emacs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", KEY)
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    async with running(emacs, tmp_path, "eglot") as session:
        session.model.knows("spent = money\n")
        session.model.pace = DEAR
        await session.opened("spent.py")
        await session.terminal.type("spent = ")

        def is_told(wanted: str) -> bool:
            return bool(wanted) and wanted in session.terminal.text()

        await session.until(
            "what was spent",
            lambda: is_told(f"Devstral {used_today(tmp_path).partition(', ')[0]} "),
        )
        await session.command("devstral-status")
        await session.until("the quota", lambda: is_told(f"Used: {used_today(tmp_path)}."))
