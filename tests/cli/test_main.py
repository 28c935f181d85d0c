"""The command line as a whole, much of it in processes of its own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from devstral_lsp import __version__
from devstral_lsp.cli.main import COMMANDS, main
from tests.support.familiar import BEGUN, LINE, REST, UNFINISHED

PROGRAM = (sys.executable, "-m", "devstral_lsp")


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("docter", "`docter` is not a command. Did you mean `doctor`?"),
        ("completion", "Did you mean `complete`?"),
        ("zzz", "The commands are: serve, complete, refactor, init, stats, why, doctor."),
    ],
)
def test_an_unknown_command_is_told_the_nearest(
    word: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([word, "a.py:1"])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"devstral-lsp {name}" in capsys.readouterr().out


def test_help_may_be_asked_for_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words, says in ((["help"], "commands:"), (["help", "doctor"], "devstral-lsp doctor")):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0
        assert says in capsys.readouterr().out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown and entry.summary in shown for name, entry in COMMANDS.items())


@pytest.mark.parametrize(
    "arguments", [["--nonsense"], ["complete"], ["complete", "a:1", "b"], ["doctor", "--nonsense"]]
)
def test_bad_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: devstral-lsp ")


def test_the_version_is_the_packages() -> None:
    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"devstral-lsp {__version__}\n"


def test_a_pipe_shows_marks_and_a_file_that_is_read_alone(project: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "complete", f"new.py:{LINE}", "--stdin", "--provider", "local"],
        input=UNFINISHED,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    assert f"> {LINE}  {BEGUN}⟦{REST}⟧\n" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("command", [["complete", f"a.py:{LINE}"], ["doctor"]])
def test_signs_that_the_encoding_lacks_are_question_marks(
    project: Path, command: list[str]
) -> None:
    Path("a.py").write_text(UNFINISHED)
    done = subprocess.run(
        [*PROGRAM, *command],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "FORCE_COLOR": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"\x1b[" in done.stdout
    assert b"?" in done.stdout


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_shows_colour_unless_asked_not_to(
    project: Path, variables: dict[str, str], coloured: bool
) -> None:
    Path("a.py").write_text(UNFINISHED)
    environ = {**os.environ, "TERM": "xterm-256color", **variables}
    shown = _on_terminal(["complete", f"a.py:{LINE}"], environ)
    assert ("\x1b[" in shown) is coloured
    assert (f"⟦{REST}⟧" in shown) is not coloured
    assert BEGUN in shown


def _on_terminal(arguments: list[str], environ: dict[str, str]) -> str:
    """What the command writes when its standard output is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *arguments], stdout=theirs, stderr=subprocess.DEVNULL, env=environ
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while data := os.read(ours, 4096):
                shown += data
        except OSError:  # Linux reports the other end's closing as an error.
            pass
        os.close(ours)
        assert process.wait(30) == 0
    return shown.decode()


def test_a_reader_that_leaves_early_is_no_disaster(project: Path) -> None:
    Path("a.py").write_text(UNFINISHED)
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as closed:
        done = subprocess.run(
            [*PROGRAM, "complete", f"a.py:{LINE}"], stdout=closed, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
