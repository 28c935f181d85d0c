"""The one file in which all editors of a user count what they send, spend and were refused.

SQLite with a write-ahead log: each change is one transaction, which other processes wait for and a
killed process leaves as if it had not begun. It is kept without limits as well, so that a
limit that is set or learnt later counts what went before it.

Time in it is its own: it goes on with the shorter of what the wall clock and the monotonic one say
has passed, and never back. So a clock that is set forward frees nothing, and one that is set back
blocks nothing. Days and months are those of the wall clock in UTC, as money is billed.

Everything here blocks: run it in one thread. Neither text nor keys are in the file: an account is
a hash.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from devstral_lsp.observability.trace import ErrorSummary

FILE_NAME = "budget-1.sqlite3"
"""Other columns need another name: several versions may run at the same time."""

BUSY_TIMEOUT_S = 1.0
"""A transaction takes a fraction of a millisecond; longer than this, a process hangs in one."""

KEPT_DAYS = 400

_SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (
    id INTEGER PRIMARY KEY CHECK (id = 1), now_s REAL, wall_s REAL, monotonic_s REAL);
CREATE TABLE IF NOT EXISTS recent (
    id INTEGER PRIMARY KEY, at_s REAL, day TEXT, account TEXT, model TEXT, is_ours INTEGER,
    requests REAL, tokens REAL, usd REAL);
CREATE INDEX IF NOT EXISTS recent_at ON recent (at_s);
CREATE TABLE IF NOT EXISTS spent (
    day TEXT, account TEXT, model TEXT, is_ours INTEGER, requests REAL, tokens REAL, usd REAL,
    first_wall_s REAL,
    PRIMARY KEY (day, account, model, is_ours));
CREATE TABLE IF NOT EXISTS learnt (
    account TEXT, model TEXT, unit TEXT, window TEXT, most REAL, at_s REAL,
    PRIMARY KEY (account, model, unit, window));
CREATE TABLE IF NOT EXISTS pauses (
    account TEXT, model TEXT, until_s REAL, begun_s REAL, pause_s REAL, error TEXT,
    PRIMARY KEY (account, model));
"""

_logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WallAndMonotonic:
    """The clocks: `wall_s` gives seconds since 1970, `monotonic_s` seconds since the system began.

    Both are the same for all processes of a system.
    """

    wall_s: Callable[[], float] = time.time
    monotonic_s: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Moment:
    """`now_s` is the file's own time; `wall_s` are seconds since 1970."""

    now_s: float
    wall_s: float

    @property
    def day(self) -> str:
        """The day in UTC, as "2026-11-30"."""
        return datetime.fromtimestamp(self.wall_s, UTC).strftime("%Y-%m-%d")


Work = Callable[[sqlite3.Connection, Moment], T]
"""What is done within one transaction."""


class BudgetFile:
    """The file in `folder`, which need not exist. In memory where that cannot be written.

    `folder` is asked for when the file is first used: finding it takes some milliseconds.
    """

    def __init__(self, folder: Callable[[], Path], clocks: WallAndMonotonic) -> None:
        self._folder = folder
        self._path: Path | None = None
        self._is_in_memory = False
        self._clocks = clocks
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def transact(self, work: Work[T]) -> T:
        """The result of `work` in a transaction of its own.

        A damaged file is set aside, and a new one begun. Raises sqlite3.OperationalError if
        another process holds the file for longer than BUSY_TIMEOUT_S.
        """
        try:
            return self._transact(work)
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise
            self._keep_in_memory(error)
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
        except OSError as error:
            self._keep_in_memory(error)
        try:
            return self._transact(work)
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, sqlite3.Error) and is_busy(error):
                raise
            self._keep_in_memory(error)
        return self._transact(work)

    def close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _transact(self, work: Work[T]) -> T:
        connection = self._opened()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection, self._moment(connection))
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        return result

    def _opened(self) -> sqlite3.Connection:
        """The connection; anew where another process has put a new file in the place of ours."""
        if self._path is None and not self._is_in_memory:
            self._path = self._folder() / FILE_NAME
        if self._connection is not None and self._identity != self._identity_on_disk():
            self.close()
        if self._connection is None:
            self._identity = self._identity_on_disk()
            self._connection = self._open()
            self._identity = self._identity_on_disk()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        name = ":memory:" if self._path is None else os.fspath(self._path)
        connection = sqlite3.connect(name, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A crash of the machine may lose the last rows, but that of a process does not.
            connection.execute("PRAGMA synchronous = NORMAL")
            with closing(connection.cursor()) as cursor:
                cursor.executescript(_SCHEMA)
            if self._path is not None:
                os.chmod(self._path, 0o600)
        except BaseException:
            connection.close()
            raise
        return connection

    def _identity_on_disk(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _moment(self, connection: sqlite3.Connection) -> Moment:
        """Move the file's time on."""
        wall_s, monotonic_s = self._clocks.wall_s(), self._clocks.monotonic_s()
        row = connection.execute("SELECT now_s, wall_s, monotonic_s FROM clock").fetchone()
        now_s = wall_s
        if row is not None:
            passed = (wall_s - row[1], monotonic_s - row[2])
            now_s = row[0] + min((each for each in passed if each >= 0), default=0.0)
        connection.execute(
            "INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?)", (now_s, wall_s, monotonic_s)
        )
        return Moment(now_s, wall_s)

    def _set_aside(self, error: sqlite3.Error) -> None:
        """Rename a file that SQLite cannot read, so that it can be looked at."""
        self.close()
        if self._path is None or self._identity != self._identity_on_disk():
            return  # another process was quicker
        _logger.warning("a damaged budget file is set aside: %s", ErrorSummary(error))
        for suffix in ("", "-wal", "-shm"):
            path = self._path.with_name(self._path.name + suffix)
            with suppress(OSError):
                os.replace(path, path.with_name(f"damaged-{path.name}"))

    def _keep_in_memory(self, error: Exception) -> None:
        """Count in this process alone, where the file cannot be written."""
        self.close()
        _logger.warning("no budget file can be kept: %s", ErrorSummary(error))
        self._path, self._is_in_memory = None, True


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process holds the file."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
