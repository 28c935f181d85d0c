"""The messages of the last commits, from real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from devstral_lsp.git.history import recent_messages
from devstral_lsp.git.repository import find_repository
from devstral_lsp.git.work import Work


@pytest.fixture(autouse=True)
def _no_git_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)


def git(folder: Path, *arguments: str) -> None:
    author = ("-c", "user.name=n", "-c", "user.email=e@x")
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "commit", "-q", "--allow-empty", "-m", message)


def messages(folder: Path, most: int = 8, steps: int = 100_000) -> list[str]:
    work = Work(5.0, 10_000_000, steps)
    repository = find_repository(folder, os.environ, work)
    assert repository is not None
    return recent_messages(repository, work, most)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def test_before_the_first_commit(folder: Path) -> None:
    assert messages(folder) == []


@pytest.mark.parametrize("packed", [False, True])
def test_the_newest_first(folder: Path, packed: bool) -> None:
    for message in ("feat: one", "fix: two\n\nBecause of it.", "Grüße: drei"):
        commit(folder, message)
    if packed:
        git(folder, "gc", "-q")
    assert messages(folder) == ["Grüße: drei", "fix: two\n\nBecause of it.", "feat: one"]
    assert messages(folder, most=2) == ["Grüße: drei", "fix: two\n\nBecause of it."]


def test_along_the_first_parents(folder: Path) -> None:
    commit(folder, "base")
    git(folder, "checkout", "-q", "-b", "side")
    commit(folder, "side")
    git(folder, "checkout", "-q", "main")
    commit(folder, "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "side")
    assert messages(folder) == ["merge", "main", "base"]


def test_a_shallow_clone_ends_where_it_ends(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for message in ("one", "two", "three"):
        commit(folder, message)
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth=2", folder.as_uri(), ".")
    assert messages(clone) == ["three", "two"]


def test_it_keeps_to_the_work_that_is_allowed(folder: Path) -> None:
    commit(folder, "one")
    work = Work(5.0, 10_000_000, 100_000)
    repository = find_repository(folder, os.environ, work)
    assert repository is not None
    work.stop()
    assert recent_messages(repository, work, 8) == []
