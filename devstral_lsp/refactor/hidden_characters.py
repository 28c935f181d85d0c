"""Characters in an edit that hide or reorder code, or would drive a terminal that shows it.

Knows strings only. What stands in the original already is nobody's business here.
"""

from __future__ import annotations

import re

from devstral_lsp.characters import (
    BYTE_ORDER_MARK,
    deceptive_characters,
    describe_character,
    new_deceptive_characters,
)

_LONE_RETURN = re.compile("\r(?!\n|\\Z)")
"""An editor shows a line end there, a terminal writes over the line."""
_MOST_NAMED = 3
"""Characters in one sentence."""


def adds_hidden(code: str, original: str) -> str | None:
    """What `code` hides that `original` did not, in a sentence without it; None for nothing.

    Both are whole files, so that a byte order mark may stand at their start.
    """
    # Only new lines: an expression holds up every other thread until it is through a whole file.
    known = frozenset(original.split("\n"))
    lines = code.removeprefix(BYTE_ORDER_MARK).split("\n")
    fresh = "\n".join(line for line in lines if line not in known)
    new = sorted(new_deceptive_characters(fresh, original)) if deceptive_characters(fresh) else []
    if _LONE_RETURN.search(fresh) and not _LONE_RETURN.search(original):
        new.append("\r")
    if not new:
        return None
    named = ", ".join(describe_character(each) for each in new[:_MOST_NAMED])
    more = f" and {len(new) - _MOST_NAMED} more" if len(new) > _MOST_NAMED else ""
    return (
        f"The edit holds {named}{more}, which is not seen or changes what is seen, and which the "
        "file does not have. Where it is meant, it has to be written as an escape sequence."
    )
