"""`devstral.commitMessage`: answered, or put into the document that git opened."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import StartEditor
from tests.e2e.test_switch_commands import command
from tests.support import replies
from tests.support.answers import Answer
from tests.support.clients import NEOVIM
from tests.support.editor import Editor
from tests.support.fake_mistral import FakeMistral
from tests.support.workbench import Workbench

pytestmark = pytest.mark.long

COMMENTS = "│\n# Please enter the commit message for your changes.\n"


def git(folder: Path, *arguments: str) -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    author = ("-c", "user.name=n", "-c", "user.email=e@x")
    command = ["git", *author, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=outside)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "-q")
    git(project, "commit", "-q", "--allow-empty", "-m", "feat: begin")
    (project / "sums.py").write_text("def total(values):\n    return sum(values)\n")
    git(project, "add", "sums.py")
    return project


async def started(start: StartEditor, folder: Path, fake: FakeMistral, **options: object) -> Editor:
    own = {"chat.base_url": fake.url, "chat.model": "devstral-2512", **options}
    return await start(NEOVIM, root_uri=folder.as_uri(), initialization_options=own)


async def test_the_message_is_answered(start: StartEditor, folder: Path) -> None:
    async with FakeMistral([Answer(text=("feat: add", " a sum"))], key=None) as fake:
        editor = await started(start, folder, fake)
        answer = await command(editor, "devstral.commitMessage")
        assert answer == {"message": "feat: add a sum"}
        prompt = str(fake.completions[0].body["messages"])
        assert "return sum(values)" in prompt
        assert "feat: begin" in prompt


async def test_it_goes_to_the_top_of_the_open_message(start: StartEditor, folder: Path) -> None:
    async with FakeMistral([Answer(text=("feat: add a sum",))], key=None) as fake:
        bench = Workbench(await started(start, folder, fake))
        uri = (folder / ".git" / "COMMIT_EDITMSG").as_uri()
        bench.open(COMMENTS, uri)
        await bench.command("devstral.commitMessage", {"uri": uri})
        await bench.editor.until(lambda: bench.texts[uri].startswith("feat: add a sum\n"))
        assert bench.texts[uri].endswith("for your changes.\n")


async def test_what_is_missing_is_told(start: StartEditor, folder: Path) -> None:
    git(folder, "commit", "-q", "-m", "done")
    async with FakeMistral(key=None) as fake:
        editor = await started(start, folder, fake)
        assert await command(editor, "devstral.commitMessage") is None
        await editor.until(lambda: editor.shown_about("Nothing is staged"))
        assert not fake.completions


async def test_in_a_folder_that_is_not_trusted_nothing_is_read(
    start: StartEditor, folder: Path
) -> None:
    async with FakeMistral(key=None) as fake:
        editor = await started(start, folder, fake, workspaceTrusted=False)
        assert await command(editor, "devstral.commitMessage") is None
        await editor.until(lambda: editor.shown_about("not trusted"))
        assert not fake.completions


async def test_it_is_cancelled(start: StartEditor, folder: Path) -> None:
    async with FakeMistral([replies.endless()], key=None) as fake:
        editor = await started(start, folder, fake)
        answer = asyncio.ensure_future(command(editor, "devstral.commitMessage"))
        upstream = await fake.arrival(1)
        await command(editor, "devstral.cancel")
        assert await answer is None
        await upstream.hung_up.wait()
        assert editor.shown_about("message") == [], "who cancels need not be told"
