"""After Enter, editors indent as deep as the line above; what closes a block stands left of it."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext, Draft

_BRANCH = re.compile(r"(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure)\b")


def drop_misplaced_closer(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop what begins by closing a block, on a line as deep as the block.

    Until the line is outdented, nothing that the model meant fits there.

    Before (ruby): `def f⏎  go⏎  │` + `end`
    After:  nothing

    Before (ruby): `def f⏎  go⏎│` + `end`
    After:  `end`
    """
    line, language = place.line_before, place.language
    if not line or line.strip() or brackets.aside_at_cursor(place):
        return draft
    said = draft.text.lstrip(" \t\n")
    above = next(reversed(reading.lines_above(place)), "")
    is_opener = reading.opens_block(above, language)
    is_deeper = reading.column(above) < reading.column(line)
    if is_opener != is_deeper or reading.column(above) > reading.column(line):
        return draft
    by_columns = bool(language.block_start_token)  # lists may be closed in their items' column
    closes = said.startswith("</") or (
        not (by_columns and said[:1] in brackets.PAIRS)
        and reading.starts_by_closing(said, language)
    )
    goes_on = above.lstrip().startswith("}")  # `}`, and then `else` or `catch` in its column
    return None if closes or (_BRANCH.match(said) and not goes_on) else draft
