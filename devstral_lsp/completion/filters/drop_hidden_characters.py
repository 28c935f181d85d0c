"""Characters that reorder or hide code are invisible in ghost text, and stay in the file."""

from __future__ import annotations

import re
from dataclasses import replace

from devstral_lsp.characters import deceptive_characters, new_deceptive_characters
from devstral_lsp.completion.types import CursorContext, Draft

_ZERO_WIDTH = re.compile("[\u200b\u2060\ufeff]+")
"""Characters of zero width, with which some models begin."""

_NO_BREAK = "\u00a0"


def drop_hidden_characters(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop what holds a control, bidirectional or invisible character that the document lacks.

    Before: `is_admin = │` + `role == "user\u202e"`
    After:  nothing

    Before: `x = │` + `\u200b1337`
    After:  `1337`

    Before: `SPACE = "\u200b"⏎spaces = │` + `text.count("\u200b")`
    After:  `text.count("\u200b")`

    Before: `icon = │` + `"👩\u200d💻"`
    After:  `"👩\u200d💻"`
    """
    if (led := _ZERO_WIDTH.match(draft.text)) and draft.text[led.end() :].strip():
        draft = replace(draft, text=draft.text[led.end() :])
    if draft.text.startswith(_NO_BREAK):
        draft = replace(draft, text=" " + draft.text[1:])
    around = {"before": place.before, "after": place.after[draft.replaces_after :]}
    if not deceptive_characters(draft.text, **around):
        return draft
    # Only now: the user would notice if each keystroke read the whole of a large document.
    return None if new_deceptive_characters(draft.text, place.document, **around) else draft
