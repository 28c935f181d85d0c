"""Models start with a line end, although they mean the cursor's own line."""

from __future__ import annotations

import re

from devstral_lsp.completion.extent.standing import is_text_of_element
from devstral_lsp.completion.request_kind import indent_width
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.fences import PROSE_LANGUAGES
from devstral_lsp.completion.types import CursorContext, Draft

_LINES_END_STATEMENTS = frozenset({"python", "go", "shellscript"})

_GOES_ON = re.compile(r"(?:(?<!\.)\.|->|::|\?\.|\b(?:return|yield|await|new|throw|raise)[ \t]+)$")
"""What leaves a line unfinished whatever the language."""

_OPERATOR = re.compile(r"[=+*/%&|<>-][ \t]*$")


def drop_leading_newline(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop the line ends before the first line where the cursor's line is blank but indented, or
    cannot end where it does.

    What a model sets further left than a blank line's own indentation is another block's, and so is
    what it says in place of the rest of a line that has code of its block below.

    Before (typescript): `function f() {⏎    │⏎}` + `⏎    go();`
    After:  `go();`

    Before: `name.│` + `⏎    strip()`
    After:  `strip()`

    Before: `if a:⏎    b = 1⏎    │` + `⏎print(b)`
    After:  nothing
    """
    said = draft.text.lstrip(" \t\n")
    lead = draft.text[: len(draft.text) - len(said)]
    if "\n" not in lead or not said:
        return draft
    line = place.line_before
    if line.strip():
        return _in_unfinished_line(draft, said, place)
    if not line:
        closes_fence = place.language.name == "markdown" and said.startswith("```")
        return reading.rewrite(draft, said) if closes_fence else draft
    own = indent_width(lead[lead.rfind("\n") + 1 :])
    if (own or place.language.block_start_token) and own < indent_width(line):
        return None
    return reading.rewrite(draft, said)


def _in_unfinished_line(draft: Draft, said: str, place: CursorContext) -> Draft | None:
    line = place.line_before
    is_prose = place.language.name in PROSE_LANGUAGES or place.language.name == "html"
    if is_prose or brackets.aside_at_cursor(place) or is_text_of_element(draft, place):
        return draft
    if not _GOES_ON.search(line):
        if place.language.name not in _LINES_END_STATEMENTS or not _OPERATOR.search(line):
            return draft
        if brackets.unmatched(brackets.scan(line, place.language).brackets)[0]:
            return draft
    below = next(iter(reading.lines_below(place)), "")
    if below and reading.column(below) == reading.column(line):
        return None
    return reading.rewrite(draft, said)
