"""The staged diff as context of a commit message, from real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from devstral_lsp.context.base import ContextQuery, Snippet
from devstral_lsp.context.commit_message import CommitMessage, truncate_diff
from tests.context.asking import query_at, write


@pytest.fixture(autouse=True)
def _no_git_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite itself may be run by git, from a hook."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"a.py": "one\n", "b.py": "one\n"})
    git(tmp_path, "add", ".")
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, timeout=30, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-q", "-m", "first")


def message(repository: Path, *, git_dir: str = ".git") -> ContextQuery:
    return query_at(repository / git_dir / "COMMIT_EDITMSG", "│\n", language="gitcommit")


async def diff(query: ContextQuery, source: CommitMessage | None = None) -> str:
    found = await (source or CommitMessage()).snippets(query)
    return found[0].text if found else ""


async def test_what_is_staged_and_nothing_else(repository: Path) -> None:
    write(repository, {"a.py": "two\n", "b.py": "two\n"})
    git(repository, "add", "a.py")
    shown = await diff(message(repository))
    assert "diff --git a/a.py b/a.py" in shown
    assert "-one\n+two" in shown
    assert "b.py" not in shown
    assert "index " not in shown


async def test_it_is_asked_again_when_more_is_staged(repository: Path) -> None:
    source = CommitMessage()
    assert await diff(message(repository), source) == ""
    write(repository, {"a.py": "two and more\n"})
    git(repository, "add", "a.py")
    assert "two and more" in await diff(message(repository), source)


async def test_it_is_read_once_for_one_index(repository: Path) -> None:
    write(repository, {"a.py": "two\n"})
    git(repository, "add", "a.py")
    source = CommitMessage()
    first = await diff(message(repository), source)
    shutil.rmtree(repository / ".git" / "objects")
    assert await diff(message(repository), source) == first != ""


async def test_it_is_not_waited_for_for_ever(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, {"a.py": "two\n"})
    git(repository, "add", "a.py")
    source = CommitMessage()
    with monkeypatch.context() as patch:
        patch.setattr("devstral_lsp.context.commit_message.TIMEOUT_S", -1.0)
        assert await diff(message(repository), source) == ""
    assert "+two" in await diff(message(repository), source)


async def test_nothing_private_is_told(repository: Path) -> None:
    write(repository, {".env": "KEY=hunter2\n", "my certs/x.pem": "hunter3\n", "a.py": "two\n"})
    git(repository, "add", "-f", ".")
    shown = await diff(message(repository))
    assert "hunter" not in shown
    assert "two" in shown


async def test_nothing_that_is_kept_from_assistants_is_told(repository: Path) -> None:
    write(repository, {".aiignore": "b.py\nkept/", "b.py": "two\n", "kept/c.py": "two\n"})
    write(repository, {"a.py": "two\n"})
    git(repository, "add", ".")
    shown = await diff(message(repository))
    assert "a.py" in shown
    assert "b/b.py" not in shown
    assert "c.py" not in shown


async def test_a_file_that_was_private_once(repository: Path) -> None:
    write(repository, {".env": "KEY=hunter2\nA=1\nB=2\nC=3\n"})
    git(repository, "add", ".")
    commit(repository)
    git(repository, "mv", ".env", "notes.txt")
    write(repository, {"notes.txt": "KEY=hunter2\nA=9\nB=2\nC=3\n", "a.py": "two\n"})
    git(repository, "add", ".")
    shown = await diff(message(repository))
    assert "hunter2" not in shown
    assert "two" in shown


def test_many_files_are_cut_in_time() -> None:
    start = time.monotonic()
    shown = truncate_diff([f"diff --git a/{n} b/{n}\n+{n}\n" for n in range(40_000)], 100_000)
    assert len(shown) <= 100_000
    assert time.monotonic() - start < 5


async def test_in_a_further_working_tree(repository: Path) -> None:
    git(repository, "worktree", "add", "-q", "more")
    write(repository, {"more/a.py": "two\n"})
    git(repository / "more", "add", "a.py")
    assert "+two" in await diff(message(repository, git_dir=".git/worktrees/more"))
    assert await diff(message(repository)) == ""


async def test_before_the_first_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"a.py": "one\n"})
    git(tmp_path, "add", ".")
    assert "+one" in await diff(message(tmp_path))


async def test_a_box_for_messages_without_a_file(repository: Path) -> None:
    write(repository, {"a.py": "two\n"})
    git(repository, "add", "a.py")
    box = query_at("/nowhere", "│", language="scminput", folders=(repository,))
    assert "+two" in await diff(box)


async def test_no_message_no_diff(repository: Path) -> None:
    assert await diff(query_at(repository / "a.py", "│\n")) == ""


async def test_outside_of_a_repository(tmp_path: Path) -> None:
    assert await diff(query_at(tmp_path / "COMMIT_EDITMSG", "│\n")) == ""


async def test_it_keeps_to_the_budget(repository: Path) -> None:
    write(repository, {f"{n}.py": f"{n}\n" * 2_000 for n in range(5)})
    git(repository, "add", ".")
    query = message(repository)
    (shown,) = await CommitMessage().snippets(query)
    assert isinstance(shown, Snippet)
    assert len(shown.text) <= query.budget_characters


def test_small_files_are_shown_whole_and_large_ones_are_cut() -> None:
    small = "diff --git a/s b/s\n+small\n"
    large = "diff --git a/l b/l\n" + "+large\n" * 500
    shown = truncate_diff([large, small], 1_000)
    assert shown.endswith(small.rstrip("\n"))
    assert shown.count("+large\n") > 50
    assert len(shown) <= 1_000
    assert all(
        line in ("+large", "+small") or line.startswith("diff") for line in shown.split("\n")
    )
