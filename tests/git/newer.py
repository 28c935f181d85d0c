"""A git that is newer than Debian 12's: with reftables, and with guards that older ones lack."""

from __future__ import annotations

from pathlib import Path

from tests.editors.support.debian_tree import tree

PROGRAMS = ("usr/bin/git", "usr/lib/git-core/git")


def newer_git(folder: Path) -> str:
    """A program in `folder` that runs the git of Debian 13. Raises Unavailable."""
    root = tree("trixie", ("git",), PROGRAMS)
    program = folder / "newer-git"
    inner = f'GIT_EXEC_PATH={root}/usr/lib/git-core exec {root}/{PROGRAMS[0]} "$@"'
    program.write_text(f"#!/bin/sh\n{inner}\n")
    program.chmod(0o755)
    return str(program)
