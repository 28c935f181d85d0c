"""The ledger: one SQLite file in the state folder, to which every server of the user appends.

A row says when, of whom, of which kind, at what cost and with what result: no source text, no path,
no key. Rows are written by a thread of their own, each batch in one transaction, so that a process
that is killed loses at most what it has just queued. A file that cannot be read is set aside, and a
new one begun. One of a later version than is known here is left alone.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

Value = str | int | float | None

MAX_ROWS = 400_000
"""Of each table; about 60 MB in all, which is half a year of typing all day."""
KEPT_UNSEEN_S = 14 * 86_400.0
"""How long a keystroke is kept that neither showed nor asked anything new: nine in ten are such."""
MAX_QUEUED = 10_000
"""Rows that wait for a disk that hangs; further ones are dropped."""
PRUNED_AFTER = 5_000
"""Rows between two looks at the bounds."""
BUSY_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0

MIGRATIONS = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value);
    CREATE TABLE opportunities (
        id INTEGER PRIMARY KEY, at_s REAL NOT NULL, work TEXT, kind TEXT, trigger TEXT,
        language TEXT, editor TEXT, document TEXT, outcome TEXT NOT NULL, detail TEXT,
        filters TEXT, provider TEXT, model TEXT, tier TEXT, length INTEGER,
        debounce_ms REAL, context_ms REAL, first_text_ms REAL, total_ms REAL
    );
    CREATE INDEX opportunities_at ON opportunities (at_s);
    CREATE TABLE requests (
        opportunity INTEGER NOT NULL, at_s REAL NOT NULL, provider TEXT, model TEXT, status INTEGER,
        finish TEXT, prompt_tokens INTEGER, cached_tokens INTEGER, completion_tokens INTEGER,
        is_counted INTEGER, is_prefetch INTEGER, cost_usd REAL, took_ms REAL
    );
    CREATE INDEX requests_at ON requests (at_s);
    CREATE TABLE acceptances (
        opportunity INTEGER NOT NULL, at_s REAL NOT NULL, became TEXT NOT NULL, length INTEGER,
        after_s INTEGER, stands INTEGER
    );
    CREATE INDEX acceptances_at ON acceptances (at_s);
    """,
)
"""Each takes the file from the version of its index to the next; `PRAGMA user_version` counts."""
TABLES = ("opportunities", "requests", "acceptances")

_ASIDE = ".damaged"
_BUSY = 5
_MOST_ATTEMPTS = 20
"""At opening a file that other servers open at the same moment, where SQLite may not wait."""
_DAMAGED = frozenset({1, 11, 26})
"""SQLITE_ERROR (such as a missing table), SQLITE_CORRUPT and SQLITE_NOTADB, as sqlite.org/rescode
numbers them; the low byte of an extended code."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row for one of TABLES. `document` is a URI, which is hashed with the file's own salt."""

    table: str
    values: Mapping[str, Value]
    document: str = ""


