"""What the user's own code says at a place, without a network.

Whether that is shown or waits for what a model says is the engine's matter.
"""

from __future__ import annotations

from devstral_lsp.completion.display import DisplayState, FilteredDraft
from devstral_lsp.completion.sensible import is_finished, is_in_scope
from devstral_lsp.completion.stopping import first_suggestion
from devstral_lsp.completion.task import CompletionSource, CompletionTask, local_request
from devstral_lsp.completion.types import Draft, Origin
from devstral_lsp.observability.trace import annotate
from devstral_lsp.providers.base import FimProvider


class LocalCompleter:
    """`local` and what the filters leave of it; it says nothing where `local` is switched off."""

    def __init__(self, local: FimProvider | None, screen: DisplayState) -> None:
        self._local = local
        self._screen = screen

    @property
    def is_enabled(self) -> bool:
        """Whether it says anything at all."""
        return self._local is not None

    async def complete_if_instant(self, question: CompletionTask) -> FilteredDraft | None:
        """What it is sure of, where that is known at once and nobody asked by hand."""
        is_local = self._local is not None and self._local.limits.is_local
        instant = is_local and not question.is_manual
        return await self.complete(question) if instant else None

    async def complete(
        self, question: CompletionTask, *, alone: bool = False
    ) -> FilteredDraft | None:
        """What it says, however long it takes; `alone`, where no model is going to say more."""
        if self._local is None:
            return None
        said = "".join([chunk.text async for chunk in self._local.fim(local_request(question))])
        first = first_suggestion(said, question.place, question.kind, ended=True) or ""
        draft = Draft(text=first, kind=question.kind, may_end_anywhere=True)
        finished = not alone or is_finished(draft, question.place)
        if not (finished and is_in_scope(draft, question.place)):
            words = "%s said nothing that makes sense here"
            annotate(words, self._local.name, stage="extent", verdict="empty")
            return None
        return self._screen.apply_filters(
            question.place, draft, CompletionSource(self._local.name, Origin.LOCAL)
        )
