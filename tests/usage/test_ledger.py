"""The file that every server of the user appends to: what it holds, and what it survives."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from devstral_lsp.usage import ledger
from devstral_lsp.usage.ledger import Ledger, LedgerRow, ledger_path, prune, reading

DOCUMENT = "file:///home/ann/zanzibar.py"
DAY_S = 86_400.0


def row(number: int, *, outcome: str = "shown", at_s: float | None = None) -> LedgerRow:
    """An opportunity of that id."""
    when = time.time() if at_s is None else at_s
    return LedgerRow("opportunities", {"id": number, "at_s": when, "outcome": outcome}, DOCUMENT)


def write(folder: Path, *numbers: int) -> None:
    """Append opportunities as one server does, and end it."""
    one = Ledger(folder)
    for number in numbers:
        one.append(row(number))
    one.close()


def wait_until_written(one: Ledger) -> None:
    while not one.is_idle:
        time.sleep(0.001)


def ids(folder: Path) -> list[int]:
    """The ids that the ledger holds."""
    with reading(folder) as connection:
        assert connection is not None
        return [each for (each,) in connection.execute("SELECT id FROM opportunities ORDER BY id")]


def hashes(folder: Path) -> set[str]:
    with reading(folder) as connection:
        assert connection is not None
        return {each for (each,) in connection.execute("SELECT document FROM opportunities")}


def damage(path: Path) -> None:
    """Overwrite all pages but the first, which holds the schema."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def drop_table(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE opportunities")
    connection.close()


def test_what_was_appended_is_there_and_open_to_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    write(folder, 1, 2)
    write(folder, 3)
    assert ids(folder) == [1, 2, 3]
    assert ledger_path(folder).stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_many_servers_append_to_one_new_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        each = [range(100 * server, 100 * server + 40) for server in range(6)]
        list(pool.map(lambda numbers: write(tmp_path, *numbers), each))
    assert ids(tmp_path) == [number for numbers in each for number in numbers]


def test_a_document_is_a_number_that_another_ledger_does_not_share(tmp_path: Path) -> None:
    write(tmp_path / "a", 1, 2)
    write(tmp_path / "b", 1)
    (one,) = hashes(tmp_path / "a")
    assert hashes(tmp_path / "b").isdisjoint({one})
    for name in ("a", "b"):
        assert b"zanzibar" not in ledger_path(tmp_path / name).read_bytes()


_SERVER = """
import os, sys, time
from pathlib import Path
from devstral_lsp.usage.ledger import Ledger, LedgerRow
one = Ledger(Path(sys.argv[1]))
for number in range(1, 100_000):
    row = {"id": number, "at_s": time.time(), "outcome": "shown"}
    one.append(LedgerRow("opportunities", row))
    while not one.is_idle:
        time.sleep(0.0005)
    print(number, flush=True)
"""


def test_a_server_that_is_killed_loses_the_last_row_at_most(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SERVER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        written = 0
        while written < 40:
            written = int(server.stdout.readline())
        server.send_signal(signal.SIGKILL)
        written = max([written, *map(int, server.stdout.read().split())])
    assert ids(tmp_path)[:written] == list(range(1, written + 1))
    write(tmp_path, 200_000)
    assert ids(tmp_path)[-1] == 200_000
    assert not list(tmp_path.glob("*.damaged"))


@pytest.mark.parametrize(
    "spoil", [lambda path: path.write_bytes(b"no database" * 999), damage, drop_table]
)
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, spoil: object) -> None:
    write(tmp_path, *range(1, 400))
    assert callable(spoil)
    spoil(ledger_path(tmp_path))
    write(tmp_path, 1000)
    write(tmp_path, 1001)
    assert ids(tmp_path) == [1000, 1001]
    assert (tmp_path / "ledger.sqlite.damaged").exists()


def test_a_server_that_has_it_open_does_not_set_the_new_one_aside(tmp_path: Path) -> None:
    one = Ledger(tmp_path)
    one.append(row(1))
    wait_until_written(one)
    drop_table(ledger_path(tmp_path))
    write(tmp_path, 2)
    one.append(row(3))
    one.close()
    assert ids(tmp_path) == [2, 3]


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, 1)
    with sqlite3.connect(ledger_path(tmp_path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    write(tmp_path, 2)
    with sqlite3.connect(ledger_path(tmp_path)) as connection:
        assert connection.execute("SELECT id FROM opportunities").fetchall() == [(1,)]
    connection.close()
    with reading(tmp_path) as unreadable:
        assert unreadable is None


def test_a_file_of_an_earlier_version_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 1)
    salted = hashes(tmp_path)
    step = "ALTER TABLE opportunities ADD COLUMN mood TEXT; CREATE TABLE moods (name TEXT)"
    monkeypatch.setattr(ledger, "MIGRATIONS", (*ledger.MIGRATIONS, step))
    write(tmp_path, 2)
    with reading(tmp_path) as connection:
        assert connection is not None
        assert connection.execute("SELECT id, mood FROM opportunities").fetchall() == [
            (1, None),
            (2, None),
        ]
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert hashes(tmp_path) == salted


def test_it_is_bounded_in_age_and_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MAX_ROWS", 20)
    now_s = time.time()
    one = Ledger(tmp_path)
    one.append(row(1, at_s=now_s - 40 * DAY_S))
    one.append(row(2, at_s=now_s - 20 * DAY_S))
    one.append(row(3, at_s=now_s - 20 * DAY_S, outcome="superseded"))
    one.append(row(4, at_s=now_s - DAY_S, outcome="superseded"))
    one.close()
    with reading(tmp_path) as connection:
        assert connection is not None
        prune(connection, 30 * DAY_S)
    assert ids(tmp_path) == [2, 4]
    write(tmp_path, *range(100, 140))
    with reading(tmp_path) as connection:
        assert connection is not None
        prune(connection, 30 * DAY_S)
    assert ids(tmp_path) == list(range(122, 140)), "a tenth below the bound, the newest"


def test_forgetting_empties_it_while_a_server_goes_on(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite.damaged").write_bytes(b"of old")
    one = Ledger(tmp_path)
    one.append(row(1))
    wait_until_written(one)
    before = hashes(tmp_path)
    assert ledger.forget(tmp_path)
    assert not list(tmp_path.glob("*.damaged"))
    one.append(row(2))
    one.close()
    assert ids(tmp_path) == [2]
    assert hashes(tmp_path) != before, "the salt is another one"
    assert not ledger.forget(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_written_costs_nothing_but_a_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    write(tmp_path / "state", 1, 2, 3)
    (line,) = caplog.messages
    assert line.startswith("the ledger cannot be written: ")
