"""Refactoring in Emacs, through either client: in one's own words, chosen, cancelled, undone."""

from __future__ import annotations

import pytest

from tests.editors.emacs.session import Session
from tests.support import replies

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]

CODE = """\
import os

FLAG = "\U0001f3f3\ufe0f\u200d\U0001f308 שלום"


def total(values):
    result = 0
    for value in values:
        result = result + value
    return result


print(os.name, FLAG)
"""
SUMMED = "def total(values):\n    return sum(values)\n"
LOOP = CODE[CODE.index("    result = 0") : CODE.index("\n\nprint")]
AFTER = CODE.replace(LOOP, "    return sum(values)\n")


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


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


@pytest.fixture(params=["eglot", "lsp_mode"])
def session(request: pytest.FixtureRequest) -> Session:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Session)
    return found


async def test_rewritten_as_said_and_undone(session: Session) -> None:
    session.model.chat = [replies.code(SUMMED)]
    await function_selected(session, "said.py")
    await session.command("devstral-rewrite", "Rewrite", "Use sum.")
    await changed(session)
    await session.saved("said.py", crlf(AFTER))
    assert "Use sum." in str(session.fake.completions[-1].body["messages"])
    await session.command("devstral-undo-last")
    await changed(session)
    await session.saved("said.py", crlf(CODE))


async def test_a_refactoring_is_cancelled(session: Session) -> None:
    session.model.chat = [replies.endless()]
    before = len(session.fake.completions)
    await function_selected(session, "cancelled.py")
    await session.command("devstral-rewrite", "Rewrite", "Use sum.")
    await session.until("the question", lambda: len(session.fake.completions) > before)
    await session.command("devstral-cancel")
    await session.until("the model to be left alone", session.fake.completions[-1].hung_up.is_set)
    assert "**-" not in session.terminal.text()
    assert (session.workspace / "cancelled.py").read_bytes() == crlf(CODE)
