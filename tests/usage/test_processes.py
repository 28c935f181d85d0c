"""Several real processes in front of one file, and one that is killed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from devstral_lsp.usage.budget_file import FILE_NAME


def start(folder: Path, per_minute: int, times: int) -> subprocess.Popen[str]:
    arguments = [str(folder), str(per_minute), str(times)]
    command = [sys.executable, "-m", "tests.usage.asking", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def counted(folder: Path) -> tuple[float, float]:
    """Requests and tokens of all days, from a file that is whole."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        row = connection.execute("SELECT SUM(requests), SUM(tokens) FROM spent").fetchone()
    return row[0], row[1]


@pytest.mark.parametrize("number", [2, 5])
def test_processes_never_exceed_a_budget_together(tmp_path: Path, number: int) -> None:
    processes = [start(tmp_path, 40, 60) for _ in range(number)]
    sent = [each.communicate()[0].count("sent") for each in processes]
    assert [each.returncode for each in processes] == [0] * number
    assert sum(sent) == 40
    assert counted(tmp_path) == (40, 4_000)


def test_a_killed_process_loses_nothing_that_was_sent(tmp_path: Path) -> None:
    process = start(tmp_path, 100_000, 1_000_000)
    assert process.stdout is not None
    sent = 0
    while sent < 50:
        sent += "sent" in process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    sent += process.communicate()[0].count("sent")
    requests, tokens = counted(tmp_path)
    assert sent <= requests <= sent + 1
    assert tokens == requests * 100
    (other,) = (start(tmp_path, 100_000, 1),)
    assert other.communicate()[0] == "sent\n"
