"""Parse the text around a cursor, with and without a draft.

Large documents are cut at unindented lines. The text without a draft is parsed once, while the
model responds; with a draft, it is parsed incrementally.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from devstral_lsp.completion.request_kind import only_closes_after
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext
from devstral_lsp.languages import Language
from devstral_lsp.syntax.grammars import grammar_name
from devstral_lsp.syntax.reparser import Reparser
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Edit, Span, normalize_newlines

ABOVE, BELOW = 16_000, 8_000
"""Code points before and after the cursor that are parsed: about 400 and 200 lines."""

WIDE = 36_000
"""The same before and after where a cut at those does not parse: it may be within a string, an
object or a branch of the preprocessor."""

_BY_COLUMNS = frozenset({"yaml", "markdown", "toml"})
"""Grammars of data formats, where lines say more than nodes."""

_PARAGRAPH = re.compile(
    r"\n[ \t]*\n([ \t]*)(?=[A-Za-z@_#/<$\[*])"
    r"(?=((?:@|#\[|/\*\*|///?|\[|(?:async|class|const|def|enum|export|extern|final|fn|func|function|impl"
    r"|interface|internal|module|namespace|private|protected|pub|public|static|struct|sub|template"
    r"|trait|type|void)\b))?)"
)
"""The first line of a paragraph: its indentation, and the keyword of a declaration."""

_MEMBERS_OF = {
    "php": "<?php\nclass X {\n", "java": "class X {\n", "csharp": "class X {\n",
    "javascript": "class X {\n", "typescript": "class X {\n", "tsx": "class X {\n",
    "rust": "impl X {\n", "cpp": "class X {\n",
}  # fmt: skip
"""Wrappers, by grammar, for a window that begins with a member."""

_SCRIPTS = ("javascript", "typescript", "tsx")
_LOCAL = re.compile(
    r"(?:[ \t]*+(?://|/?\*)[^\n]*+\n)*+[ \t]*+(?:(?:async[ ])?function|const|let|var)\b"
)
"""A declaration within a function, which is no member of a class, below its comment."""

_PHP_TAG = "<?php\n"


_MAY_HOLD_BRACKETS = re.compile(r"[^\w\s.,;:=+]")
"""Characters of lines with brackets, strings or comments."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The text `above` and `below` the cursor. The draft covers the first `covered` code points of
    `below`: brackets that the editor has inserted."""

    above: str
    below: str
    language_id: str
    parser: Reparser = field(compare=False, repr=False)
    covered: int = 0

    @staticmethod
    @reading.once
    def of(place: CursorContext) -> Ground | None:
        """The ground of a cursor; None for a language without a suitable grammar."""
        grammar = grammar_name(place.language_id)
        if grammar is None or grammar in _BY_COLUMNS:
            return None
        before, after = normalize_newlines(place.before), normalize_newlines(place.after)
        covered = len(place.line_after) if only_closes_after(place) else 0

        def window(before: str, after: str, most_above: int, most_below: int) -> Ground:
            above = _cut_above(before, grammar, most_above)
            below = _cut_below(after, most_below)
            if len(before) > most_above or len(after) > most_below:
                below = _fit_below(above, below, place.language)
            return Ground(above, below, place.language_id, place.parser, covered)

        ground = window(before, after, ABOVE, BELOW)
        if (ground.above, ground.below) == (before, after):
            return ground
        # The cursor's own line is left out: it changes with each key, and is rarely whole.
        head, tail = before[: before.rfind("\n") + 1], after[after.find("\n") + 1 :]
        limits = ((ABOVE, BELOW), (WIDE, WIDE))
        clear = (each for each in limits if window(head, tail, *each).is_clear())
        best = next(clear, limits[0])
        return ground if best == limits[0] else window(before, after, *best)

    def is_clear(self) -> bool:
        """Whether the text parses without a draft."""
        known = self.without_draft()
        return known is not None and not known.missing_nodes()

    def without_draft(self) -> Syntax | None:
        """The syntax of the text without a draft."""
        return self.parser.syntax_of(self.above + self.below, self.language_id)

    def with_draft(self, text: str, covers: int | None = None) -> Syntax | None:
        """The syntax with `text` at the cursor; `covers` (by default `covered`) code points are
        replaced."""
        return _with(self, text, self.covered if covers is None else covers)

    def faults(self, text: str, covers: int) -> int:
        """The number of error nodes and missing nodes in the text with `text` in it."""
        syntax = self.with_draft(text, covers)
        return 0 if syntax is None else syntax.missing_nodes()


@lru_cache(maxsize=32)
def _with(ground: Ground, text: str, covers: int) -> Syntax | None:
    known = ground.without_draft()
    at = len(ground.above)
    return None if known is None else known.apply_edit(Edit(Span(at, at + covers), text))


def _cut_above(before: str, grammar: str, most: int) -> str:
    if len(before) <= most:
        return before
    window = before[before.find("\n", len(before) - most) :]
    kept = window[_best_start(window) :].lstrip("\n")
    if kept[:1].isspace() and not (grammar in _SCRIPTS and _LOCAL.match(kept)):
        return _MEMBERS_OF.get(grammar, "") + kept
    return _PHP_TAG + kept if grammar == "php" and "<?" not in kept else kept


def _best_start(text: str, *, is_last: bool = False) -> int:
    """The start of the best paragraph: one that begins a function or method and is less indented
    than others; the first of these, or else the last paragraph."""
    starts = list(_PARAGRAPH.finditer(text))
    sign = -1 if is_last else 1
    ranked = ((match[2] is None, len(match[1]), sign * match.start(1)) for match in starts)
    best = min(ranked, default=None)
    return abs(best[2]) if best is not None else (len(text) if is_last else 0)


def _cut_below(after: str, most: int) -> str:
    if len(after) <= most:
        return after
    window = after[: after.rfind("\n", 0, most) + 1]
    return window[: _best_start(window, is_last=True)].rstrip(" \t")


def _fit_below(above: str, below: str, language: Language) -> str:
    line = above.rfind("\n") + 1
    current = above[line:] if _MAY_HOLD_BRACKETS.search(above, line) else ""
    return _close(above[:line], current, below, language)


@lru_cache(maxsize=8)
def _close(head: str, current: str, below: str, language: Language) -> str:
    """Cut `below` before brackets that close more than is open above, and close what it leaves
    open.

    Cached, because most keystrokes change no argument.
    """
    opened, unopened = brackets.unmatched_in(head + current + below, language)
    above = len(head) + len(current)
    if unopened and (at := unopened[0].position - above) >= 0:
        return below[: below.rfind("\n", 0, at) + 1]  # closes a part that was cut off above
    closing = (brackets.CLOSING[each.character] for each in opened if each.position < len(head))
    return below + "".join(reversed(list(closing)))
