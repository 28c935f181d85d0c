"""Repositories made by a real git, for those who read them without one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.git.objects import Objects
from devstral_lsp.git.repository import Repository, find_repository
from devstral_lsp.git.unified import render_staged_diff
from devstral_lsp.git.work import Work

IDENTITY = ("-c", "user.name=n", "-c", "user.email=e@x", "-c", "init.defaultBranch=main")


def environment(home: Path, **variables: str) -> dict[str, str]:
    """What git runs in: nothing of the user's, and nothing of a git that runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", **variables}


def work(seconds: float = 20.0) -> Work:
    """More than enough."""
    return Work(seconds, 1_000_000_000, 50_000_000)


@dataclass(frozen=True, slots=True)
class Git:
    """A git program, run in one folder."""

    folder: Path
    program: str = "git"
    variables: Mapping[str, str] | None = None

    def __call__(self, *arguments: str, data: bytes = b"", check: bool = True) -> str:
        done = subprocess.run(
            (self.program, *IDENTITY, *arguments),
            cwd=self.folder,
            env=environment(self.folder, **(self.variables or {})),
            input=data,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"git {arguments}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout.decode("utf-8", "replace")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def stage(self, files: Mapping[str, str | bytes]) -> None:
        self.write(files)
        self("add", "-f", "--", *files)

    def commit(self, files: Mapping[str, str | bytes]) -> None:
        self.stage(files)
        self("commit", "-qm", "more")


def opened(folder: Path) -> Repository:
    """The repository that git would open in a folder."""
    found = find_repository(folder, {"HOME": str(folder)}, work())
    assert found is not None
    return found


def diffs(
    folder: Path,
    is_private: Callable[[str], bool] = lambda path: False,
    allowed: Work | None = None,
) -> list[str]:
    """What is staged in a folder, as we read it."""
    return render_staged_diff(opened(folder), is_private, allowed or work(), 10_000_000)


def objects_of(folder: Path) -> Objects:
    found = opened(folder)
    return Objects(f"{found.common_dir}/objects", found.hash_bytes, work())
