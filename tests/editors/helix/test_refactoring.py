"""Refactoring in Helix: by an action, by a comment, cancelled, undone."""

from __future__ import annotations

import pytest

from tests.editors.helix.session import Session
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
from tests.editors.support.waiting import until
from tests.support import replies

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_an_action_changes_its_lines_and_is_undone(helix: Session) -> None:
    helix.model.chat = [replies.code(SUMMED)]
    await helix.opened("simplify.py", crlf(CODE))
    await helix.terminal.type("7gg")
    await helix.act("Simplify")
    await helix.terminal.sees(r"return sum\(values\)")
    await helix.saved("simplify.py", crlf(AFTER))
    await helix.command("lsp-workspace-command devstral.undoLast")
    await helix.terminal.sees("result = 0")
    await helix.saved("simplify.py", crlf(CODE))


async def test_what_a_comment_says_is_done(helix: Session) -> None:
    helix.model.chat = [replies.code(SUMMED)]
    asking = CODE.replace("def total", "# devstral: use sum\ndef total")
    await helix.opened("comment.py", crlf(asking))
    await helix.terminal.type("6gg")
    await helix.act("Follow comment: use sum")
    await helix.terminal.sees(r"return sum\(values\)")
    await helix.saved("comment.py", crlf(AFTER))
    assert "use sum" in str(helix.questions()[-1].body["messages"])


async def test_a_refactoring_is_cancelled(helix: Session) -> None:
    helix.model.chat = [replies.endless()]
    before = len(helix.questions())
    await helix.opened("cancelled.py", crlf(CODE))
    await helix.terminal.type("7gg")
    await helix.act("Simplify")
    await until("the question", lambda: len(helix.questions()) > before)
    upstream = helix.questions()[-1]
    wire = helix.wire.from_now()
    await helix.command("lsp-workspace-command devstral.cancel")
    await until("the model to be left alone", upstream.hung_up.is_set)
    assert not wire.by_server("workspace/applyEdit")
    await helix.saved("cancelled.py", crlf(CODE))


async def task_shown(helix: Session, name: str) -> str:
    """Have two files changed as a comment says, up to the question; gives the other file's name."""
    other = f"{name}_uses.py"
    (helix.workspace / other).write_bytes(USES)
    helix.model.chat = renaming(f"{name}.py", other)
    asking = b"# devstral: rename one to first\r\n" + NAMES
    await helix.opened(f"{name}.py", asking)
    await helix.terminal.type("gg")
    await helix.act("Apply across the project: rename")
    await helix.terminal.sees("2 files")
    return other


async def test_a_task_is_seen_as_a_diff_before_it_is_confirmed(helix: Session) -> None:
    other = await task_shown(helix, "looked")
    await helix.terminal.sees(r"\+first = 1")
    await helix.terminal.sees(r"\+print\(first\)")
    assert (helix.workspace / other).read_bytes() == USES
    await helix.terminal.press("Enter")
    await helix.command("write-all")
    await helix.on_disk(other, RENAMED[1])
