"""Takes the gap's text out of a chat model's answer, while the answer is still arriving.

The expected answer is the opening tag, the cursor's line again, the text, the closing tag: its
text is let through as it comes. An answer that begins otherwise (prose, a fence) is held until it
is whole and then searched for its code. Pure; it knows neither endpoints nor the file.
"""

from __future__ import annotations

import re
from typing import Literal

from devstral_lsp.providers.stop_sequences import partial_suffix_length

OPENING = "<gap>"
CLOSING = "</gap>"

_FENCE = "```"
_OPENING_FENCE = re.compile(r"^[ \t]*```[^\n]*\n", re.MULTILINE)
_MOST_BLANKS = 400
"""Code points before the text that may still turn out to be a fence."""

_State = Literal["opening", "head", "flowing", "held"]


class GapParser:
    """Fed with pieces, gives the text that is certain.

    `lead` is the cursor's line up to the cursor, which the answer repeats after the opening tag.
    """

    def __init__(self, lead: str) -> None:
        self.closed = False
        """Whether the closing tag has come: the rest of the answer is of no use."""
        self._lead = lead
        self._text = ""
        self._state: _State = "opening"

    def feed(self, piece: str) -> str:
        """The text that `piece` makes certain."""
        if self.closed:
            return ""
        held = len(self._text) if self._state == "held" else 0
        self._text += piece
        if self._state == "opening":
            self._match_opening()
        if self._state == "head":
            self._match_fence()
        if self._state == "flowing":
            return self._release()
        self.closed = self._text.find(CLOSING, max(0, held - len(CLOSING))) >= 0
        return ""

    def finish(self) -> str:
        """The text that the end of the answer makes certain."""
        rest, self._text = self._text, ""
        if self._state == "held":
            return _code_in(rest).removeprefix(self._lead)
        return "" if self._state == "opening" else rest.removesuffix(CLOSING)

    def _match_opening(self) -> None:
        opening = OPENING + self._lead
        if self._text.startswith(opening):
            self._text = self._text[len(opening) :]
            self._state = "head"
        elif not opening.startswith(self._text):
            self._state = "held"

    def _match_fence(self) -> None:
        """A fence can only be the answer's own where the cursor's line is blank."""
        begin = self._text.lstrip()
        is_too_late = len(self._text) - len(begin) > _MOST_BLANKS
        if is_too_late or self._lead.strip() or not _FENCE.startswith(begin[: len(_FENCE)]):
            self._state = "flowing"
        elif len(begin) >= len(_FENCE):
            self._state = "held"

    def _release(self) -> str:
        end = self._text.find(CLOSING)
        self.closed = end >= 0
        if not self.closed:
            end = len(self._text) - partial_suffix_length(self._text, CLOSING)
        certain, self._text = self._text[:end], "" if self.closed else self._text[end:]
        return certain


def _code_in(answer: str) -> str:
    """The code of a whole answer: what the tags enclose, in there what a fence encloses."""
    _, opened, after = answer.partition(OPENING)
    text = (after if opened else answer).partition(CLOSING)[0]
    fence = _OPENING_FENCE.search(text)
    if fence is None:
        return text
    end = text.find(_FENCE, fence.end())
    inside = text[fence.end() : None if end < 0 else end]
    return inside if end < 0 else inside.rstrip(" \t").removesuffix("\n")
