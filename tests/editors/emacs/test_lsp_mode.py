"""Emacs with lsp-mode 10, whose ghost text is its own: seen, accepted, cycled."""

from __future__ import annotations

import pytest

from tests.editors.emacs.session import Session

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_seen_and_accepted(lsp_mode: Session) -> None:
    text = "def add(first, second):\n    total = first + second\n    return total\n"
    lsp_mode.model.knows(text)
    wire = await lsp_mode.opened("accepted.py")
    await lsp_mode.terminal.type("def ad")
    await lsp_mode.sees("def add(first, second):\n    total = first + second\n    return")
    await lsp_mode.terminal.type("d(fi")
    await lsp_mode.sees("def add(first, second):\n    total = first + second\n    return")
    await lsp_mode.press("TAB")
    await lsp_mode.until("the acceptance", lambda: wire.by_editor("workspace/executeCommand"))
    await lsp_mode.saved("accepted.py", text.rstrip().encode())


async def test_another_suggestion(lsp_mode: Session) -> None:
    lsp_mode.model.knows("pick = first(items)\n", others=["pick = last(items)\n"])
    await lsp_mode.opened("another.py")
    await lsp_mode.terminal.type("pick = ")
    await lsp_mode.sees("pick = first(items)")
    await lsp_mode.command("lsp-inline-completion-display")
    await lsp_mode.sees("Completion 1/2")
    await lsp_mode.press("C-n")
    await lsp_mode.sees("pick = last(items)")
    await lsp_mode.press("TAB")
    await lsp_mode.saved("another.py", b"pick = last(items)")
