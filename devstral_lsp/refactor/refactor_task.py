"""One errand on one text, as it goes through the engine."""

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.refactor.prompt_context import DocumentLocation
from devstral_lsp.refactor.types import ActionOffer, ModelTask
from devstral_lsp.text import Snapshot


@dataclass(frozen=True, slots=True)
class RefactorTask:
    """What was taken, of which text, and what is to be asked for."""

    offer: ActionOffer
    snapshot: Snapshot
    errand: ModelTask
    home: DocumentLocation

    @property
    def code(self) -> str:
        """The text of the offer's span, with the document's own line ends."""
        span = self.offer.span
        return self.snapshot.text.slice(span.start, span.end)
