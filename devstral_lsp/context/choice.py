"""What became of each piece of context: chosen or left out, and why."""

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.context.base import Snippet

CHARACTERS_PER_TOKEN = 3.2
"""Of source code in Mistral's tekken tokenizer, where the endpoint has reported no usage yet."""
NO_ROOM = "no room is left"
SAID_ALREADY = "another piece says the same"
HIDES_TEXT = "holds characters that hide text"


@dataclass(frozen=True, slots=True)
class Choice:
    """A piece that a source found. `reason` says what it serves, `left_out` why the prompt does not
    hold it, "" for one that it holds. A private or ignored file has no piece, hence no choice."""

    snippet: Snippet
    reason: str
    left_out: str = ""

    @property
    def tokens(self) -> int:
        """An estimate."""
        return round(len(self.snippet.text) / CHARACTERS_PER_TOKEN)
