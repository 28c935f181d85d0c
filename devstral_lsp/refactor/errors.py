"""The errors of everything that reads a model's reply."""

from __future__ import annotations

from devstral_lsp.refactor.types import RefactorRefused


class UnusableReply(RefactorRefused):
    """A reply from which no edit can be had that could be trusted.

    The sentence is told to the model, once, and to the user where that does not help. It holds no
    source text.
    """

    @property
    def logged(self) -> str:
        """What a log may hold of it, as a part of a sentence."""
        return str(self).rstrip(".")


class LossyReply(UnusableReply):
    """A reply that leaves out what the instruction did not ask to take away.

    `draft` is the edit all the same, with the loss marked: the user may confirm it, where the model
    repeats it.
    """

    def __init__(self, reason: str, draft: object = None) -> None:
        super().__init__(reason)
        self.draft = draft


class UnusableFileInReply(UnusableReply):
    """A further file in the reply that cannot be written. The sentence holds its name."""

    @property
    def logged(self) -> str:
        return "A further file in the reply cannot be written"
