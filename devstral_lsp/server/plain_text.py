"""Words for the user where editors expect plain text: messages, titles, labels.

VS Code makes links of `[text](command:…)` in messages and progress, and runs the command on a
click. What a file, a model or an endpoint may have written must not come to that, nor hide.
"""

from __future__ import annotations

import re

from devstral_lsp.characters import on_one_line, printable

_LINK = re.compile(r"\](?=\([^()\s]{0,40}:)")
"""Where a text in brackets is followed by an address, and not by the arguments of a call."""


def message_text(text: str) -> str:
    """`text` for a message; lines stay."""
    return _without_links(printable(text))


def label_text(text: str) -> str:
    """`text` for a title or a label, on one line."""
    return _without_links(on_one_line(text))


def _without_links(text: str) -> str:
    return _LINK.sub("] ", text)
