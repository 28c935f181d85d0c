"""Lines for a terminal and for a pipe."""

from __future__ import annotations

import pytest

from devstral_lsp.cli.terminal import filled

WORDS = "a key is in none of the places that were looked at /home/somebody/with/a/long/name.toml"


def test_a_pipe_gets_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)
    assert filled("ok  key  ", WORDS) == f"ok  key  {WORDS}"


def test_a_terminal_gets_lines_that_fit_and_begin_below_one_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    first, *more = filled("ok  key  ", WORDS).split("\n")
    assert first.startswith("ok  key  a key is")
    assert more
    assert all(line.startswith(" " * 9) and line[9] != " " for line in more)
    assert all(len(line) <= 60 for line in (first, *more))
    assert " ".join([first[9:], *(line[9:] for line in more)]) == WORDS
