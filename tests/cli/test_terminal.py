"""Lines for a terminal and for a pipe, with nothing in them that a terminal would obey."""

from __future__ import annotations

import argparse
import json
import sys

import pytest

from devstral_lsp.cli import terminal
from devstral_lsp.cli.terminal import wrap_text

WORDS = "a key is in none of the places that were looked at /home/somebody/with/a/long/name.toml"
HOSTILE = "a\x1b[2J\x1b]52;c;eA==\x07\x9b31m\r\x08\u202e\u200b\U000e0041\x00b"
ESCAPED = r"a\x1b[2J\x1b]52;c;eA==\x07\x9b31m\x0d\x08\u202e\u200b\U000e0041\x00b"
DIFF = f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{HOSTILE}\n+b\n"


def test_a_pipe_gets_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)
    assert wrap_text("ok  key  ", WORDS) == f"ok  key  {WORDS}"


def test_a_terminal_gets_lines_that_fit_and_begin_below_one_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    first, *more = wrap_text("ok  key  ", WORDS).split("\n")
    assert first.startswith("ok  key  a key is")
    assert more
    assert all(line.startswith(" " * 9) and line[9] != " " for line in more)
    assert all(len(line) <= 60 for line in (first, *more))
    assert " ".join([first[9:], *(line[9:] for line in more)]) == WORDS


@pytest.mark.parametrize("is_terminal", [True, False])
def test_both_ways_out_write_escapes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    terminal.print_result(f"x\t{HOSTILE}\ny")
    terminal.print_error(HOSTILE)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == (f"x\t{ESCAPED}\ny\n", f"{ESCAPED}\n")


def test_json_is_ascii_and_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"a": f"{HOSTILE}\x7f\u2028é"}
    terminal.write_json(value)
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert shown.removesuffix("\n").isprintable()
    assert json.loads(shown) == value


@pytest.mark.parametrize(
    ("is_terminal", "variables", "holds"),
    [
        pytest.param(True, {"NO_COLOR": "1"}, f"-{ESCAPED}\n", id="terminal without colours"),
        pytest.param(True, {}, f"\x1b[31m-{ESCAPED}\x1b[0m\n", id="terminal"),
        pytest.param(False, {"FORCE_COLOR": "1"}, f"\x1b[31m-{ESCAPED}\x1b[0m\n", id="pager"),
        pytest.param(False, {}, DIFF, id="pipe"),
    ],
)
def test_a_diff_is_escaped_for_readers_and_as_it_is_for_programs(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_terminal: bool,
    variables: dict[str, str],
    holds: str,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    terminal.write_diff(DIFF)
    assert holds in capsys.readouterr().out


def test_a_command_line_that_is_wrong_is_repeated_with_escapes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = terminal.ArgumentParser(prog="x")
    parser.add_argument("--number", type=int)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--number", HOSTILE])
    assert ended.value.code == 2
    assert isinstance(parser, argparse.ArgumentParser)
    shown = capsys.readouterr().err
    assert "\x1b" not in shown
    assert "usage: x" in shown


def test_a_crash_shows_where_it_was_with_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        kind, error, trace = sys.exc_info()
    assert kind is not None
    assert error is not None
    terminal.print_crash(kind, error, trace)
    shown = capsys.readouterr().err
    assert f"ValueError: {ESCAPED}" in shown
    assert "test_terminal.py" in shown
