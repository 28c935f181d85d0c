"""Makes text safe for messages, titles and labels, where editors expect plain text.

VS Code turns `[text](command:…)` in messages and progress into a link that runs the command. Text
of a file, a model or an endpoint must not become a link, nor hide characters.
"""

from __future__ import annotations

import re

from devstral_lsp.characters import on_one_line, printable

_LINK = re.compile(r"\](?=\([^()\s]{0,40}:)")
"""Brackets before an address, but not before the arguments of a call."""


def message_text(text: str) -> str:
    """`text` for a message, which may have several lines."""
    return _without_links(printable(text))


def label_text(text: str) -> str:
    """`text` for a title or a label, on one line."""
    return _without_links(on_one_line(text))


def _without_links(text: str) -> str:
    return _LINK.sub("] ", text)
