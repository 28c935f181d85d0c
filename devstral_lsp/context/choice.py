"""Whether each piece of context was chosen for the prompt, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.context.base import Snippet

CHARACTERS_PER_TOKEN = 3.2
"""For source code in Mistral's tekken tokenizer; used until the endpoint reports its usage."""
NO_ROOM = "no room is left"
SAID_ALREADY = "another piece says the same"
HIDES_TEXT = "holds characters that hide text"


@dataclass(frozen=True, slots=True)
class Choice:
    """A piece of context and its fate. `reason` says why it is in the prompt, `left_out` why it is
    not ("" if it is). Private and ignored files have no pieces, hence no choices."""

    snippet: Snippet
    reason: str
    left_out: str = ""

    @property
    def tokens(self) -> int:
        """Estimated size in tokens."""
        return round(len(self.snippet.text) / CHARACTERS_PER_TOKEN)
