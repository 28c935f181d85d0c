"""Models answer as if their text began at column 0, or indent the first line a second time."""

from __future__ import annotations

from devstral_lsp.completion.source import brackets, source_lines
from devstral_lsp.completion.source.columns import align_first_line, starts_at_zero
from devstral_lsp.completion.types import CursorContext, Draft


def align_to_cursor(draft: Draft, place: CursorContext) -> Draft | None:
    """Let the draft go on where the cursor's line is indented.

    Before: `    if ready:⏎        │` + `        run()⏎        stop()`
    After:  `run()⏎        stop()`

    Before: `        │` + `if ready:⏎    run()⏎stop()`
    After:  `if ready:⏎            run()⏎        stop()`
    """
    aligned = source_lines.rewrite(draft, align_first_line(draft.text, place))
    if aligned is None or not place.indentation:
        return aligned
    text, below = aligned.text, brackets.code_below(aligned, place)
    if not starts_at_zero(text.split("\n", 1)[0], [line for _, line in below], place):
        return aligned
    for start, _ in reversed(below):
        text = text[:start] + place.indentation + text[start:]
    return source_lines.rewrite(aligned, text)
