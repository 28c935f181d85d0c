"""What Helix lets its user know of the model server: a line below the text, and its log."""

from __future__ import annotations

import pytest

from tests.editors.helix.session import Session
from tests.editors.support.waiting import until
from tests.support.answers import failure

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_line_and_the_log_say_that_the_model_does_not_answer(helix: Session) -> None:
    helix.model.knows("down = and_up_again\n")
    wire = await helix.opened("down.py")
    helix.model.pace = failure(503, {"detail": "Service Unavailable"})
    await helix.insert()
    await helix.terminal.type("down")
    await helix.terminal.sees("is in trouble")
    assert len(wire.by_server("window/showMessage")) == 1
    await until("the log", lambda: wire.by_server("window/logMessage"))
    await until("Helix to write it down", lambda: "is in trouble" in helix.log.read_text())
    await helix.saved("down.py", b"down\n")
