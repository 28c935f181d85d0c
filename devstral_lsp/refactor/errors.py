"""The errors of everything that reads a model's reply."""

from __future__ import annotations

from devstral_lsp.refactor.types import RefactorRefused


class UnusableReply(RefactorRefused):
    """A reply that gives no reliable edit.

    The message is sent to the model once, and shown to the user if the retry fails. It contains no
    source text.
    """

    @property
    def logged(self) -> str:
        """The part of the message that may be logged."""
        return str(self).rstrip(".")


class LossyReply(UnusableReply):
    """A reply that omits code which the instruction did not ask to remove.

    `draft` is its edit, with the loss marked: the user may confirm it if the model repeats it.
    """

    def __init__(self, reason: str, draft: object = None) -> None:
        super().__init__(reason)
        self.draft = draft


class UnusableFileInReply(UnusableReply):
    """A further file in the reply that cannot be written. The message contains its name."""

    @property
    def logged(self) -> str:
        return "A further file in the reply cannot be written"
