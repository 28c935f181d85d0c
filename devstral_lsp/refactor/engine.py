"""From an offer that the user took to what may be changed: the flow of one refactor, in order.

    errand      what the action wants asked
    material    what the model is told beside the code
    question    one conversation, streamed; hung up at once when it is given up
    reading     the reply's form, then the smallest edits that make it so
    objections  what no edit may do; told to the model, once, for a better answer
    version     the document as it is by then: the edits move along, or nothing is changed

It knows neither LSP nor HTTP: `server/` and `cli/` take an `Outcome` to the user, `providers/` turn
a conversation into chunks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from devstral_lsp.config.schema import Settings
from devstral_lsp.providers.base import ChatProvider
from devstral_lsp.refactor.base import Offer, Outcome, Progress, Refused, Selection
from devstral_lsp.text import Snapshot

Connect = Callable[[], Awaitable[ChatProvider]]
"""Gives the provider that answers, made at its first use. Raises Refused where there is none."""


def _say_nothing(_: Progress) -> None: ...


class Refactorer:
    """Makes offers and does what is taken of them."""

    def __init__(self, settings: Settings, connect: Connect) -> None:
        self._settings = settings
        self._connect = connect

    def offers(self, selection: Selection, only: Sequence[str] = ()) -> list[Offer]:
        """What can be done at the selection, the best first; quick, and raises nothing.

        `only` are code action kinds: one of them, or a parent of it, must fit an offer's kind.
        """
        return []

    async def run(
        self,
        offer: Offer,
        snapshot: Snapshot,
        *,
        now: Callable[[], Snapshot | None] | None = None,
        report: Callable[[Progress], None] = _say_nothing,
    ) -> Outcome:
        """Do what `offer` says, for the text that `snapshot` holds.

        `now` gives the document as it is by then, None once it is closed; without it the text
        cannot move. Raises Refused where no edit that can be trusted came of it, StaleDocument
        where the text moved on under it, ProviderError where the endpoint gave no answer.
        Cancelling hangs up at once.
        """
        raise Refused("Nothing is refactored yet.")

    async def close(self) -> None:
        """Hang up on all that is under way. The provider is closed by who made it."""
