"""Ghost text of one letter costs more attention than it saves."""

from __future__ import annotations

from devstral_lsp.completion.types import CursorContext, Draft

_FINISHING = frozenset(")]}:;\"'`>")


def drop_tiny(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop what shows nothing, or a single character that does not finish anything.

    Before: `retur│` + `n`
    After:  nothing

    Before: `print(x│` + `)`
    After:  `)`
    """
    visible = "".join(draft.text.split())
    if len(visible) >= 2 or visible in _FINISHING:
        return draft
    return None
