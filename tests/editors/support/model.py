"""A model that knows some texts by heart, behind the fake Mistral: an editor gets what is next.

For editors that are driven for real: what is typed decides what is said, so that no answer depends
on how many requests an editor makes.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.support.answers import Answer
from tests.support.fake_mistral import MODELS, FakeMistral
from tests.support.fake_server import Received

OFFERED = {**MODELS, "mistral-medium-latest": False}

DEAR_USD = 0.06
DEAR = Answer(
    usage={"prompt_tokens": 200_000, "completion_tokens": 10, "total_tokens": 200_010},
    headers={"x-ratelimit-limit-req-minute": "600", "x-ratelimit-remaining-req-minute": "599"},
)
"""A pace: an answer of codestral-latest costs DEAR_USD, and tells a limit."""


def used_today(folder: Path) -> str:
    """What the budget file somewhere in `folder` holds, as the status tells it; "" without one."""
    for path in folder.rglob("budget-*.sqlite3"):
        with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
            statement = "SELECT TOTAL(requests), TOTAL(usd) FROM spent WHERE is_ours"
            requests, usd = connection.execute(statement).fetchone()
            return f"${usd:.2f} today, {requests:.0f} of 600 requests in the last minute"
    return ""


MIN_LENGTH = 2
"""Characters of a known text that must have been typed, if nothing else is said."""


@dataclass
class Model:
    """`pace` is the answer whose times, status and end are used; its text is what is known."""

    pace: Answer = field(default_factory=Answer)
    chat: list[Answer] = field(default_factory=list)
    """The answers of the conversations to come."""
    pieces_of_lines: bool = False
    """Say one line at a time."""
    gates: list[asyncio.Event] = field(default_factory=list)
    """What the first pauses of an answer wait for in the place of time; the others take none."""
    _ahead: list[asyncio.Event] = field(default_factory=list)
    _known: list[str] = field(default_factory=list)
    _least: dict[str, int] = field(default_factory=dict)
    _others: dict[str, list[str]] = field(default_factory=dict)

    def knows(self, text: str, others: Sequence[str] = (), *, least: int = MIN_LENGTH) -> None:
        """From now on what has begun like `text` goes on like it; asked again, like `others`.

        `least` characters of it must have been typed.
        """
        self._known.append(text)
        self._least[text] = least
        self._others[text] = list(others)

    def restore(self) -> None:
        """Answer as at first, for whoever comes next; what is known stays."""
        self.pace, self.pieces_of_lines = Answer(), False
        self.chat.clear()
        self.gates.clear()

    def serve(self) -> FakeMistral:
        return FakeMistral(self._script, key=None, models=OFFERED, sleep=self._pause)

    async def _pause(self, _: float) -> None:
        if self._ahead:
            await self._ahead.pop(0).wait()

    def _script(self, request: Received) -> Answer:
        if request.path.endswith("/chat/completions"):
            return self.chat.pop(0)
        if self.pace.body is not None or self.pace.raw is not None:
            return self.pace
        text = self._next(request)
        self._ahead = list(self.gates) if text else []
        return replace(self.pace, text=self._pieces(text))

    def _next(self, request: Received) -> str:
        if not self._known:
            return ""
        prompt = request.body["prompt"]
        known, typed = max(
            ((text, _begun(text, prompt)) for text in self._known), key=lambda each: each[1]
        )
        if typed < self._least[known]:
            return ""
        warm = (request.body.get("temperature") or 0) > 0.3
        others = self._others[known]
        return (others.pop(0) if warm and others else known)[typed:]

    def _pieces(self, text: str) -> tuple[str, ...]:
        return tuple(text.splitlines(keepends=True)) if self.pieces_of_lines else (text,)


def _begun(text: str, prompt: str) -> int:
    """How much of `text` stands at the end of `prompt`."""
    return max((end for end in range(len(text)) if prompt.endswith(text[:end])), default=0)
