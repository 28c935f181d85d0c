"""Models answer as if their text began at column 0, or indent the first line a second time."""

from __future__ import annotations

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.columns import (
    align_first_line,
    indented,
    inner_indentation,
    starts_at_zero,
)
from devstral_lsp.completion.types import CursorContext, Draft


def align_to_cursor(draft: Draft, place: CursorContext) -> Draft | None:
    """Align the draft with the indentation of the cursor's line.

    Before: `    if ready:⏎        │` + `        run()⏎        stop()`
    After:  `run()⏎        stop()`

    Before (javascript): `function log(a) {⏎│⏎}` + `console.log(a);`
    After:  `  console.log(a);`

    Before: `        │` + `if ready:⏎    run()⏎stop()`
    After:  `if ready:⏎            run()⏎        stop()`
    """
    if inner := inner_indentation(draft.text, place):
        return reading.rewrite(draft, indented(draft.text, inner, place))
    aligned = reading.rewrite(draft, align_first_line(draft.text, place))
    if aligned is None or not place.indentation:
        return aligned
    text, below = aligned.text, brackets.code_below(aligned, place)
    if not starts_at_zero(text.split("\n", 1)[0], [line for _, line in below], place):
        return aligned
    for start, _ in reversed(below):
        text = text[:start] + place.indentation + text[start:]
    return reading.rewrite(aligned, text)
