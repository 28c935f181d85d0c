"""With text after the cursor, models repeat its start: `a > b) {` before `) {}`."""

from __future__ import annotations

import re
from dataclasses import replace

from devstral_lsp.completion.extent.ground import Ground
from devstral_lsp.completion.extent.standing import is_better
from devstral_lsp.completion.source import reading
from devstral_lsp.completion.source.closing import CLOSING, is_subsequence
from devstral_lsp.completion.types import CursorContext, Draft

_LONGEST = 200

_CLOSING_TAGS = re.compile(r"</[\w.:-]*+>")
_OPENING_TAG, _CLOSING_TAG = re.compile(r"<[A-Za-z]"), re.compile(r"</|/>")

_ARROW = re.compile(r"[-=]>|[<>]=")


def cut_overlapping_rest(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut the end of the draft from where the rest of the line begins, if more parses so.

    A draft that goes on behind the rest, such as the `>` of a type's arguments, covers it.

    Before (typescript): `if (│) {}` + `a > b) {`
    After:  `a > b`

    Before (typescriptreact): `const x = <App │/>;` + `a={1} />`
    After:  `a={1}␣`

    Before (typescript): `const m = new Map<│>` + `string, number>();`
    After:  `string, number>();` over `>`
    """
    text, line = draft.text.rstrip(), place.line_after.rstrip()[:_LONGEST]
    if (draft.replaces_after and "\n" in text) or not line.strip(CLOSING):
        return draft  # what an editor closes by itself is covered
    closes_element = line.lstrip().startswith(("</", "/>")) and _closes_more_elements(text)
    for rest in dict.fromkeys((line, line.lstrip())):
        for size in range(min(len(rest), len(text)), 0, -1):
            if text.endswith(rest[:size]):
                cut = reading.shorten(draft, len(text) - size)
                if cut is not None and (
                    (closes_element and size == len(rest)) or is_better(cut, draft, place)
                ):
                    return cut
    over = replace(draft, replaces_after=len(line))
    closes = not _CLOSING_TAGS.sub("", line).strip(CLOSING + "<>/") and is_subsequence(line, text)
    return over if closes and _is_better_over(over, draft, place) else draft


def _closes_more_elements(text: str) -> bool:
    """Whether `text` closes more elements than it opens."""
    return len(_CLOSING_TAG.findall(text)) > len(_OPENING_TAG.findall(text))


def _is_better_over(over: Draft, draft: Draft, place: CursorContext) -> bool:
    """Whether the draft rather covers the rest: by what parses, or without a grammar by the `>`."""
    if Ground.of(place) is not None:
        return is_better(over, draft, place)
    arrows = _ARROW.sub("", draft.text)
    return place.line_after.startswith(">") and arrows.count(">") > arrows.count("<")
