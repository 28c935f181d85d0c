"""What a user has before their eyes in each document, and what may take its place.

What was shown last stands as long as what is typed agrees with it: its rest is then the answer, or
a text that begins with it. Something else comes once it is contradicted or used up, asked for by
hand, or after a pause. Knows the filters that all must pass; neither network nor LSP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from devstral_lsp.completion.filters import FILTERS, Filter, apply_filters
from devstral_lsp.completion.filters.match_line_ends import match_line_ends
from devstral_lsp.completion.task import CompletionSource, CompletionTask, to_completion
from devstral_lsp.completion.typed_through import RequestAnchor, remaining_text
from devstral_lsp.completion.types import (
    Completion,
    CompletionKind,
    CompletionRequest,
    CursorContext,
    Draft,
    Origin,
    TriggerKind,
)
from devstral_lsp.observability.trace import annotate
from devstral_lsp.text import normalize_newlines

REPLACE_AFTER_MS = 1_500.0
"""After such a pause the user reads anew; earlier, the text would change while being read."""

MAX_DOCUMENTS = 50


@dataclass(frozen=True, slots=True)
class FilteredDraft:
    """A draft that has passed the filters, and where it comes from."""

    draft: Draft
    source: CompletionSource
    begun: CompletionTask | None = None
    """Where the unit began that this goes on with."""
    is_typed_along: bool = False
    """Whether the user has typed a part of what was shown: this is the rest of it."""

    @property
    def is_final(self) -> bool:
        """Whether all of what its model means has come: nothing can make it longer."""
        return not (self.draft.goes_on or self.draft.may_end_anywhere)

    def extends(self, other: FilteredDraft) -> bool:
        """Whether a user who sees `other` would see it grow."""
        return self.draft.text.startswith(other.draft.text)

    def replaces(self, other: FilteredDraft) -> bool:
        """Whether the model's text takes the place of `other`: as it extends it, or as `other` is
        the user's own code, which the model goes before once it is heard.

        Not where the model says the same and less, nor under the eyes of a user who types along.
        """
        if self.extends(other):
            return True
        return other.draft.may_end_anywhere and not other.is_typed_along and not other.extends(self)


@dataclass(frozen=True, slots=True)
class _DisplayedDraft:
    """What was shown, around what, and when. The text has "\\n" line ends. `begun`, of a unit that
    goes on, is what asked for it, with all of it that was shown."""

    anchor: RequestAnchor
    draft: Draft
    provider: str
    at_ms: float
    begun: CompletionTask | None


class DisplayState:
    """One editor's. `clock_ms` gives milliseconds."""

    def __init__(self, clock_ms: Callable[[], float]) -> None:
        self.filters: Sequence[Filter] = FILTERS
        self._clock_ms = clock_ms
        self._standing: dict[str, _DisplayedDraft] = {}
        self._count = 0

    def apply_filters(
        self,
        place: CursorContext,
        draft: Draft | None,
        source: CompletionSource,
        *,
        known: FilteredDraft | None = None,
    ) -> FilteredDraft | None:
        """What the filters leave of a draft; None for nothing. They cost the most of a keystroke
        that needs no network: what is `known` to have passed them here does not pass again."""
        if draft is None:
            return None
        if not draft.text:
            said = (source.provider, source.tier.value)
            annotate("%s (%s) said nothing", *said, stage="extent", verdict="empty")
            return None
        if known is not None and draft.text == normalize_newlines(known.draft.text):
            return known
        verdict = apply_filters(draft, place, self.filters)
        if verdict.draft is None:
            dropped = (source.provider, source.tier.value, verdict.dropped_by)
            facts = {"verdict": "filtered", "filter": verdict.dropped_by or ""}
            annotate("%s (%s) dropped by %s", *dropped, stage="filter", **facts)
            return None
        if verdict.changed_by:
            by = ", ".join(verdict.changed_by)
            annotate("%s changed by %s", source.provider, by, stage="filter", changed_by=by)
        return FilteredDraft(verdict.draft, source)

    def kind(self, request: CompletionRequest, place: CursorContext) -> CompletionKind | None:
        """As what the text that stands was asked for; None where something else may be shown."""
        left = self._left(request, place)
        return left[1].kind if left is not None else None

    def current(self, request: CompletionRequest, place: CursorContext) -> FilteredDraft | None:
        """What is left of what was shown; None where something else may be shown."""
        left = self._left(request, place)
        if left is None:
            return None
        standing, draft = left
        source = CompletionSource(standing.provider, Origin.CACHE)
        is_typed_along = len(draft.text) < len(standing.draft.text)
        if RequestAnchor.of(place).after == standing.anchor.after:
            fitting = match_line_ends(draft, place)
            if fitting is None:
                return None
            return FilteredDraft(fitting, source, is_typed_along=is_typed_along)
        # A bracket was closed by the editor, or typed over: what is covered has to be seen anew.
        found = self.apply_filters(place, draft, source)
        return found and replace(found, is_typed_along=is_typed_along)

    def unfinished(self, question: CompletionTask) -> CompletionTask | None:
        """What asked for the unit whose first part has been accepted and ends at the cursor."""
        standing = self._standing.get(question.uri)
        if standing is None or standing.begun is None or question.is_manual:
            return None
        if remaining_text(standing.draft.text, standing.anchor, question.place) != "":
            return None
        is_verbatim = question.place.before.endswith(standing.draft.text)
        return standing.begun if is_verbatim else None

    def next_part(
        self,
        question: CompletionTask,
        begun: CompletionTask,
        draft: Draft | None,
        source: CompletionSource,
    ) -> FilteredDraft | None:
        """What follows what was accepted of a unit. The filters judge it with that, where it began:
        a part of what is right may look wrong."""
        found = self.apply_filters(begun.place, draft, source)
        if found is None or not found.draft.text.startswith(begun.accepted):
            return None
        rest = found.draft.text[len(begun.accepted) :]
        if not rest.strip():
            return None
        is_covered = question.place.line_after != begun.place.line_after
        covers = 0 if is_covered else found.draft.replaces_after
        part = replace(found.draft, text=rest, replaces_after=covers)
        return FilteredDraft(part, source, begun=begun)

    def _left(
        self, request: CompletionRequest, place: CursorContext
    ) -> tuple[_DisplayedDraft, Draft] | None:
        """What was shown, and what of it has not been typed yet; None if nothing stands."""
        standing = self._standing.get(request.snapshot.uri)
        if standing is None or request.trigger is TriggerKind.INVOKED:
            return None
        if self._clock_ms() - standing.at_ms >= REPLACE_AFTER_MS:
            return None
        rest = remaining_text(standing.draft.text, standing.anchor, place)
        return (standing, replace(standing.draft, text=rest)) if rest else None

    def display(self, question: CompletionTask, found: FilteredDraft) -> Completion:
        """Put this on the screen."""
        draft = replace(found.draft, text=normalize_newlines(found.draft.text))
        anchor = RequestAnchor.of(question.place)
        begun = found.begun or question
        begun = replace(begun, accepted=begun.accepted + draft.text)
        self._standing.pop(question.uri, None)
        self._standing[question.uri] = _DisplayedDraft(
            *(anchor, draft, found.source.provider, self._clock_ms()),
            begun if draft.goes_on else None,
        )
        while len(self._standing) > MAX_DOCUMENTS:
            del self._standing[next(iter(self._standing))]
        return self.completion(question, found)

    def completion(self, question: CompletionTask, found: FilteredDraft) -> Completion:
        """What an editor gets of `found`, under a new id."""
        self._count += 1
        return to_completion(question.request, found.draft, found.source, str(self._count))

    def alternatives(
        self, question: CompletionTask, drafts: Iterable[Draft], source: CompletionSource
    ) -> list[Completion]:
        """What an editor gets of further drafts; none of them goes on standing."""
        fitted = (self.apply_filters(question.place, each, source) for each in drafts)
        return [self.completion(question, each) for each in fitted if each is not None]

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._standing.pop(uri, None)
