"""Sets up logging, with keys redacted from every line.

All log records of the process, ours and the libraries', pass through one handler, whose formatter
removes what is or looks like a key, also from tracebacks. It cannot recognise source text: none is
ever logged, and libraries that would log some are silenced.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, TextIO

from devstral_lsp.characters import printable
from devstral_lsp.config.schema import LogSettings
from devstral_lsp.secrets.key_like import REMOVED, redact_keys

if TYPE_CHECKING:
    from devstral_lsp.providers.base import Secret

_HANDLER = "devstral-lsp"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MIN_SECRET_LENGTH = 4
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


class _Handler(logging.StreamHandler[TextIO]):
    """Drops a line it cannot write: logging's own report would show the line's arguments."""

    def handleError(self, record: logging.LogRecord) -> None:
        return


def configure(settings: LogSettings, redactor: Redactor) -> None:
    """Send all log lines where `settings` say. May be called again when they change.

    A file that cannot be opened is reported on standard error, which then takes its place.
    """
    root = logging.getLogger()
    for former in [each for each in root.handlers if each.name == _HANDLER]:
        root.removeHandler(former)
        _close(former)
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
    if not file:
        return _Handler(sys.stderr), ""
    try:
        return _Handler(_private(os.path.expanduser(file))), ""
    except OSError as error:
        return _Handler(sys.stderr), error.strerror or type(error).__name__


def _private(path: str) -> TextIO:
    """`path`, opened for appending, readable by its owner alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    if hasattr(os, "fchmod"):  # not on Windows
        os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


def _close(handler: logging.Handler) -> None:
    handler.close()
    if isinstance(handler, _Handler) and handler.stream is not sys.stderr:
        handler.stream.close()
