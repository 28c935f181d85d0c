"""What reorders or hides code is not seen in ghost text, and stays in the file once taken."""

from __future__ import annotations

from devstral_lsp.characters import deceptive_characters, new_deceptive_characters
from devstral_lsp.completion.types import CursorContext, Draft


def drop_hidden_characters(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop what holds a control, bidirectional or invisible character that the document lacks.

    Before: `is_admin = │` + `role == "user\u202e"`
    After:  nothing

    Before: `SPACE = "\u200b"⏎spaces = │` + `text.count("\u200b")`
    After:  `text.count("\u200b")`

    Before: `icon = │` + `"👩\u200d💻"`
    After:  `"👩\u200d💻"`
    """
    around = {"before": place.before, "after": place.after[draft.replaces_after :]}
    if not deceptive_characters(draft.text, **around):
        return draft
    # Only now, as reading the whole of a large document would be felt at every key.
    return None if new_deceptive_characters(draft.text, place.document, **around) else draft
