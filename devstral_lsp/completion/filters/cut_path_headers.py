"""Prompts name files by a header line; models that have seen one write the next."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext, Draft

_HEADER = re.compile(
    r"^(?:\+{4,5} \S.*"
    r"|diff --git .*"
    r"|[ \t]*(?:#|//|--|/\*|<!--) ?(?:[Pp]ath|[Ff]ile(?:[Nn]ame)?|[Ff]ilepath): *[\w@~.$/\\-]+"
    r" *(?:\*/|-->)?)$",
    re.MULTILINE,
)


def cut_path_headers(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop a header that leads the draft, and cut at the next one: there another file begins.

    Where the document has such lines itself, they are its own custom.

    Before: `│` + `# Path: app/views.py⏎import json⏎+++++ app/urls.py⏎import re`
    After:  `import json⏎`
    """
    match = _HEADER.search(draft.text)
    if match is None or brackets.aside_at_cursor(place):
        return draft
    if _HEADER.search(reading.before(place)) or _HEADER.search(reading.after(place)):
        return draft
    start = 0
    while match and not draft.text[start : match.start()].strip():
        start = match.end() + 1
        match = _HEADER.search(draft.text, start)
    led = reading.rewrite(draft, draft.text[start:])
    return led and reading.shorten(led, match.start() - start if match else len(draft.text))
