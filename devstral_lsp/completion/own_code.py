"""What the user's own code says at a place, without a network.

Whether that is shown or waits for what a model says is the engine's matter.
"""

from __future__ import annotations

from devstral_lsp.completion.question import Question, Source, local_request
from devstral_lsp.completion.request import Draft, Tier
from devstral_lsp.completion.screen import Found, Screen
from devstral_lsp.completion.stop import unit
from devstral_lsp.providers.base import FimProvider


class OwnCode:
    """`local` and what the filters leave of it; it says nothing where `local` is switched off."""

    def __init__(self, local: FimProvider | None, screen: Screen) -> None:
        self._local = local
        self._screen = screen

    @property
    def answers(self) -> bool:
        """Whether it says anything at all."""
        return self._local is not None

    async def sure(self, question: Question) -> Found | None:
        """What it is sure of, where that is known at once."""
        instant = self._local is not None and self._local.limits.instant
        return await self.said(question) if instant else None

    async def said(self, question: Question) -> Found | None:
        """What it says, however long it takes."""
        if self._local is None:
            return None
        said = "".join([chunk.text async for chunk in self._local.fim(local_request(question))])
        first = unit(said, question.place, question.kind, ended=True) or ""
        draft = Draft(text=first, kind=question.kind, partial=True)
        return self._screen.fitted(question.place, draft, Source(self._local.name, Tier.LOCAL))
