"""Diffs that the usual tools take."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from devstral_lsp.edits.unified_diff import coloured, unified

TEXTS = ["", "a\n", "a", "a\nb\nc\n", "a\r\nb\r\n", "a\rb\n\u2028\x0cc\n", "a\nb\nc", "é\n-- x\n"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("old", TEXTS)
@pytest.mark.parametrize("new", TEXTS[3:6])
def test_git_makes_the_new_text_of_it(tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(old.encode())
    diff = unified(old, new, "a.txt", is_new=not old)
    if not old:
        file.unlink()
    if old == new:
        assert diff == ""
        return
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, input=diff.encode(), cwd=tmp_path, check=True)
    assert file.read_bytes() == new.encode()


def test_colours_say_what_comes_and_goes_and_nothing_else_gets_through() -> None:
    shown = coloured(unified("a\nb\n", "a\n\x1b[2Jc\n", "x"))
    assert "\x1b[31m-b\x1b[0m" in shown
    assert "\x1b[32m+\\x1b[2Jc\x1b[0m" in shown


NAMES = ["a\x1b[31m.txt", "a\nb.txt", 'a"b.txt', "a\\b.txt", "a\tb.txt", "\u202etxt.a", "é ü.txt"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_git_finds_a_file_whose_name_cannot_stand_in_a_line(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("a\n", encoding="utf-8")
    diff = unified("a\n", "b\n", name)
    assert all(line.isprintable() for line in diff.split("\n"))
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=tmp_path, check=True)
    assert file.read_text(encoding="utf-8") == "b\n"
