"""A draft belongs to the block that the cursor stands in; what follows is another answer."""

from __future__ import annotations

import re

from devstral_lsp.completion.extent.standing import is_whole
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.scope import Scope
from devstral_lsp.completion.types import CursorContext, Draft

_HERE_DOCUMENT = re.compile(r"<<[-~]?[\"']?[A-Z_]{2,}")


def cut_beyond_scope(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut where a line leaves the cursor's block, unless it only closes it.

    Where the cursor's line opens a block, that block is the scope; at column 0, the first unit is.
    After a finished line the next thing may begin further left, but not left of what stands below,
    unless that is the body of what the draft opens.

    Before: `def f(x):⏎    │` + `return x⏎⏎def g(x):⏎    return -x`
    After:  `return x⏎`

    Before: `if ready:│` + `⏎    run()⏎stop()`
    After:  `⏎    run()`

    Before: `    def f():⏎        return 1│⏎⏎    def h():` + `⏎⏎    def g():⏎        pass⏎x`
    After:  `⏎⏎    def g():⏎        pass`

    Before: `        return 1│⏎        pass` + `⏎⏎    def g():`
    After:  `⏎⏎    def g():`
    """
    if "\n" not in draft.text or _HERE_DOCUMENT.search(draft.text):
        return draft
    scope = Scope(draft, place)
    left_at = None
    for start, line in brackets.code_below(draft, place):
        if scope.holds(line):
            left_at = None
            continue
        left_at = start if left_at is None else left_at
        if not reading.is_comment(line, place.language):
            if is_whole(draft, place):
                return draft
            return reading.shorten(draft, left_at - 1)
    return draft
