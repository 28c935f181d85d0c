"""Refactoring in Neovim: by a code action, in one's own words, cancelled, undone."""

from __future__ import annotations

import pytest

from tests.editors.nvim.session import Session
from tests.editors.support.sample import (
    AFTER,
    CODE,
    FSUMMED,
    LOOP,
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

IMPORTED = CODE.replace(LOOP, "    return fsum(values)\n").replace(
    "import os\n", "import os\nfrom math import fsum\n"
)
APPLY = "workspace/applyEdit"


async def test_a_code_action_changes_its_lines_and_nothing_else(nvim: Session) -> None:
    nvim.model.chat = [replies.code(SUMMED)]
    await nvim.opened("simplify.py", crlf(CODE))
    await until("the server's actions", lambda: nvim.wire.by_server("client/registerCapability"))
    await nvim.normal()
    await nvim.terminal.type("7G")
    await nvim.command("lua vim.lsp.buf.code_action()")
    await nvim.terminal.sees(r"\d+: Simplify")
    number = nvim.found(r"(\d+): Simplify")
    nvim.terminal.send(f"{number}\r")
    await nvim.terminal.sees(r"return sum\(values\)")
    await nvim.saved("simplify.py", crlf(AFTER))


async def rewrite(nvim: Session, name: str) -> None:
    """Say what should become of the function."""
    await nvim.opened(name, crlf(CODE))
    await nvim.normal()
    await nvim.command("6,10Devstral rewrite Use fsum.")


async def with_import(nvim: Session, name: str) -> None:
    """Have something done whose edit adds an import, which the user is to confirm."""
    nvim.model.chat = [replies.code(FSUMMED, "from math import fsum")]
    await rewrite(nvim, name)
    if nvim.confirms:
        await nvim.terminal.sees(r"Apply all changes\?")


async def confirmed(nvim: Session) -> None:
    """Have the edits of one document made, about which there is a question."""
    await nvim.terminal.sees(r"\[Y\]es, \(N\)o:\s*\Z")
    nvim.terminal.send("y")
    await nvim.terminal.sees(r"Press ENTER.*\s*\Z")
    await nvim.terminal.press("Enter")


async def test_rewritten_as_said_with_an_import_and_undone(nvim: Session) -> None:
    """Where Neovim asks for nothing, a change to one document needs no answer: undo is at hand."""
    await with_import(nvim, "said.py")
    if nvim.confirms:
        await confirmed(nvim)
    await nvim.terminal.sees(r"return fsum\(values\)")
    assert "Use fsum." in str(nvim.questions()[-1].body["messages"])
    await nvim.saved("said.py", crlf(IMPORTED))
    await nvim.command("Devstral undo")
    await nvim.terminal.sees("result = 0")
    await nvim.saved("said.py", crlf(CODE))


async def test_what_is_not_confirmed_changes_nothing(nvim: Session) -> None:
    if not nvim.confirms:
        pytest.skip("This version asks for nothing.")
    wire = nvim.wire.from_now()
    await with_import(nvim, "declined.py")
    nvim.terminal.send("n")
    (asked,) = await until("the edit", lambda: wire.by_server(APPLY))
    await until("the answer", lambda: wire.answer_of_editor(asked))
    await nvim.saved("declined.py", crlf(CODE))
    # It is told some seconds later, and would hold up whatever is typed then.
    await nvim.terminal.sees("has not (changed|made)")
    await nvim.terminal.press("Enter")


async def test_what_a_comment_says_is_done(nvim: Session) -> None:
    nvim.model.chat = [replies.code(SUMMED)]
    asking = CODE.replace("def total", "# devstral: use sum\ndef total")
    await nvim.opened("comment.py", crlf(asking))
    await nvim.normal()
    await nvim.terminal.type("6G")
    await nvim.command("lua vim.lsp.buf.code_action()")
    await nvim.terminal.sees(r"\d+: Follow comment: use sum")
    nvim.terminal.send(nvim.found(r"(\d+): Follow comment") + "\r")
    await nvim.terminal.sees(r"return sum\(values\)")
    await nvim.saved("comment.py", crlf(AFTER))


async def test_a_refactoring_is_cancelled(nvim: Session) -> None:
    nvim.model.chat = [replies.endless()]
    before = len(nvim.questions())
    await rewrite(nvim, "cancelled.py")
    await until("the question", lambda: len(nvim.questions()) > before)
    upstream = nvim.questions()[-1]
    wire = nvim.wire.from_now()
    await nvim.command("Devstral cancel")
    await until("the model to be left alone", upstream.hung_up.is_set)
    assert not wire.by_server(APPLY)
    await nvim.saved("cancelled.py", crlf(CODE))


async def test_a_task_changes_several_files_once_that_is_confirmed(nvim: Session) -> None:
    (nvim.workspace / "uses.py").write_bytes(USES)
    nvim.model.chat = renaming("names.py", "uses.py")
    await nvim.opened("names.py", NAMES)
    await nvim.normal()
    await nvim.command("Devstral task Rename one to first.")
    question = r"Apply all changes\?" if nvim.confirms else r"(\d): Apply"
    await nvim.terminal.sees(f"Press ENTER|{question}")
    if "Press ENTER" in nvim.terminal.text():  # What was done is told, and holds up the question.
        await nvim.terminal.press("Enter")
    await nvim.terminal.sees(question)
    assert (nvim.workspace / "names.py").read_bytes() == NAMES
    if nvim.confirms:
        await confirmed(nvim)
        await confirmed(nvim)
    else:
        nvim.terminal.send(nvim.found(question) + "\r")
    await nvim.terminal.sees("first = 1")
    await nvim.normal()
    await nvim.command("wall")
    await nvim.on_disk("names.py", RENAMED[0])
    await nvim.on_disk("uses.py", RENAMED[1])
    assert "Rename one to first." in str(nvim.questions()[-1].body["messages"])
