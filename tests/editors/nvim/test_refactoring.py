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


REVIEW = ":w applies, :q discards"


async def with_import(nvim: Session, name: str) -> None:
    """Have something done whose edit adds an import, up to the diff of it."""
    nvim.model.chat = [replies.code(FSUMMED, "from math import fsum")]
    await rewrite(nvim, name)
    await nvim.terminal.sees(REVIEW)


async def answered(nvim: Session, command: str) -> None:
    """Answer in the window of the diff."""
    await nvim.command(command)
    await until("the end of the diff", lambda: REVIEW not in nvim.terminal.text())


async def test_rewritten_as_said_with_an_import_and_undone(nvim: Session) -> None:
    await with_import(nvim, "said.py")
    await nvim.terminal.sees(r"^\+from math import fsum")
    await answered(nvim, "write")
    await nvim.terminal.sees(r"^    return fsum\(values\)")
    assert "Use fsum." in str(nvim.questions()[-1].body["messages"])
    await nvim.saved("said.py", crlf(IMPORTED))
    await nvim.command("Devstral undo")
    await nvim.terminal.sees("result = 0")
    await nvim.saved("said.py", crlf(CODE))


async def test_what_is_discarded_changes_nothing_and_can_be_shown_again(nvim: Session) -> None:
    wire = nvim.wire.from_now()
    await with_import(nvim, "declined.py")
    await answered(nvim, "quit")
    assert not wire.by_server(APPLY)
    await nvim.saved("declined.py", crlf(CODE))
    await nvim.command("Devstral again")
    await nvim.terminal.sees(REVIEW)
    await answered(nvim, "write")
    await nvim.terminal.sees(r"^    return fsum\(values\)")
    await nvim.saved("declined.py", crlf(IMPORTED))


async def test_a_diff_with_a_hunk_deleted_can_still_be_discarded(nvim: Session) -> None:
    wire = nvim.wire.from_now()
    await with_import(nvim, "regretted.py")
    await nvim.terminal.type("dd")
    await answered(nvim, "quit")
    assert not wire.by_server(APPLY)
    await nvim.saved("regretted.py", crlf(CODE))


async def test_rewritten_by_a_key_on_the_selected_lines(nvim: Session) -> None:
    nvim.model.chat = [replies.code(SUMMED)]
    await nvim.opened("key.py", crlf(CODE))
    await nvim.normal()
    await nvim.command("nmap gz <Plug>(devstral-rewrite)")
    await nvim.command("xmap gz <Plug>(devstral-rewrite)")
    await nvim.terminal.type("6GV4jgz")
    await nvim.terminal.sees("What should become of this code")
    nvim.terminal.send("Use sum.\r")
    await nvim.terminal.sees(r"return sum\(values\)")
    await nvim.saved("key.py", crlf(AFTER))


async def test_a_hunk_that_is_deleted_is_left_out(nvim: Session) -> None:
    nvim.model.chat = renaming("hunk_names.py", "hunk_uses.py")
    (nvim.workspace / "hunk_uses.py").write_bytes(USES)
    await nvim.opened("hunk_names.py", NAMES)
    await nvim.normal()
    await nvim.command("Devstral task Rename one to first.")
    await nvim.terminal.sees(REVIEW)
    await nvim.command("global/hunk_uses/.,$delete")
    await answered(nvim, "write")
    await nvim.terminal.sees("first = 1")
    await nvim.command("wall")
    await nvim.on_disk("hunk_names.py", RENAMED[0])
    assert (nvim.workspace / "hunk_uses.py").read_bytes() == USES


async def test_the_diff_takes_no_keys_from_who_is_typing(nvim: Session) -> None:
    nvim.model.chat = [replies.code(FSUMMED, "from math import fsum")]
    await nvim.opened("typing.py", crlf(CODE))
    nvim.terminal.send("\x0f:6,10Devstral rewrite Use fsum.\r")  # Ctrl-O: one command
    await nvim.terminal.sees(REVIEW)
    await nvim.terminal.type(" # typed on")
    await nvim.terminal.sees(r"^print\(os.name, FLAG\) # typed on")
    await nvim.normal()
    await nvim.command("wincmd b")
    await answered(nvim, "quit")


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
    await nvim.terminal.sees(REVIEW)
    await nvim.terminal.sees(r"^\+first = 1")
    await nvim.terminal.sees(r"^\+print\(first\)")
    assert (nvim.workspace / "names.py").read_bytes() == NAMES
    await answered(nvim, "write")
    await nvim.terminal.sees("first = 1")
    await nvim.command("wall")
    await nvim.on_disk("names.py", RENAMED[0])
    await nvim.on_disk("uses.py", RENAMED[1])
    assert "Rename one to first." in str(nvim.questions()[-1].body["messages"])
