"""What Emacs lets its user know of the model server, through either client: the mode line."""

from __future__ import annotations

import pytest

from tests.editors.emacs.session import Session
from tests.support.answers import failure

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