class Ledger:
    """Appends to the file in `folder`, which need not exist. Used from one thread."""

    def __init__(self, folder: Path, keep_days: int = 365) -> None:
        self.path = ledger_path(folder)
        self._keep_s = keep_days * 86_400.0
        self._rows: SimpleQueue[LedgerRow | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._has_failed = False
        self._appended = self._written = 0

    def append(self, row: LedgerRow) -> None:
        """Queue a row; returns at once."""
        if self._rows.qsize() >= MAX_QUEUED:
            return
        self._appended += 1
        self._rows.put(row)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
            self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether all that was appended is written, as far as it can be."""
        return self._written == self._appended

    def finish(self) -> threading.Thread | None:
        """Have what is queued written; the thread that does it then ends. None if none runs."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._rows.put(None)
        return thread

    def close(self) -> None:
        """Write what is queued, and wait a moment for that. Blocks."""
        if (thread := self.finish()) is not None:
            thread.join(CLOSE_TIMEOUT_S)

    def _work(self) -> None:
        """Write rows until `close`. No failure is worth more than a line in the log."""
        import sqlite3

        connection: sqlite3.Connection | None = None
        written = 0
        while rows := self._next():
            try:
                connection = connection or _opened(self.path)
                if connection is None:
                    return  # of a later version
                connection = self._write(connection, rows)
                written += len(rows)
                if written >= PRUNED_AFTER or written == len(rows):
                    prune(connection, self._keep_s)
                    written = 1
            except (sqlite3.Error, OSError) as error:
                self._note_failure(error)
            self._written += sum(row is not None for row in rows)
            if None in rows:
                break
        if connection is not None:
            connection.close()

    def _next(self) -> list[LedgerRow | None]:
        """What is queued, at least one; ends with the first None."""
        rows = [self._rows.get()]
        while rows[-1] is not None and not self._rows.empty():
            rows.append(self._rows.get())
        return rows

    def _write(
        self, connection: sqlite3.Connection, rows: Sequence[LedgerRow | None]
    ) -> sqlite3.Connection:
        """Append `rows`; to a new file if this one turns out to be damaged."""
        import sqlite3

        try:
            _insert(connection, rows)
        except sqlite3.DatabaseError as error:
            if _code(error) not in _DAMAGED:
                raise
            connection.close()
            if not _is_sound(self.path):  # else another server has put a new one there
                set_aside(self.path)
            connection = _opened(self.path) or connection
            _insert(connection, rows)
        return connection

    def _note_failure(self, error: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            _logger.warning("the ledger cannot be written: %s", type(error).__name__)


def ledger_path(folder: Path) -> Path:
    """The file within the state folder."""
    return folder / "ledger.sqlite"


def forget(folder: Path) -> bool:
    """Empty the ledger, in which running servers go on, and delete what was set aside of it; False
    if there was none. Blocks."""
    path = ledger_path(folder)
    found = [each for each in _files(path) if each.exists()]
    with reading(folder) as connection:
        if connection is not None:
            _empty(connection)
            found = [each for each in found if each.name.endswith(_ASIDE)]
    for each in found:
        with suppress(FileNotFoundError):
            each.unlink()
    return connection is not None or bool(found)


def _empty(connection: sqlite3.Connection) -> None:
    """Delete all rows, and what is left of them in the file."""
    with connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE meta SET value = ? WHERE name = 'salt'", (_new_salt(),))
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection | None]:
    """The ledger, to be read; None if there is none that can be."""
    import sqlite3

    path = ledger_path(folder)
    connection: sqlite3.Connection | None = None
    if path.exists():
        with suppress(sqlite3.Error, OSError):
            connection = _opened(path)
    try:
        yield connection
    finally:
        if connection is not None:
            connection.close()


def prune(
    connection: sqlite3.Connection, keep_s: float, now: Callable[[], float] = time.time
) -> None:
    """Delete what is too old or too much, the oldest first."""
    with connection:
        connection.execute(
            "DELETE FROM opportunities WHERE at_s < ? AND outcome IN ('superseded', 'continued',"
            " 'cancelled', 'empty', 'off') AND id NOT IN (SELECT opportunity FROM requests)",
            (now() - KEPT_UNSEEN_S,),
        )
        for table in TABLES:
            connection.execute(f"DELETE FROM {table} WHERE at_s < ?", (now() - keep_s,))
            (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            if count > MAX_ROWS:
                oldest = f"SELECT rowid FROM {table} ORDER BY at_s LIMIT ?"
                connection.execute(
                    f"DELETE FROM {table} WHERE rowid IN ({oldest})", (count - MAX_ROWS * 9 // 10,)
                )


def set_aside(path: Path) -> None:
    """Rename a damaged file; one that was set aside before gives way."""
    for each in (path, *_beside(path)):
        with suppress(FileNotFoundError):
            os.replace(each, each.with_name(each.name + _ASIDE))


def _beside(path: Path) -> tuple[Path, Path]:
    """Where SQLite keeps what is not in the file yet."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def _files(path: Path) -> list[Path]:
    own = [path, *_beside(path)]
    return [*own, *(each.with_name(each.name + _ASIDE) for each in own)]


def _new_salt() -> str:
    return os.urandom(16).hex()


def _opened(path: Path) -> sqlite3.Connection | None:
    """A connection to the file, made if need be; None for one of a later version.

    Raises sqlite3.Error and OSError.
    """
    import sqlite3

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    was_damaged = False
    for attempt in range(_MOST_ATTEMPTS):
        path.touch(mode=0o600)
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
        try:
            return _migrated(connection)
        except sqlite3.DatabaseError as error:
            connection.close()
            if _code(error) == _BUSY and attempt < _MOST_ATTEMPTS - 1:
                time.sleep(0.01 * (attempt + 1))
            elif _code(error) in _DAMAGED and not was_damaged:
                was_damaged = True
                set_aside(path)
            else:
                raise
    return None


def _migrated(connection: sqlite3.Connection) -> sqlite3.Connection | None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.isolation_level = None
    # Another server may be making the same file.
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        connection.close()
        _logger.warning("the ledger is of a later version, and left alone")
        return None
    for script in MIGRATIONS[version:]:
        for statement in script.split(";"):
            connection.execute(statement)
    if version == 0:
        connection.execute("INSERT INTO meta VALUES ('salt', ?)", (_new_salt(),))
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")
    connection.isolation_level = "DEFERRED"
    return connection


def _is_sound(path: Path) -> bool:
    """Whether the file is an SQLite database with our tables, of which all can be read."""
    import sqlite3

    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
            for table in (*TABLES, "meta"):
                connection.execute(f"SELECT 1 FROM {table} LIMIT 1")
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            return bool(verdict == "ok")
    except sqlite3.DatabaseError:
        return False


def _insert(connection: sqlite3.Connection, rows: Sequence[LedgerRow | None]) -> None:
    (salt,) = connection.execute("SELECT value FROM meta WHERE name = 'salt'").fetchone()
    with connection:
        for row in rows:
            if row is None:
                continue
            values = dict(row.values)
            if row.document:
                known = f"{salt}{row.document}".encode("utf-8", "surrogatepass")
                values["document"] = hashlib.sha256(known).hexdigest()[:16]
            marks = ", ".join("?" * len(values))
            names = ", ".join(values)
            connection.execute(
                f"INSERT INTO {row.table} ({names}) VALUES ({marks})", tuple(values.values())
            )


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
