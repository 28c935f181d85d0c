"""Ghost text in VS Code: seen, typed through, accepted whole and in part, cycled, late."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.support.waiting import until
from tests.editors.vscode.session import Session

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]

INLINE = "textDocument/inlineCompletion"
SHOWN, PARTLY = "textDocument/didShowCompletion", "textDocument/didPartiallyAcceptCompletion"


async def test_typed_through_and_accepted(vscode: Session, pictures: Path) -> None:
    text = "def add(first, second):\n    total = first + second\n    return total\n"
    vscode.model.knows(text)
    wire = await vscode.opened("through.py")
    await vscode.window.type("def ad")
    rest = text.rstrip().removeprefix("def ad")
    await vscode.window.sees(rest)
    await vscode.window.picture(pictures / "vscode-ghost.png", (0, 0, 820, 420))
    asked = len(vscode.fake.completions)
    await vscode.window.type("d(fi")
    await vscode.window.sees(rest.removeprefix("d(fi"))
    assert len(vscode.fake.completions) == asked, "what was typed was known already"
    await vscode.window.press("Tab")
    await until("the acceptance", lambda: wire.by_editor("workspace/executeCommand"))
    assert wire.by_editor(SHOWN)
    await vscode.window.saved("through.py", text.rstrip().encode())
