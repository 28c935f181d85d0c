"""Repositories that name a program, each in a way that a real git follows, and a trap to name.

`ARMS` says what an attacker writes into the configuration. An arm returns the arguments with which
plain git, run in that repository, springs the trap: so that a test can tell that it is set.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.git.repositories import Git

STAGED = "staged_marker = 1"
"""Stands in what is staged, and nowhere else."""
GITS = ["git", *filter(None, [os.environ.get("DEVSTRAL_TEST_GIT")])]
"""That on the PATH, and another version if there is one at hand."""


class Trap:
    """A program that leaves a file behind when it is run."""

    def __init__(self, folder: Path) -> None:
        self.sprung = folder / "sprung"
        self.path = folder / "trap"
        self.path.write_text(f"#!/bin/sh\ntouch {self.sprung}\n")
        self.path.chmod(0o755)

    def is_sprung(self) -> bool:
        """Whether it was run since this was last asked."""
        was = self.sprung.exists()
        self.sprung.unlink(missing_ok=True)
        return was


def repository(folder: Path, program: str = "git") -> Git:
    """A repository with a commit and one staged change."""
    folder.mkdir(parents=True)
    git = Git(folder, program)
    git("init", "-q")
    git.commit({"app.py": "def add(a, b):\n    return a + b\n", "lib.py": "one = 1\n"})
    git.stage({"lib.py": f"one = 1\n{STAGED}\n"})
    return git


def lose_a_blob(git: Git) -> None:
    """As in a partial clone: what HEAD has of `lib.py` would be fetched."""
    oid = git("rev-parse", "HEAD:lib.py").strip()
    (git.folder / ".git/objects" / oid[:2] / oid[2:]).unlink()
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
    ):
        git("config", key, value)


def _ssh_command(git: Git, trap: Trap) -> tuple[str, ...]:
    lose_a_blob(git)
    git("config", "remote.origin.url", "ssh://nowhere.invalid/x")
    git("config", "core.sshCommand", str(trap.path))
    return ("diff", "--cached")


def _git_proxy(git: Git, trap: Trap) -> tuple[str, ...]:
    lose_a_blob(git)
    git("config", "remote.origin.url", "git://nowhere.invalid/x")
    git("config", "core.gitProxy", str(trap.path))
    return ("diff", "--cached")


def _external_protocol(git: Git, trap: Trap) -> tuple[str, ...]:
    lose_a_blob(git)
    git("config", "remote.origin.url", f"ext::{trap.path}")
    git("config", "protocol.ext.allow", "always")
    return ("diff", "--cached")


def _instead_of(git: Git, trap: Trap) -> tuple[str, ...]:
    lose_a_blob(git)
    git("config", "remote.origin.url", "https://github.com/x/y")
    git("config", f"url.ext::{trap.path} .insteadOf", "https://github.com/")
    git("config", "protocol.allow", "always")
    return ("diff", "--cached")


def _vcs(git: Git, trap: Trap) -> tuple[str, ...]:
    lose_a_blob(git)
    git("config", "remote.origin.url", "x")
    git("config", "remote.origin.vcs", "ext")
    git("config", "remote.origin.url", f"{trap.path}")
    git("config", "protocol.ext.allow", "always")
    return ("diff", "--cached")


def _upload_pack(git: Git, trap: Trap) -> tuple[str, ...]:
    lose_a_blob(git)
    git("config", "remote.origin.url", f"file://{git.folder}")
    git("config", "remote.origin.uploadpack", str(trap.path))
    return ("diff", "--cached")


def _external_diff(git: Git, trap: Trap) -> tuple[str, ...]:
    git("config", "diff.external", str(trap.path))
    return ("diff", "--cached")


def _driver(git: Git, trap: Trap) -> tuple[str, ...]:
    git.write({".gitattributes": "*.py diff=trap\n"})
    git("config", "diff.trap.command", str(trap.path))
    return ("diff", "--cached")


def _text_conversion(git: Git, trap: Trap) -> tuple[str, ...]:
    git.write({".gitattributes": "*.py diff=trap\n"})
    git("config", "diff.trap.textconv", str(trap.path))
    return ("diff", "--cached")


def _attributes_of_the_git_folder(git: Git, trap: Trap) -> tuple[str, ...]:
    (git.folder / ".git/info").mkdir(exist_ok=True)
    (git.folder / ".git/info/attributes").write_text("* diff=trap\n")
    git("config", "diff.trap.command", str(trap.path))
    return ("diff", "--cached")


def _included(git: Git, trap: Trap) -> tuple[str, ...]:
    git.write({"notes.txt": f"[diff]\n\texternal = {trap.path}\n"})
    git("config", "include.path", "../notes.txt")
    return ("diff", "--cached")


def _included_if(git: Git, trap: Trap) -> tuple[str, ...]:
    git.write({"notes.txt": f"[diff]\n\texternal = {trap.path}\n"})
    git("config", "includeIf.onbranch:**.path", "../notes.txt")
    return ("diff", "--cached")


def _worktree_configuration(git: Git, trap: Trap) -> tuple[str, ...]:
    git("config", "extensions.worktreeConfig", "true")
    git("config", "--worktree", "diff.external", str(trap.path))
    return ("diff", "--cached")


def _file_system_monitor(git: Git, trap: Trap) -> tuple[str, ...]:
    git("config", "core.fsmonitor", str(trap.path))
    return ("status",)


def _clean_filter(git: Git, trap: Trap) -> tuple[str, ...]:
    git.write({".gitattributes": "*.py filter=trap\n", "app.py": "def add(a, b):\n    return 7\n"})
    git("config", "filter.trap.clean", str(trap.path))
    return ("diff",)


def _filter_process(git: Git, trap: Trap) -> tuple[str, ...]:
    git.write({".gitattributes": "*.py filter=trap\n", "app.py": "def add(a, b):\n    return 7\n"})
    git("config", "filter.trap.process", str(trap.path))
    return ("diff",)


def _pager(git: Git, trap: Trap) -> tuple[str, ...]:
    git("config", "core.pager", str(trap.path))
    return ("-c", "alias.page=!$(git var GIT_PAGER)", "page")  # it has no terminal to page on


def _hooks_path(git: Git, trap: Trap) -> tuple[str, ...]:
    hooks = git.folder / "hooks"
    hooks.mkdir()
    shutil.copy(trap.path, hooks / "post-index-change")
    git("config", "core.hooksPath", str(hooks))
    os.utime(git.folder / "app.py", (1, 1))  # so that git refreshes its index
    return ("status",)


def _hook(git: Git, trap: Trap) -> tuple[str, ...]:
    (git.folder / ".git/hooks").mkdir(exist_ok=True)
    shutil.copy(trap.path, git.folder / ".git/hooks/post-index-change")
    os.utime(git.folder / "app.py", (1, 1))
    return ("status",)


def _signature(git: Git, trap: Trap) -> tuple[str, ...]:
    git("config", "gpg.program", str(trap.path))
    return ("commit", "--allow-empty", "-q", "-S", "-m", "x")


def _editor(git: Git, trap: Trap) -> tuple[str, ...]:
    git("config", "core.editor", str(trap.path))
    return ("commit", "--allow-empty", "-q")


def _credential_helper(git: Git, trap: Trap) -> tuple[str, ...]:
    git("config", "credential.helper", str(trap.path))
    return ("credential", "fill")


def _alias(git: Git, trap: Trap) -> tuple[str, ...]:
    git("config", "alias.staged", f"!{trap.path}")
    return ("staged",)


ARMS: dict[str, Callable[[Git, Trap], tuple[str, ...]]] = {
    "core.sshCommand of a promisor": _ssh_command,
    "core.gitProxy of a promisor": _git_proxy,
    "ext:: as a promisor": _external_protocol,
    "url.insteadOf of a promisor": _instead_of,
    "remote.vcs of a promisor": _vcs,
    "remote.uploadpack of a promisor": _upload_pack,
    "diff.external": _external_diff,
    "diff.command": _driver,
    "diff.textconv": _text_conversion,
    "diff.command by info/attributes": _attributes_of_the_git_folder,
    "include.path": _included,
    "includeIf": _included_if,
    "config.worktree": _worktree_configuration,
    "core.fsmonitor": _file_system_monitor,
    "filter.clean": _clean_filter,
    "filter.process": _filter_process,
    "core.hooksPath": _hooks_path,
    "a hook": _hook,
    "core.pager": _pager,
    "gpg.program": _signature,
    "core.editor": _editor,
    "credential.helper": _credential_helper,
    "an alias": _alias,
}


def hide_as_files(git: Git, name: str = "docs") -> Path:
    """A copy of the git folder among the files, as a clone may hold it, ready to be opened."""
    docs = git.folder / name
    shutil.copytree(git.folder / ".git", docs)
    (docs / "COMMIT_EDITMSG").write_text("\n")
    return docs


def with_armed_submodule(git: Git, trap: Trap) -> tuple[str, ...]:
    """Attack 2: the submodule's configuration names the program, and the outer one goes there."""
    inner = Git(git.folder / "sub", git.program)
    inner.folder.mkdir()
    inner("init", "-q")
    inner.commit({"x.py": "1\n"})
    git("add", "sub")
    git.commit({"lib.py": "one = 1\n"})
    inner.commit({"x.py": "2\n"})
    git("add", "sub")
    git.stage({"lib.py": f"one = 1\n{STAGED}\n"})
    git("config", "diff.submodule", "diff")
    inner("config", "diff.external", str(trap.path))
    return ("diff", "--cached", "--no-ext-diff", "--no-textconv")
