"""Refactoring in Emacs, through either client: in one's own words, chosen, cancelled, undone.

What is more than the lines themselves is shown as a diff before it is made.
"""

from __future__ import annotations

import pytest

from tests.editors.emacs.session import Session
from tests.editors.support.sample import (
    AFTER,
    CODE,
    NAMES,
    RENAMED,
    SUMMED,
    USES,
    crlf,
    renaming,
)
from tests.support import replies

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


async def changed(session: Session) -> None:
    """Wait for an edit of the buffer in front."""
    await session.until("an edit", lambda: "**-" in session.terminal.text())


async def function_selected(session: Session, name: str) -> None:
    """Open the file and make the function the region."""
    session.model.knows("nothing", least=len("nothing"))
    await session.opened(name, crlf(CODE))
    await session.press("M-g g")
    await session.terminal.type("6")
    await session.press("RET C-SPC C-n C-n C-n C-n C-n")


async def test_rewritten_as_said_and_undone(session: Session) -> None:
    session.model.chat = [replies.code(SUMMED)]
    await function_selected(session, "said.py")
    await session.command("devstral-rewrite", "Rewrite", "Use sum.")
    await changed(session)
    await session.saved("said.py", crlf(AFTER))
    assert "Use sum." in str(session.questions()[-1].body["messages"])
    await session.command("devstral-undo-last")
    await changed(session)
    await session.saved("said.py", crlf(CODE))


async def test_an_action_of_the_menu_changes_its_lines_and_nothing_else(session: Session) -> None:
    session.model.chat = [replies.code(SUMMED)]
    await session.opened("simplify.py", crlf(CODE))
    await session.press("M-g g")
    await session.terminal.type("7")
    await session.press("RET")
    await session.command(session.menu)
    await session.sees(" action")
    session.terminal.send("Simplify\r")
    await changed(session)
    await session.saved("simplify.py", crlf(AFTER))
    assert "Simplify" in str(session.questions()[-1].body["messages"])


async def task_shown(session: Session, name: str) -> tuple[str, str]:
    """Have two files changed, up to the server's question; gives their names."""
    one, other = f"{name}_names.py", f"{name}_uses.py"
    (session.workspace / other).write_bytes(USES)
    session.model.chat = renaming(one, other)
    await session.opened(one, NAMES)
    await session.command("devstral-task", "Apply across the project", "Rename one to first.")
    await session.sees("2 files")
    await session.sees("+first = 1")
    assert (session.workspace / one).read_bytes() == NAMES
    return one, other


async def test_a_task_changes_several_files_once_that_is_confirmed(session: Session) -> None:
    one, other = await task_shown(session, "done")
    await session.press("y")
    await changed(session)
    await session.loses("+first = 1")
    await session.press("C-x s !")
    await session.on_disk(one, RENAMED[0])
    await session.on_disk(other, RENAMED[1])
    assert "Rename one to first." in str(session.questions()[-1].body["messages"])


async def test_a_task_that_is_discarded_changes_nothing(session: Session) -> None:
    wire = session.wire.from_now()
    one, other = await task_shown(session, "discarded")
    await session.press("n")
    (asked,) = wire.by_server("devstral/review")
    await session.until("the answer", lambda: wire.answer_of_editor(asked))
    await session.saved(one, NAMES)
    await session.on_disk(other, USES)
    assert not wire.by_server("workspace/applyEdit")


async def test_a_hunk_that_is_killed_is_left_out(session: Session) -> None:
    one, other = await task_shown(session, "killed")
    await session.press("e")
    await session.sees("C-M-c goes on")
    await session.press("M-> k")
    await session.loses("+print(first)")
    session.terminal.send("\x1b\x03")  # C-M-c
    await session.sees("2 files")
    await session.press("y")
    await changed(session)
    await session.press("C-x s !")
    await session.on_disk(one, RENAMED[0])
    await session.on_disk(other, USES)


async def test_a_refactoring_is_cancelled(session: Session) -> None:
    session.model.chat = [replies.endless()]
    before = len(session.questions())
    await function_selected(session, "cancelled.py")
    await session.command("devstral-rewrite", "Rewrite", "Use sum.")
    await session.until("the question", lambda: len(session.questions()) > before)
    await session.command("devstral-cancel")
    await session.until("the model to be left alone", session.questions()[-1].hung_up.is_set)
    assert "**-" not in session.terminal.text()
    assert (session.workspace / "cancelled.py").read_bytes() == crlf(CODE)
