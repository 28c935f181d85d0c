"""Commit messages: from what is staged, in the style of the repository, and nothing around it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from devstral_lsp.config.schema import ContextSettings, PrivacySettings, Settings
from devstral_lsp.errors import EndpointUnreachable
from devstral_lsp.providers.base import ChatProvider, FinishReason
from devstral_lsp.refactor.commit_message import write_commit_message
from devstral_lsp.refactor.types import RefactorRefused
from devstral_lsp.text import Snapshot, Text
from tests.support.scripted_chat import Saying, ScriptedChat

BOX = Snapshot(uri="", version=None, language="scminput", text=Text.of(""))


@pytest.fixture(autouse=True)
def _no_git_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)


def git(folder: Path, *arguments: str) -> None:
    author = ("-c", "user.name=n", "-c", "user.email=e@x")
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with two commits in one style, and a change that is staged."""
    git(tmp_path, "init", "-q")
    for message in ("fix(core): drop the cache", "feat(ui): show a menu"):
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", message)
    (tmp_path / "sums.py").write_text("def total(values):\n    return sum(values)\n")
    git(tmp_path, "add", "sums.py")
    return tmp_path


async def written(folder: Path, chat: ScriptedChat, settings: Settings | None = None) -> str:
    async def connect() -> ChatProvider:
        return chat

    nothing: Callable[[object], None] = lambda _: None  # noqa: E731
    return await write_commit_message(settings or Settings(), BOX, (folder,), connect, nothing)


async def test_the_model_is_told_what_is_staged_and_the_style(folder: Path) -> None:
    chat = ScriptedChat("feat(core): add a sum")
    assert await written(folder, chat) == "feat(core): add a sum"
    (asked,) = chat.asked
    prompt = str(asked.request.messages[-1]["content"])
    assert "+    return sum(values)" in prompt
    assert prompt.index("feat(ui): show a menu") < prompt.index("fix(core): drop the cache")
    assert "as the author of the messages above would" in prompt
    assert asked.closed


async def test_before_the_first_commit_there_is_no_style(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("a = 1\n")
    git(tmp_path, "add", ".")
    chat = ScriptedChat("Add a")
    assert await written(tmp_path, chat) == "Add a"
    assert "imperative" in str(chat.asked[0].request.messages[-1]["content"])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("```\nAdd a sum\n```", "Add a sum"),
        ("```text\nAdd a sum\n\nIt adds.\n```\n", "Add a sum\n\nIt adds."),
        ('"Add a sum"', "Add a sum"),
        ("`Add a sum`", "Add a sum"),
        ("Commit message: Add a sum\n", "Add a sum"),
        ("<message>\nAdd a sum\n</message>", "Add a sum"),
        ("Add `total` and use `sum`", "Add `total` and use `sum`"),
        ("Add a sum\u202e of all", "Add a sum of all"),
    ],
)
async def test_the_message_alone(folder: Path, said: str, message: str) -> None:
    assert await written(folder, ScriptedChat(said)) == message


async def test_a_line_that_is_cut_is_left_out(folder: Path) -> None:
    chat = ScriptedChat(Saying(("Add a sum\n\nIt adds all val",), FinishReason.LENGTH))
    assert await written(folder, chat) == "Add a sum"


@pytest.mark.parametrize(
    ("chat", "words"),
    [
        (ScriptedChat(" \n"), "no message"),
        (ScriptedChat(Saying(("Add ab",), FinishReason.SECRET_BROKEN)), "key or a password"),
    ],
)
async def test_an_answer_without_use_is_told(folder: Path, chat: ScriptedChat, words: str) -> None:
    with pytest.raises(RefactorRefused, match=words):
        await written(folder, chat)


async def test_a_failure_of_the_endpoint_is_the_users_to_see(folder: Path) -> None:
    with pytest.raises(EndpointUnreachable):
        await written(folder, ScriptedChat(EndpointUnreachable("It cannot be reached.")))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(context=ContextSettings(git_message=False)), "not sent"),
        (Settings(context=ContextSettings(enabled=False)), "not sent"),
        (Settings(privacy=PrivacySettings(exclude=("*.py",))), "Nothing is staged that may be"),
    ],
)
async def test_what_must_not_be_sent_is_not(folder: Path, settings: Settings, words: str) -> None:
    chat = ScriptedChat("never")
    with pytest.raises(RefactorRefused, match=words):
        await written(folder, chat, settings)
    assert chat.asked == []


async def test_nothing_staged_and_no_repository(folder: Path, tmp_path: Path) -> None:
    git(folder, "commit", "-q", "-m", "done")
    with pytest.raises(RefactorRefused, match="Nothing is staged"):
        await written(folder, ScriptedChat())
    with pytest.raises(RefactorRefused, match="no git repository"):
        await written(Path("/proc"), ScriptedChat())


async def test_no_program_of_the_repository_is_run(folder: Path) -> None:
    """Filters and hooks are, by git."""
    ran = folder / "ran"
    (folder / ".gitattributes").write_text("*.py filter=evil diff=evil\n")
    for name in ("clean", "smudge"):
        git(folder, "config", f"filter.evil.{name}", f"touch {ran}; cat")
    git(folder, "config", "diff.evil.textconv", f"touch {ran}; cat")
    git(folder, "config", "core.fsmonitor", f"touch {ran}")
    hook = folder / ".git" / "hooks" / "prepare-commit-msg"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    ran.unlink(missing_ok=True)
    assert await written(folder, ScriptedChat("Add a sum")) == "Add a sum"
    assert not ran.exists()
