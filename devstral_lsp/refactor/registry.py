"""What all actions together offer at a place: filtered as the editor asks, in order, not too many.

Pure and quick; knows LSP's rules for kinds, and neither its messages nor a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from devstral_lsp.config.refactor_settings import RefactorSettings
from devstral_lsp.refactor.action import Action
from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.actions.instruct import ACTION as INSTRUCT
from devstral_lsp.refactor.custom_actions import PREFIX as OWN_PREFIX
from devstral_lsp.refactor.custom_actions import custom_actions
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, RefactorSelection

MOST_OFFERS = 40
"""A menu that scrolls for longer is not read."""
_OFFERED_UNASKED = "quickfix"
_ALSO_SOURCE = {
    "document": "source.document",
    "generate_tests": "source.test",
    "complete_todo": "source.complete",
    "follow_comment": "source.follow",
    "explain": "source.explain",
    "review": "source.review",
}
"""Actions, and the kind that they have where source actions are asked for."""


def actions_for(settings: RefactorSettings) -> Mapping[str, Action]:
    """All actions that the settings leave switched on, the user's own ones included, by name.

    What is never offered by itself stays, even if nothing is to be offered: users ask for it in
    words.
    """
    every: dict[str, Action] = {**ACTIONS, **custom_actions(settings.actions)}
    if not settings.enabled:
        every = {INSTRUCT.name: INSTRUCT}
    off = set(settings.disabled_actions)
    return {name: action for name, action in every.items() if name not in off}


def collect_offers(
    selection: RefactorSelection,
    *,
    only: Sequence[str] = (),
    actions: Mapping[str, Action] = ACTIONS,
) -> list[ActionOffer]:
    """What can be done at `selection`, in the order to show. Raises nothing.

    `only` are the kinds that the editor asks for, each with all below it; () or "" for any. Of
    what was not asked for by the user, only quick fixes are offered at a cursor, and nothing that
    cannot be done. Preferred offers come first; at most `MOST_OFFERS` come at all.

    An editor that asks by itself for a certain kind may make the edits unseen, as it does when a
    file is saved, and a folder's settings may tell it to: then there are only the user's own
    actions, whose kind the user chose.
    """
    place = SelectionContext(selection)
    found = (offer for action in actions.values() for offer in action.offers(place))
    wanted = (_as_asked(_within(offer, place), only) for offer in found)
    chosen = [each for each in wanted if each is not None and _is_welcome(each, place)]
    if selection.automatic and any(only):
        chosen = [each for each in chosen if _is_the_users(each)]
    return sorted(chosen, key=lambda offer: (bool(offer.disabled), not offer.is_preferred))[
        :MOST_OFFERS
    ]


def is_sub_kind(kind: str, above: str) -> bool:
    """Whether `kind` is `above` or one of its sub-kinds: "refactor" holds "refactor.inline"."""
    return not above or kind == above or kind.startswith(f"{above}.")


def _within(offer: ActionOffer, place: SelectionContext) -> ActionOffer:
    """The offer with what of its span the user has selected, or looks at."""
    is_scattered = len(offer.diagnostics) > 1
    selected = place.lines if is_scattered else place.selected_within(offer.span)
    return offer if selected is None else replace(offer, selected=selected)


def _as_asked(offer: ActionOffer, only: Sequence[str]) -> ActionOffer | None:
    """The offer under a kind that was asked for, None if there is none.

    LSP means "source" for whole files, and editors hide it from the menu at the cursor. What is
    sought in either menu is a source action only where these are asked for.
    """
    for kind in _kinds_of(offer):
        if not only or any(is_sub_kind(kind, each) for each in only):
            return offer if kind == offer.kind else replace(offer, kind=kind)
    return None


def _kinds_of(offer: ActionOffer) -> Iterator[str]:
    yield offer.kind
    if offer.action in _ALSO_SOURCE:
        yield _ALSO_SOURCE[offer.action]


def _is_the_users(offer: ActionOffer) -> bool:
    """Whether it is an action of the user's settings that editors may take by themselves. Those of
    a project are of other kinds."""
    return offer.action.startswith(OWN_PREFIX) and not is_sub_kind(offer.kind, "refactor")


def _is_welcome(offer: ActionOffer, place: SelectionContext) -> bool:
    if not place.selection.automatic:
        return True
    if offer.disabled:
        return False
    return place.is_line_selection or is_sub_kind(offer.kind, _OFFERED_UNASKED)
