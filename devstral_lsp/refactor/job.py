"""One errand on one text, as it goes through the engine."""

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.refactor.base import Errand, Offer
from devstral_lsp.refactor.material import Home
from devstral_lsp.text import Snapshot


@dataclass(frozen=True, slots=True)
class Job:
    """What was taken, of which text, and what is to be asked for."""

    offer: Offer
    snapshot: Snapshot
    errand: Errand
    home: Home

    @property
    def code(self) -> str:
        """The text of the offer's span, with the document's own line ends."""
        span = self.offer.span
        return self.snapshot.text.slice(span.start, span.end)
