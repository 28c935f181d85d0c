"""Configuration files say what git reads in them, and take linear time whatever they hold."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from devstral_lsp.git.config import parse_config
from tests.git.repositories import Git

TEXT = r"""
# a comment
[core]
    repositoryFormatVersion = 1 ; the format
    bare
	worktree = "../with \"quotes\" ; and # marks"   # left out
[Extensions] objectFormat = sha256
[branch "Fix/a.b \"c\""]
    description = one \
two
    merge = refs/heads/x\ty
[safe]
    directory = /a
    directory =
    directory = "/b c"
[include]
    path = other
[user]
	name = A  B   ; trailing
"""


def test_it_reads_what_git_reads(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(TEXT)
    listed = Git(tmp_path)("config", "--file", "file", "--no-includes", "--null", "--list")
    theirs = [entry.partition("\n")[::2] for entry in listed.split("\0") if entry]
    ours = list(parse_config(TEXT))
    assert len(ours) == len(theirs)
    for (key, value), (their_key, their_value) in zip(ours, theirs, strict=True):
        if key.startswith("branch."):
            assert value == their_value
        elif key == "core.bare":
            assert (value, their_value) == ("true", "")
        else:
            assert (key, value) == (their_key, their_value)


@pytest.mark.parametrize(
    "pumped",
    [
        "[",
        "[a",
        "[a ",
        '[a "',
        '[a "\\',
        "[a]\nb",
        "[a]\nb ",
        '[a]\nb="',
        "[a]\nb=\\\n",
        "[a]b=1\n",
    ],
)
@pytest.mark.parametrize("pump", [" ", '"', "\\", "a", "[", "\n", "\\\n", "=", "#"])
def test_it_takes_linear_time(pumped: str, pump: str) -> None:
    start = time.monotonic()
    list(parse_config(pumped + pump * 200_000 + "!"))
    assert time.monotonic() - start < 5
