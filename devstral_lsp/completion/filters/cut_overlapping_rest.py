"""With text after the cursor, models repeat its start: `a > b) {` before `) {}`."""

from __future__ import annotations

from devstral_lsp.completion.extent.standing import is_better
from devstral_lsp.completion.source import reading
from devstral_lsp.completion.source.closing import CLOSING
from devstral_lsp.completion.types import CursorContext, Draft

_LONGEST = 200


def cut_overlapping_rest(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut the end of the draft from where the rest of the line begins, if more parses so.

    Before (typescript): `if (│) {}` + `a > b) {`
    After:  `a > b`

    Before (typescriptreact): `const x = <App │/>;` + `a={1} />`
    After:  `a={1}␣`
    """
    text, line = draft.text.rstrip(), place.line_after.rstrip()[:_LONGEST]
    if (draft.replaces_after and "\n" in text) or not line.strip(CLOSING):
        return draft  # what an editor closes by itself is covered
    for rest in dict.fromkeys((line, line.lstrip())):
        for size in range(min(len(rest), len(text)), 0, -1):
            if text.endswith(rest[:size]):
                cut = reading.shorten(draft, len(text) - size)
                if cut is not None and is_better(cut, draft, place):
                    return cut
    return draft
