"""Whether an editor would find the program, and what one is told who starts it by hand."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from devstral_lsp.cli.main import main
from devstral_lsp.cli.setup.editors import PROGRAM as NAME
from devstral_lsp.cli.setup.editors import path_hint

Captured = pytest.CaptureFixture[str]
PROGRAM = (sys.executable, "-m", "devstral_lsp")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with a program of our name."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / NAME).write_text("#!/bin/sh\n")
    (folder / NAME).chmod(0o755)
    return folder


def test_a_program_on_the_path_needs_no_words(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(installed))
    assert path_hint() == ""


def test_one_that_is_elsewhere_is_told_with_its_place(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(installed))
    assert path_hint().endswith(f"or give your editor the whole path, {installed / NAME}.")


def test_one_without_a_program_of_its_own_names_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    assert path_hint().endswith("and `pipx ensurepath`.")


@pytest.mark.parametrize(("editor", "needs_it"), [("helix", True), ("vscode", False)])
def test_init_tells_it_where_the_editor_looks_for_the_name(
    editor: str, needs_it: bool, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["init", editor, "--write"]) == 0
    assert ("is not on the PATH here" in capsys.readouterr().err) == needs_it


@pytest.mark.parametrize("is_found", [True, False])
def test_doctor_tells_it_and_counts_it_as_no_warning(
    is_found: bool, installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("PATH", str(installed) if is_found else "")
    monkeypatch.setenv("DEVSTRAL_FIM_PROVIDER", "local")
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert ("ok       command " in shown) != is_found
    assert "not on the PATH" not in shown.splitlines()[-1]


def test_who_starts_the_server_by_hand_is_told_what_it_waits_for() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        PROGRAM, stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        os.close(theirs)
        assert process.stderr is not None
        assert b"waits for an editor" in process.stderr.readline()
        process.terminate()
    os.close(ours)


def test_an_editor_is_told_nothing() -> None:
    done = subprocess.run(PROGRAM, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.stderr == b""
