"""A model that knows some texts by heart, behind the fake Mistral: an editor gets what is next.

For editors that are driven for real: what is typed decides what is said, so that no answer depends
on how many requests an editor makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tests.support.answers import Answer
from tests.support.fake_mistral import MODELS, FakeMistral, Received

OFFERED = {**MODELS, "mistral-medium-latest": False}

SHORTEST = 2
"""Characters of a known text that must have been typed."""


@dataclass
class Model:
    """`pace` is the answer whose times, status and end are used; its text is what is known."""

    pace: Answer = field(default_factory=Answer)
    chat: Answer = field(default_factory=Answer)
    pieces_of_lines: bool = False
    """Say one line at a time, `pace.between_ms` apart."""
    _known: list[str] = field(default_factory=list)
    _others: dict[str, list[str]] = field(default_factory=dict)

    def knows(self, text: str, others: Sequence[str] = ()) -> None:
        """From now on what has begun like `text` goes on like it; asked again, like `others`."""
        self._known.append(text)
        self._others[text] = list(others)

    def serve(self) -> FakeMistral:
        return FakeMistral(self._script, key=None, models=OFFERED)

    def _script(self, request: Received) -> Answer:
        if request.path.endswith("/chat/completions"):
            return self.chat
        if self.pace.body is not None or self.pace.raw is not None:
            return self.pace
        return replace(self.pace, text=self._pieces(self._next(request)))

    def _next(self, request: Received) -> str:
        prompt = request.body["prompt"]
        known, typed = max(
            ((text, _begun(text, prompt)) for text in self._known), key=lambda each: each[1]
        )
        if typed < SHORTEST:
            return ""
        warm = (request.body.get("temperature") or 0) > 0.3
        others = self._others[known]
        return (others.pop(0) if warm and others else known)[typed:]

    def _pieces(self, text: str) -> tuple[str, ...]:
        return tuple(text.splitlines(keepends=True)) if self.pieces_of_lines else (text,)


def _begun(text: str, prompt: str) -> int:
    """How much of `text` stands at the end of `prompt`."""
    return max((end for end in range(len(text)) if prompt.endswith(text[:end])), default=0)
