"""Cuts a text at the first stop sequence while it streams, and chooses which ones are sent.

A piece of text may end in the middle of a stop sequence: such an end is held back until it is
certain.
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_STOPS = 4
"""vLLM and TGI refuse more; Mistral states no number."""


def stop_sequences_for_request(wanted: Sequence[str]) -> list[str] | None:
    """The first MAX_STOPS different strings that are not empty; None if there are none."""
    return list(dict.fromkeys(stop for stop in wanted if stop))[:MAX_STOPS] or None


def partial_suffix_length(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    longest = min(len(text), len(tag) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(tag[:n])), 0)


class StopSequenceCutter:
    """Takes pieces and returns the text before the first of `ends`; `ended` once one has come."""

    def __init__(self, ends: Sequence[str]) -> None:
        self.ended = False
        self._ends = tuple(end for end in ends if end)
        self._held = ""

    def feed(self, piece: str) -> str:
        """The text that `piece` makes certain."""
        if self.ended:
            return ""
        text = self._held + piece
        found = [at for end in self._ends if (at := text.find(end)) >= 0]
        self.ended = bool(found)
        held = (
            0 if found else max((partial_suffix_length(text, end) for end in self._ends), default=0)
        )
        certain = min(found) if found else len(text) - held
        self._held = "" if found else text[certain:]
        return text[:certain]

    def finish(self) -> str:
        """What was held back, once nothing more comes."""
        held, self._held = self._held, ""
        return held
