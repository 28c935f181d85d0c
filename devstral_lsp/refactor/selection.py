"""The place a selection points at, as far as actions want to know."""

from __future__ import annotations

from devstral_lsp.refactor.base import Selection


class Place:
    """A selection, and what stands there: found once, for all actions."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
