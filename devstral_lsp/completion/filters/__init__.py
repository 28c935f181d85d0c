"""The filters: what a draft goes through before it may be shown, in one fixed order.

A filter is a pure function of a draft and its place; None means that nothing is worth showing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devstral_lsp.completion.filters.cut_control_tokens import cut_control_tokens
from devstral_lsp.completion.filters.cut_partial_tail import cut_partial_tail
from devstral_lsp.completion.filters.drop_tiny import drop_tiny
from devstral_lsp.completion.filters.keep_rest_of_line import keep_rest_of_line
from devstral_lsp.completion.filters.match_line_ends import match_line_ends
from devstral_lsp.completion.filters.trim_blanks import trim_blanks
from devstral_lsp.completion.filters.unify_line_ends import unify_line_ends
from devstral_lsp.completion.request import Draft, Place

Filter = Callable[[Draft, Place], Draft | None]

FILTERS: tuple[Filter, ...] = (
    unify_line_ends,
    cut_control_tokens,
    keep_rest_of_line,
    cut_partial_tail,
    trim_blanks,
    drop_tiny,
    match_line_ends,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the filters leave of a draft, and which of them had a say.

    `draft` is None if one of them dropped it; `dropped_by` then names that one. `changed_by` names,
    in order, those that changed the text or what it covers.
    """

    draft: Draft | None
    dropped_by: str | None = None
    changed_by: tuple[str, ...] = ()


def apply(draft: Draft, place: Place, filters: Sequence[Filter] = FILTERS) -> Verdict:
    """Run `draft` through `filters` in their order, up to the first that drops it."""
    changed: list[str] = []
    for each in filters:
        kept = each(draft, place)
        if kept is None:
            return Verdict(None, each.__name__, tuple(changed))
        if (kept.text, kept.covers) != (draft.text, draft.covers):
            changed.append(each.__name__)
        draft = kept
    return Verdict(draft, None, tuple(changed))
