"""What a user has before their eyes in each document, and what may take its place.

What was shown last stands as long as what is typed agrees with it: its rest is then the answer, or
a text that begins with it. Something else comes once it is contradicted or used up, asked for by
hand, or after a pause. Knows the filters that all must pass; neither network nor LSP.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from devstral_lsp.completion.filters import FILTERS, Filter, apply
from devstral_lsp.completion.filters.match_line_ends import match_line_ends
from devstral_lsp.completion.question import Question, Source, completion_of
from devstral_lsp.completion.request import (
    Completion,
    CompletionRequest,
    Draft,
    Kind,
    Place,
    Tier,
    Trigger,
)
from devstral_lsp.completion.typed import Anchor, rest_of
from devstral_lsp.story import note
from devstral_lsp.text import with_newlines

PAUSE_MS = 1_500.0
"""Whoever has stopped for so long reads anew. Shorter, and texts change under the reader's eyes."""

MOST_DOCUMENTS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A draft that has passed the filters, and where it comes from."""

    draft: Draft
    source: Source

    def extends(self, other: Found) -> bool:
        """Whether a user who sees `other` would see it grow."""
        return self.draft.text.startswith(other.draft.text)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What was shown, around what, and when. The text has "\\n" line ends."""

    anchor: Anchor
    draft: Draft
    provider: str
    at_ms: float


class Screen:
    """One editor's. `clock_ms` gives milliseconds."""

    def __init__(self, clock_ms: Callable[[], float]) -> None:
        self.filters: Sequence[Filter] = FILTERS
        self._clock_ms = clock_ms
        self._standing: dict[str, _Standing] = {}
        self._count = 0

    def fitted(
        self, place: Place, draft: Draft | None, source: Source, *, known: Found | None = None
    ) -> Found | None:
        """What the filters leave of a draft; None for nothing. They cost the most of a keystroke
        that needs no network: what is `known` to have passed them here does not pass again."""
        if draft is None:
            return None
        if not draft.text:
            note("%s (%s) said nothing", source.provider, source.tier.value)
            return None
        if known is not None and draft.text == with_newlines(known.draft.text):
            return known
        verdict = apply(draft, place, self.filters)
        if verdict.draft is None:
            dropped = (source.provider, source.tier.value, verdict.dropped_by)
            note("%s (%s) dropped by %s", *dropped)
            return None
        return Found(verdict.draft, source)

    def kind(self, request: CompletionRequest, place: Place) -> Kind | None:
        """As what the text that stands was asked for; None where something else may be shown."""
        left = self._left(request, place)
        return left[1].kind if left is not None else None

    def standing(self, request: CompletionRequest, place: Place) -> Found | None:
        """What is left of what was shown; None where something else may be shown."""
        left = self._left(request, place)
        if left is None:
            return None
        standing, draft = left
        source = Source(standing.provider, Tier.REMEMBERED)
        if Anchor.of(place).after == standing.anchor.after:
            fitting = match_line_ends(draft, place)
            return Found(fitting, source) if fitting is not None else None
        # A bracket was closed by the editor, or typed over: what is covered has to be seen anew.
        return self.fitted(place, draft, source)

    def _left(self, request: CompletionRequest, place: Place) -> tuple[_Standing, Draft] | None:
        """What was shown, and what of it has not been typed yet; None if nothing stands."""
        standing = self._standing.get(request.snapshot.uri)
        if standing is None or request.trigger is Trigger.INVOKED:
            return None
        if self._clock_ms() - standing.at_ms >= PAUSE_MS:
            return None
        rest = rest_of(standing.draft.text, standing.anchor, place)
        return (standing, replace(standing.draft, text=rest)) if rest else None

    def show(self, question: Question, found: Found) -> Completion:
        """Put this on the screen."""
        draft = replace(found.draft, text=with_newlines(found.draft.text))
        anchor = Anchor.of(question.place)
        self._standing.pop(question.uri, None)
        self._standing[question.uri] = _Standing(
            anchor, draft, found.source.provider, self._clock_ms()
        )
        while len(self._standing) > MOST_DOCUMENTS:
            del self._standing[next(iter(self._standing))]
        return self.completion(question, found)

    def completion(self, question: Question, found: Found) -> Completion:
        """What an editor gets of `found`, under a new id."""
        self._count += 1
        return completion_of(question.request, found.draft, found.source, str(self._count))

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._standing.pop(uri, None)
