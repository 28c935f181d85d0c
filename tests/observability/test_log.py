"""No key reaches the log, and no library writes source text there."""

from __future__ import annotations

import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstral_lsp.config.schema import LogSettings
from devstral_lsp.observability.log import MAX_WAITING_LINES, Redactor, configure
from devstral_lsp.providers.base import Secret

KEY = "aB3" * 10 + "xY"
OURS = logging.getLogger("devstral_lsp.somewhere")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    names = (None, "devstral_lsp", "pygls", "httpx", "httpcore", "hpack", "h2", "websockets")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    root = logging.getLogger()
    for handler in _handlers():
        root.removeHandler(handler)
        handler.close()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _handlers() -> list[logging.Handler]:
    return [each for each in logging.getLogger().handlers if each.name == "devstral-lsp"]


def _flush() -> None:
    for handler in _handlers():
        handler.flush()


KEYS = [
    ("Authorization: Bearer abc", "Authorization: [removed]"),
    ("{'authorization': 'Bearer abc', 'x': 1}", "{'authorization': '[removed]', 'x': 1}"),
    ("sent bearer abc.def now", "sent bearer [removed] now"),
    ('"api_key": "abc", "n": 2', '"api_key": "[removed]", "n": 2'),
    ("MISTRAL_API_KEY=abc", "MISTRAL_API_KEY=[removed]"),
    ("password = abc", "password = [removed]"),
    ("https://user:word@host/v1", "https://[removed]@host/v1"),
    ("got sk-abcdefgh12", "got [removed]"),
    (f"got {KEY}", "got [removed]"),
    (f"got {KEY[:24]}.", "got [removed]."),
]


@pytest.mark.parametrize(("line", "redacted"), KEYS)
def test_what_looks_like_a_key_is_removed(line: str, redacted: str) -> None:
    assert Redactor().redact(line) == redacted
    assert Redactor().redact(redacted) == redacted


@pytest.mark.parametrize(
    "line",
    [
        "request 0123456789abcdef0123456789abcdef failed",
        "https://api.mistral.ai/v1/fim/completions answered 429",
        "the key from MISTRAL_API_KEY was not sent",
        "devstral_lsp.server.requests.inline_completion took 12 ms",
        "fim.max_tokens: 256",
    ],
)
def test_what_does_not_stays(line: str) -> None:
    assert Redactor().redact(line) == line


def test_a_key_that_was_learnt_is_removed_whatever_it_looks_like() -> None:
    redactor = Redactor()
    for value in ("plain", "plainer", "a"):
        redactor.add_secret(Secret(value, "keyring"))
    assert redactor.redact("plain plainer an") == "[removed] [removed] an"


def test_arguments_and_tracebacks_are_redacted_too(capfd: pytest.CaptureFixture[str]) -> None:
    redactor = Redactor()
    redactor.add_secret(Secret("opensesame", "command"))
    configure(LogSettings(), redactor)
    OURS.warning("with %s and %r", "opensesame", {"api_key": "abc"})
    try:
        raise ValueError(f"no {KEY}, no opensesame")
    except ValueError:
        OURS.exception("failed")
    _flush()
    written = capfd.readouterr().err
    assert "with [removed] and {'api_key': '[removed]'}" in written
    assert "ValueError: no [removed], no [removed]" in written


def test_a_line_that_cannot_be_written_is_not_spelled_out(
    capfd: pytest.CaptureFixture[str],
) -> None:
    configure(LogSettings(), Redactor())
    record = logging.makeLogRecord({"msg": "%d", "args": ("opensesame",)})
    for handler in _handlers():
        handler.handle(record)
    _flush()
    assert capfd.readouterr().err == ""


LEVELS = [
    ("devstral_lsp.x", "debug", logging.DEBUG),
    ("devstral_lsp.x", "warning", logging.WARNING),
    ("devstral_lsp.x", "error", logging.ERROR),
    ("pygls.protocol.json_rpc", "debug", logging.CRITICAL),
    ("pygls.server", "error", logging.CRITICAL),
    ("httpx", "debug", logging.WARNING),
    ("httpcore.http2", "debug", logging.WARNING),
    ("hpack.hpack", "debug", logging.WARNING),
]


@pytest.mark.parametrize(("name", "level", "effective"), LEVELS)
def test_levels(name: str, level: str, effective: int) -> None:
    configure(LogSettings(level=level), Redactor())
    assert logging.getLogger(name).getEffectiveLevel() == effective


def test_a_change_replaces_what_was_set_before(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "log"
    for settings in (LogSettings(), LogSettings(file=str(file)), LogSettings(file=str(file))):
        configure(settings, Redactor())
    OURS.warning("once")
    _flush()
    configure(LogSettings(), Redactor())
    OURS.warning("elsewhere")
    _flush()
    assert file.read_text(encoding="utf-8").count("once") == 1
    assert "elsewhere" not in file.read_text(encoding="utf-8")
    assert capfd.readouterr().err.count("elsewhere") == 1


def test_the_file_is_its_owners_alone_and_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pytest would keep half a surrogate pair in its report, which no worker of its can send.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    file = tmp_path / "log"
    file.write_text("before\n", encoding="utf-8")
    file.chmod(0o644)
    configure(LogSettings(file=str(file)), Redactor())
    OURS.warning("after \ud800")
    _flush()
    configure(LogSettings(), Redactor())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text(encoding="utf-8").startswith("before\n")
    assert file.read_text(encoding="utf-8").endswith("after \\ud800\n")


def test_a_file_that_cannot_be_opened_is_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    configure(LogSettings(file=str(tmp_path / "no" / "log")), Redactor())
    _flush()
    assert "log.file cannot be opened: No such file or directory" in capfd.readouterr().err
    OURS.error("still here")
    _flush()
    assert "still here" in capfd.readouterr().err


def test_a_file_that_is_a_pipe_without_a_reader_is_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    configure(LogSettings(file=str(tmp_path / "pipe")), Redactor())
    _flush()
    assert "log.file cannot be opened" in capfd.readouterr().err


def test_lines_wait_for_a_reader_and_those_beyond_a_bound_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    filling = 0
    while (written := _written(writing)) > 0:
        filling += written
    os.set_blocking(writing, True)
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "wb") as full:
        monkeypatch.setattr(sys, "stderr", full)
        configure(LogSettings(), Redactor())
        for number in range(MAX_WAITING_LINES + 7):
            OURS.warning("line %d", number)
        reader.read(filling)
        lines = [reader.readline().decode() for _ in range(MAX_WAITING_LINES + 1)]
        OURS.warning("the last")
        _flush()
        lines.append(reader.readline().decode())
    told = [each.rstrip("\n").partition(": ")[2] for each in (lines[0], *lines[-3:])]
    assert told[:2] == ["line 0", "line 999"]
    assert told[2].startswith("7 log lines were left out here")
    assert told[3] == "the last"


def _written(descriptor: int) -> int:
    """How many bytes a pipe still took, at most 4 kB."""
    try:
        return os.write(descriptor, b"." * 4096)
    except BlockingIOError:
        return 0
