"""Sets up logging, with keys redacted from every line.

All log records of the process, ours and the libraries', pass through one handler, whose formatter
removes what is or looks like a key, also from tracebacks. It cannot recognise source text: none is
ever logged, and libraries that would log some are silenced.

A thread writes the lines. An editor that does not read standard error, or a disk that hangs, costs
log lines and holds up nothing else.
"""

from __future__ import annotations

import logging
import os
import select
import sys
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from devstral_lsp.characters import printable
from devstral_lsp.config.schema import LogSettings
from devstral_lsp.secrets.key_like import REMOVED, redact_keys

if TYPE_CHECKING:
    from devstral_lsp.providers.base import Secret

_HANDLER = "devstral-lsp"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MIN_SECRET_LENGTH = 4

MAX_WAITING_LINES = 1000
"""Some 200 kB: what a minute of typing logs at DEBUG."""

FLUSH_TIMEOUT_S = 0.5
"""How long the end of the process waits for a reader that takes no line."""

OUTPUT_LOCK = threading.Lock()
"""Held while a line is written."""

_LIBRARY_LEVELS = {
    # pygls writes whole messages at INFO, those it does not know at WARNING, and the params of one
    # whose handler failed at ERROR: the user's text, each time. `server/dispatch.py` tells what
    # failed, without params.
    "pygls": logging.CRITICAL,
    # At INFO httpx writes a line for each keystroke's request, the others at DEBUG their headers.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "hpack": logging.WARNING,
    "h2": logging.WARNING,
    "websockets": logging.WARNING,
}


class Redactor:
    """Removes keys from text: those added by `add_secret`, and what looks like one."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def add_secret(self, secret: Secret) -> None:
        """Remove this key from every line from now on."""
        if len(secret.reveal()) >= _MIN_SECRET_LENGTH:
            self._known.add(secret.reveal())

    def redact(self, text: str) -> str:
        for known in sorted(self._known, key=len, reverse=True):
            text = text.replace(known, REMOVED)
        return redact_keys(text)


class _Formatter(logging.Formatter):
    """Redacts the finished line with its traceback, and escapes what would drive a terminal."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(_FORMAT)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return printable(self._redactor.redact(super().format(record)))


class _Handler(logging.Handler):
    """Queues lines for a thread that writes them to `descriptor`.

    What does not fit into the queue is dropped, and counted in a line of its own. So is, silently,
    a line that cannot be formatted: logging's own report would show the line's arguments.
    """

    def __init__(self, descriptor: int, *, is_own: bool = False) -> None:
        """`is_own`: close the descriptor in the end."""
        super().__init__()
        self._descriptor, self._is_own = descriptor, is_own
        self._lines: deque[str] = deque()
        self._dropped = 0
        self._is_closed = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - a message whose arguments do not fit raises anything
            return
        with self._changed:
            if self._is_closed:
                return
            if len(self._lines) >= MAX_WAITING_LINES:
                self._dropped += 1
                return
            self._lines.append(line)
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_lines, name="log", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Wait until all lines are written, as long as one is at least every FLUSH_TIMEOUT_S."""
        with self._changed:
            while self._lines and self._changed.wait(FLUSH_TIMEOUT_S):
                pass

    def close(self) -> None:
        """Write what is queued, in the background, and nothing more."""
        super().close()
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            if self._thread is None:
                self._close_descriptor()

    def _write_lines(self) -> None:
        while True:
            with self._changed:
                while not self._lines and not self._is_closed:
                    self._changed.wait()
                if not self._lines:
                    return self._close_descriptor()
                line = self._lines[0]
            self._write(line)
            with self._changed:
                self._lines.popleft()
                if self._dropped:
                    self._lines.append(self._gap())
                self._changed.notify_all()

    def _write(self, line: str) -> None:
        """Write a line; one that cannot be written is dropped."""
        rest = f"{line}\n".encode(errors="backslashreplace")
        with OUTPUT_LOCK, suppress(OSError):
            while rest:
                try:
                    rest = rest[os.write(self._descriptor, rest) :]
                except BlockingIOError:
                    select.select([], [self._descriptor], [])

    def _gap(self) -> str:
        """The line for those that were dropped."""
        message = "%d log lines were left out here: what reads the log was too slow"
        dropped, self._dropped = self._dropped, 0
        gap = logging.LogRecord(__name__, logging.WARNING, "", 0, message, (dropped,), None)
        return self.format(gap)

    def _close_descriptor(self) -> None:
        if self._is_own:
            self._is_own = False
            os.close(self._descriptor)


def configure(settings: LogSettings, redactor: Redactor) -> None:
    """Send all log lines where `settings` say. May be called again when they change.

    A file that cannot be opened is reported on standard error, which then takes its place.
    """
    root = logging.getLogger()
    for former in [each for each in root.handlers if each.name == _HANDLER]:
        root.removeHandler(former)
        former.close()
    handler, trouble = _handler(settings.file)
    handler.set_name(_HANDLER)
    handler.setFormatter(_Formatter(redactor))
    root.addHandler(handler)
    logging.getLogger("devstral_lsp").setLevel(settings.level.upper())
    for name, level in _LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(level)
    if trouble:
        logging.getLogger(__name__).warning("log.file cannot be opened: %s", trouble)


def _handler(file: str) -> tuple[logging.Handler, str]:
    """The handler for `file`, or for standard error with the reason why not."""
    reason = ""
    if file:
        try:
            return _Handler(_open_private(os.path.expanduser(file)), is_own=True), ""
        except OSError as error:
            reason = error.strerror or type(error).__name__
    try:
        return _Handler(sys.stderr.fileno()), reason
    except (AttributeError, OSError):  # it was closed at the start, or is no file
        return logging.NullHandler(), reason


def _open_private(path: str) -> int:
    """`path`, opened for appending, readable by its owner alone."""
    # A pipe without a reader would hold up its opening.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o600)
    if hasattr(os, "fchmod"):  # not on Windows
        os.fchmod(descriptor, 0o600)
    return descriptor
