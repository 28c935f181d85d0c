"""What the user's own code says at a place, without a network.

Whether that is shown or waits for what a model says is the engine's matter.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

from devstral_lsp.completion.display import DisplayState, FilteredDraft
from devstral_lsp.completion.sensible import finished_part, is_in_scope
from devstral_lsp.completion.stopping import first_suggestion
from devstral_lsp.completion.task import CompletionSource, CompletionTask, local_request
from devstral_lsp.completion.types import Draft, Origin
from devstral_lsp.observability.trace import annotate
from devstral_lsp.providers.base import FimProvider, FinishReason

MIN_AGREED_LENGTH = 4
"""Code points that a model and the user's own code must have in common for them to be worth more
than all of what the model says."""


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

    async def agreed_start(
        self, question: CompletionTask, found: FilteredDraft
    ) -> FilteredDraft | None:
        """What a model's text has in common with the rest of the line, where the user's own code is
        sure of all of that and they differ: up to there both say the same. Else `found` itself.

        Where they differ from the start on, the model is believed.
        """
        draft = found.draft
        line = await self._sure_line(question) if draft.text.strip() else ""
        start = _common_start(draft.text, line)
        if len(start.strip()) < MIN_AGREED_LENGTH:
            return found
        cut = replace(draft, text=start, finish=FinishReason.STOP, replaces_after=0, goes_on=False)
        return replace(found, draft=cut)

    async def _sure_line(self, question: CompletionTask) -> str:
        """The rest of the cursor's line, where it is known at once and for sure; "" elsewhere."""
        if self._local is None or not self._local.limits.is_local or question.is_manual:
            return ""
        chunks = [chunk async for chunk in self._local.fim(local_request(question))]
        text = "".join(chunk.text for chunk in chunks)
        ends = chunks[-1].finish is FinishReason.STOP
        draft = Draft(text=text, kind=question.kind, may_end_anywhere=True)
        return text if ends and is_in_scope(draft, question.place) else ""

    async def complete(
        self, question: CompletionTask, *, alone: bool = False
    ) -> FilteredDraft | None:
        """What it says, however long it takes; `alone`, where no model is going to say more."""
        if alone:
            is_off = self._local is None
            own = "and local.enabled is false" if is_off else "so your own code alone was asked"
            annotate("no model is connected, %s", own, stage="request", verdict="empty")
        if self._local is None:
            return None
        said = "".join([chunk.text async for chunk in self._local.fim(local_request(question))])
        first = first_suggestion(said, question.place, question.kind, ended=True) or ""
        said_here = Draft(text=first, kind=question.kind, may_end_anywhere=True)
        draft = finished_part(said_here, question.place) if alone else said_here
        if draft is None or not is_in_scope(draft, question.place):
            words = "%s said nothing that makes sense here"
            annotate(words, self._local.name, stage="extent", verdict="empty")
            return None
        return self._screen.apply_filters(
            question.place, draft, CompletionSource(self._local.name, Origin.LOCAL)
        )


def _common_start(text: str, line: str) -> str:
    """What two texts begin with, up to a word in which they differ; "" where one begins with the
    other."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(text, line, strict=False))
    common = "".join(character for character, _ in alike)
    if common in (text, line):
        return ""
    in_word = takewhile(lambda letter: letter.isalnum() or letter == "_", reversed(common))
    return common[: len(common) - len(list(in_word))]
