"""Offers what the actions can do at a selection: filtered by kind, in order, and not too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from devstral_lsp.config.refactor_settings import RefactorSettings
from devstral_lsp.refactor.action import Action
from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.actions.instruct import ACTION as INSTRUCT
from devstral_lsp.refactor.custom_actions import PREFIX as CUSTOM_PREFIX
from devstral_lsp.refactor.custom_actions import custom_actions
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, RefactorSelection

MAX_OFFERS = 40
"""Users do not read a menu that scrolls for longer."""


def actions_for(settings: RefactorSettings) -> Mapping[str, Action]:
    """The actions that the settings leave switched on, by name, with the user's own.

    With refactoring switched off, only the action for the user's own words remains, which is never
    offered by itself.
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

    `only` are the kinds that the editor asks for, each with its sub-kinds; () or "" for any.
    Preferred offers come first, disabled ones last; there are at most `MAX_OFFERS`.

    When the editor asks by itself, only quick fixes are offered at a cursor, and nothing that is
    disabled. If it then asks for a certain kind, it may apply the edits unseen, as on a save, and a
    folder's settings may tell it to: so only the user's own actions are offered, whose kind the
    user chose.
    """
    place = SelectionContext(selection)
    offers = [
        _with_selected(offer, place)
        for action in actions.values()
        for found in action.offers(place)
        if (offer := _as_asked(found, action.source_kind, only)) is not None
    ]
    if selection.automatic:
        offers = [each for each in offers if _is_welcome(each, place)]
    if selection.automatic and any(only):
        # Actions of a project are of kinds at or below "refactor".
        offers = [
            each
            for each in offers
            if each.action.startswith(CUSTOM_PREFIX) and not is_sub_kind(each.kind, "refactor")
        ]
    return sorted(offers, key=lambda offer: (bool(offer.disabled), not offer.is_preferred))[
        :MAX_OFFERS
    ]


def is_sub_kind(kind: str, above: str) -> bool:
    """Whether `kind` is `above` or one of its sub-kinds: "refactor" holds "refactor.inline"."""
    return not above or kind == above or kind.startswith(f"{above}.")


def _as_asked(offer: ActionOffer, source_kind: str, only: Sequence[str]) -> ActionOffer | None:
    """The offer under a kind that was asked for; None if it has no such kind.

    LSP means "source" for whole files, and editors hide it from the menu at the cursor. So actions
    that users look for in either menu are source actions only where these are asked for.
    """
    for kind in filter(None, (offer.kind, source_kind)):
        if not only or any(is_sub_kind(kind, each) for each in only):
            return replace(offer, kind=kind)
    return None


def _with_selected(offer: ActionOffer, place: SelectionContext) -> ActionOffer:
    """The offer with the part of its span that the user selected, or looks at."""
    is_scattered = len(offer.diagnostics) > 1
    selected = place.lines if is_scattered else place.selected_within(offer.span)
    return replace(offer, selected=selected)


def _is_welcome(offer: ActionOffer, place: SelectionContext) -> bool:
    """Whether to offer it without being asked by the user."""
    return not offer.disabled and (place.is_line_selection or is_sub_kind(offer.kind, "quickfix"))
