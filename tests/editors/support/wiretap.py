"""What an editor and our server told each other, read from the log that `tee.py` writes."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVER = (sys.executable, "-m", "devstral_lsp", "--stdio")


@dataclass(frozen=True, slots=True)
class Passed:
    """One message. `at` in seconds since the epoch."""

    at: float
    source: str
    body: dict[str, Any]


class Wiretap:
    """The log of one run; later servers of the same run append to it."""

    def __init__(self, path: Path, start: int = 0) -> None:
        self._path = path
        self._start = start

    def command(self, server: Sequence[str] = SERVER) -> list[str]:
        """The command line of a server that is listened to."""
        return [sys.executable, str(Path(__file__).with_name("tee.py")), str(self._path), *server]

    def messages(self) -> list[Passed]:
        """All so far, from this listener's start on."""
        if not self._path.exists():
            return []
        *lines, _ = self._path.read_text(encoding="utf-8").split("\n")
        parsed = map(json.loads, lines[self._start :])
        return [Passed(each["at"], each["from"], each["message"]) for each in parsed]

    def from_now(self) -> Wiretap:
        """A listener for what comes after this moment."""
        return Wiretap(self._path, self._start + len(self.messages()))

    def by_editor(self, method: str) -> list[dict[str, Any]]:
        """The editor's requests and notifications of this method."""
        return self._of("editor", method)

    def opened(self, name: str) -> bool:
        """Whether the editor has opened a file of this name."""
        told = self.by_editor("textDocument/didOpen")
        return any(each["params"]["textDocument"]["uri"].endswith(f"/{name}") for each in told)

    def by_server(self, method: str) -> list[dict[str, Any]]:
        return self._of("server", method)

    def answer_of_server(self, request: dict[str, Any]) -> dict[str, Any] | None:
        return self._answer("server", request)

    def answer_of_editor(self, request: dict[str, Any]) -> dict[str, Any] | None:
        return self._answer("editor", request)

    def _of(self, source: str, method: str) -> list[dict[str, Any]]:
        passed = (each for each in self.messages() if each.source == source)
        return [each.body for each in passed if each.body.get("method") == method]

    def _answer(self, source: str, request: dict[str, Any]) -> dict[str, Any] | None:
        answers = (
            each.body
            for each in self.messages()
            if each.source == source
            and "method" not in each.body
            and each.body.get("id") == request["id"]
        )
        return next(answers, None)
