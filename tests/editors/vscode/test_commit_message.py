"""The button in VS Code's source control that writes the message of a commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.editors.support.waiting import until
from tests.editors.vscode.install import Tools
from tests.editors.vscode.session import REGISTER, Session, running
from tests.support.answers import Answer

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]


def git(folder: Path, *arguments: str) -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    author = ("-c", "user.name=n", "-c", "user.email=e@x")
    command = ["git", *author, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=outside)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def repository(
    tools: Tools, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Session]:
    """VS Code with a repository in which something is staged."""
    folder = tmp_path_factory.mktemp("repository")
    workspace = folder / "workspace"
    workspace.mkdir()
    git(workspace, "init", "-q")
    git(workspace, "commit", "-q", "--allow-empty", "-m", "feat: begin")
    (workspace / "sums.py").write_text("def total(values):\n    return sum(values)\n")
    git(workspace, "add", "sums.py")
    own = {"git.enabled": True, "git.openRepositoryInParentFolders": "never"}
    async with running(tools, folder, machine={"git.enabled": True}, user=own) as session:
        await until("the server to start", lambda: session.wire.by_server(REGISTER))
        yield session


async def test_the_button_fills_the_box(repository: Session, pictures: Path) -> None:
    repository.model.chat = [Answer(text=("feat: add a sum\n\n", "It adds all values."))]
    window = repository.window
    await window.press("Control+Shift+G")
    button = window.page.locator(".action-label[aria-label*='Write the Commit Message']")
    await button.first.wait_for()
    await window.picture(pictures / "vscode-commit-button.png")
    await button.first.click()
    box = window.page.locator(".scm-editor .view-lines")

    async def text() -> str:
        return (await box.first.inner_text()).replace("\u00a0", " ")

    async def is_filled() -> bool:
        return "It adds all values." in await text()

    await until("the message in the box", is_filled, instead=lambda: repository.fake.completions)
    assert (await text()).startswith("feat: add a sum")
    await window.picture(pictures / "vscode-commit-message.png")
    prompt = str(repository.fake.completions[-1].body["messages"])
    assert "return sum(values)" in prompt
    assert "feat: begin" in prompt
