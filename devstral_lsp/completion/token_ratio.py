"""How many characters one token of the model has, learned from what endpoints report.

Budgets are in tokens and windows are cut in characters. A tokenizer would be exact and cost more
than the rest of the program; an estimate is enough, since budgets stay far below what models allow.
It changes in steps: each new value moves the windows' cut points, and prompt caches need those to
stay where they are. Pure.
"""

from __future__ import annotations

from devstral_lsp.providers.metering import Usage

FIRST = 3.2
"""Characters per token of source code in Mistral's tekken tokenizer."""

MIN_SIZE, MAX_SIZE = 1.5, 6.0
STEP = 0.25

INERTIA = 0.8
"""Weight of what is known against one more report."""

MIN_TOKENS = 100
"""A shorter prompt says little: its first line counts too much."""


class CharactersPerToken:
    """The estimate for one model."""

    def __init__(self) -> None:
        self._estimate = FIRST
        self.value = FIRST
        """In use: follows the estimate once that is more than a STEP away."""

    def learn(self, characters: int, usage: Usage) -> None:
        """An endpoint counted the tokens of a prompt of so many characters."""
        if usage.prompt_tokens < MIN_TOKENS:
            return
        seen = min(MAX_SIZE, max(MIN_SIZE, characters / usage.prompt_tokens))
        self._estimate = INERTIA * self._estimate + (1 - INERTIA) * seen
        if abs(self._estimate - self.value) > STEP:
            self.value = round(self._estimate / STEP) * STEP
