"""Which repository is opened: the one that git itself would open there, and else none."""

from __future__ import annotations

import ntpath
import os
import posixpath
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from devstral_lsp.git.files import roots_of
from devstral_lsp.git.repository import (
    Repository,
    find_message_repository,
    find_repository,
)
from devstral_lsp.git.unified import render_staged_diff
from devstral_lsp.git.work import Unreadable
from tests.git.repositories import Git, work
from tests.support.looks import looked_at


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository with one commit."""
    git = Git(tmp_path / "main")
    git.folder.mkdir()
    git("init", "-q")
    git.commit({"a.py": "one\n", "src/b.py": "one\n"})
    return git


def found(folder: Path, **environ: str) -> Repository | None:
    return find_repository(folder, {"HOME": "/nowhere", **environ}, work())


def of_message(path: Path) -> Repository | None:
    return find_message_repository(path, {"HOME": "/nowhere"}, work())


def refusal(folder: Path, **environ: str) -> str:
    with pytest.raises(Unreadable) as refused:
        found(folder, **environ)
    return str(refused.value)


def dirs(repository: Repository | None) -> tuple[str, str]:
    assert repository is not None
    return repository.git_dir, repository.common_dir


def by_git(git: Git) -> tuple[str, str]:
    """What git itself opens."""
    asked = "--absolute-git-dir", "--git-common-dir"
    git_dir, common = (git("rev-parse", each).strip() for each in asked)
    return git_dir, os.path.realpath(git.folder / common)


def linked(git: Git) -> Git:
    git("worktree", "add", "-q", "../linked")
    return Git(git.folder.parent / "linked")


def submodule(git: Git) -> Git:
    other = Git(git.folder.parent / "other")
    other.folder.mkdir()
    other("init", "-q")
    other.commit({"x.py": "x\n"})
    git("-c", "protocol.file.allow=always", "submodule", "add", "-q", "../other", "libs/sub")
    return Git(git.folder / "libs/sub")


def test_a_folder_of_a_working_tree(git: Git, tmp_path: Path) -> None:
    for folder in (git.folder, git.folder / "src", git.folder / "no/such"):
        assert dirs(found(folder)) == by_git(git)
    (tmp_path / "link").symlink_to(git.folder / "src")
    assert dirs(found(tmp_path / "link")) == by_git(git)
    assert found(tmp_path) is None


def test_a_further_working_tree(git: Git) -> None:
    more = linked(git)
    assert dirs(found(more.folder / "src")) == by_git(more)
    git_dir = Path(by_git(more)[0])
    assert dirs(of_message(git_dir / "COMMIT_EDITMSG")) == by_git(more)


def test_a_submodule_and_a_further_working_tree_of_it(git: Git) -> None:
    sub = submodule(git)
    assert dirs(found(sub.folder)) == by_git(sub)
    assert dirs(of_message(Path(by_git(sub)[0]) / "COMMIT_EDITMSG")) == by_git(sub)
    more = linked(sub)
    assert dirs(found(more.folder)) == by_git(more)
    sub("sparse-checkout", "set", "x")  # moves core.worktree to another file
    assert dirs(found(sub.folder)) == by_git(sub)


def test_a_message_in_the_git_folder(git: Git) -> None:
    assert dirs(of_message(git.folder / ".git/COMMIT_EDITMSG")) == by_git(git)
    assert of_message(git.folder / "COMMIT_EDITMSG") is None


def bare_as_files(git: Git) -> Path:
    """What a clone may hold, as files like any others."""
    docs = git.folder / "docs"
    shutil.copytree(git.folder / ".git", docs)
    return docs


@pytest.mark.parametrize("below", ["", "inner/folder"])
def test_a_bare_repository_among_the_files(git: Git, below: str) -> None:
    assert refusal(bare_as_files(git) / below) == "a bare repository"


def test_a_message_in_a_git_folder_that_no_working_tree_leads_to(git: Git) -> None:
    modules = git.folder / ".git/modules/evil"
    shutil.copytree(git.folder / ".git", git.folder.parent / "copy")
    shutil.move(git.folder.parent / "copy", modules)
    with pytest.raises(Unreadable):
        of_message(modules / "COMMIT_EDITMSG")
    Git(git.folder)("config", "-f", str(modules / "config"), "core.worktree", str(git.folder))
    with pytest.raises(Unreadable):
        of_message(modules / "COMMIT_EDITMSG")


@pytest.mark.parametrize("kind", ["fifo", "link", "dangling", "garbage", "long", "nowhere"])
def test_a_dot_git_that_is_none(tmp_path: Path, git: Git, kind: str) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    dot_git = clone / ".git"
    if kind == "fifo":
        os.mkfifo(dot_git)
    elif kind == "link":
        dot_git.symlink_to(git.folder / ".git")
    elif kind == "dangling":
        dot_git.symlink_to("nowhere")
    else:
        text = {"garbage": "\0", "long": "gitdir: " + "x" * 9_000, "nowhere": "gitdir: no/such"}
        dot_git.write_text(text[kind])
    refusal(clone)


def test_a_dot_git_file_that_leads_into_another_repository(tmp_path: Path, git: Git) -> None:
    sub, more = submodule(git), linked(git)
    clone = tmp_path / "clone"
    clone.mkdir()
    for inside in (git.folder / ".git", by_git(sub)[0], by_git(more)[0]):
        (clone / ".git").write_text(f"gitdir: {inside}\n")
        refusal(clone)


def test_a_git_folder_that_borrows_from_another_repository(tmp_path: Path, git: Git) -> None:
    clone = Git(tmp_path / "clone")
    clone.folder.mkdir()
    clone("init", "-q")
    (clone.folder / ".git/commondir").write_text(str(git.folder / ".git"))
    refusal(clone.folder)


@pytest.mark.parametrize("part", ["HEAD", "objects", "refs", "config"])
def test_parts_of_a_git_folder_that_are_links(tmp_path: Path, git: Git, part: str) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(git.folder, clone)
    inside = clone / ".git" / part
    shutil.rmtree(inside) if inside.is_dir() else inside.unlink()
    inside.symlink_to(git.folder / ".git" / part)
    with suppress(Unreadable):
        assert found(clone) is None


@pytest.mark.parametrize(
    ("path", "beside", "roots"),
    [
        ("/main/.git", "/clone", ["/"]),
        (r"C:\main\.git", r"C:\clone", ["C:\\"]),
        (r"D:\main\.git", r"C:\clone", ["C:\\", "D:\\"]),
        (r"\\evil.example\share\x", r"C:\clone", ["C:\\"]),
        ("//evil.example/share/x", r"C:\clone", ["C:\\"]),
        (r"\\?\UNC\evil.example\share\x", r"C:\clone", ["C:\\"]),
        (r"\\.\pipe\x", r"C:\clone", ["C:\\"]),
        (r"\\own\share\main", r"\\own\share\clone", [r"\\own\share" + "\\"]),
    ],
)
def test_what_a_clone_names_is_on_no_other_machine(
    path: str, beside: str, roots: list[str]
) -> None:
    assert roots_of(path, beside, posixpath if beside.startswith("/") else ntpath) == roots


@pytest.mark.parametrize("part", ["refs", "refs/heads", "objects", "objects/pack", ".git"])
def test_no_link_of_a_git_folder_is_followed_out_of_it(
    git: Git, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = git.folder / ".git" / part if part != ".git" else git.folder / ".git"
    shutil.rmtree(inside)
    inside.symlink_to("/net/evil.example/share")
    looked = looked_at(monkeypatch)
    with suppress(Unreadable):
        if repository := found(git.folder):
            render_staged_diff(repository, lambda _: False, work(), 100_000)
    assert [each for each in looked if each.startswith("/net")] == []
    assert looked


@pytest.mark.parametrize("path", ["a\0b", "a\ud800b", "x" * 5000, "d/" * 3000, "loop"])
def test_a_folder_that_cannot_be(tmp_path: Path, path: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with suppress(Unreadable):
        assert found(tmp_path / path) is None
    with suppress(Unreadable):
        assert of_message(tmp_path / path / ".git/COMMIT_EDITMSG") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gitdir", "{pipe}\n"),
        ("gitdir", "{loop}/.git\n"),
        ("commondir", ".\n"),
        ("commondir", "{loop}\n"),
        ("commondir", "{pipe}\n"),
        ("config", "[core]\nworktree = {loop}\n"),
        ("config", "[core]\nworktree = {pipe}\n"),
        ("config", "[core]\nworktree = /dev/stdin\n"),
    ],
)
def test_a_git_folder_that_names_what_has_no_end(
    git: Git, tmp_path: Path, name: str, text: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    clone, inside = tmp_path / "clone", tmp_path / "inside"
    clone.mkdir()
    shutil.copytree(git.folder / ".git", inside)
    (clone / ".git").write_text("gitdir: ../inside\n")
    (inside / "gitdir").write_text(f"{clone}/.git\n")
    (inside / "gitdir").unlink() if name == "config" else None
    (inside / name).write_text(text.format(pipe=tmp_path / "pipe", loop=tmp_path / "loop"))
    refusal(clone)
    for part in ("HEAD", "gitdir", "commondir", "config", "index", "objects"):
        path = inside / part
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        os.mkfifo(path)
    refusal(clone)
    for named in ("pipe", "loop", "/dev/zero", "/dev/stdin", ".git", "\udcff"):
        (clone / ".git").write_bytes(b"gitdir: " + os.fsencode(tmp_path / named))
        refusal(clone)


@pytest.mark.parametrize(
    "config",
    [
        "[core]\nrepositoryformatversion = 2\n",
        "[core]\nrepositoryformatversion = x\n",
        "[core]\nrepositoryformatversion = 1\n[extensions]\nunheard = true\n",
        "[core]\nrepositoryformatversion = 1\n[extensions]\nobjectFormat = md5\n",
        "[core]\nrepositoryformatversion = 1\n[extensions]\nrefStorage = postgres\n",
        "#" * 1_000_001,
    ],
)
def test_a_format_that_is_not_known(git: Git, config: str) -> None:
    (git.folder / ".git/config").write_text(config)
    refusal(git.folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may")
def test_another_users_repository(git: Git, tmp_path: Path) -> None:
    os.chown(git.folder / ".git", 12345, -1)
    assert refusal(git.folder) == "another user's repository"
    assert found(git.folder, SUDO_UID="12345") is not None
    config = tmp_path / ".gitconfig"
    for safe, is_opened in (
        (str(git.folder), True),
        ("*", True),
        (f"{tmp_path}/*", True),
        (f"{git.folder}/src", False),
        ("", False),
    ):
        config.write_text(f"[safe]\n\tdirectory = {safe}\n")
        if is_opened:
            assert found(git.folder, HOME=str(tmp_path)) is not None
        else:
            refusal(git.folder, HOME=str(tmp_path))
    (git.folder / ".git/config").write_text("[safe]\ndirectory = *\n")
    refusal(git.folder)


def test_the_index_of_a_commit_in_the_making(git: Git, tmp_path: Path) -> None:
    inside, outside = git.folder / ".git/next-index-7.lock", tmp_path / "index"
    for path in (inside, outside):
        shutil.copy(git.folder / ".git/index", path)
    (git.folder / ".git/link").symlink_to(outside)

    def index_by(variable: object) -> str:
        repository = found(git.folder, GIT_INDEX_FILE=str(variable))
        assert repository is not None
        return repository.index

    assert index_by(inside) == "next-index-7.lock"
    assert index_by(".git/next-index-7.lock") == "next-index-7.lock"
    for other in ("", outside, "/dev/zero", ".git/gone.lock", "../index"):
        assert index_by(other) == "index"
