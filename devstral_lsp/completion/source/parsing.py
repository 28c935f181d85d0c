"""Parse a draft in a window of the document, and complete it so that an unfinished line is no
error.

Used by `drop_unparsable`. Also lists texts that no parser can judge. Parsing is the most expensive
part of the filters: the window is parsed while waiting for the response (`look_ahead`), and a draft
incrementally.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cachetools import LRUCache, cached

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.source.brackets import (
    CLOSING,
    aside_at_cursor,
    joined,
    scan,
    unmatched,
)
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft
from devstral_lsp.languages import Language, get_language, grammar_of
from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.providers.base import FinishReason
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Edit, Span

NEAR = 1_500
"""Code points before and after the cursor."""

_MAKES_CODE = "<?"
"""PHP's opening tag: everything above it is text."""


_OF_DATA = ("yaml", "markdown", "json", "jsonc", "toml", "css", "scss", "less")
"""Types of drafts that are often incomplete on purpose, which a parser reports as errors."""

_OUTERMOST = re.compile(r"\n(?=[A-Za-z@_#/<])")

_OF_UNITS = frozenset({"python", "javascript", "typescript", "go", "rust", "java", "csharp"})
"""Languages in which an unindented line begins something that parses by itself. Measured at 6,000
places in 14 languages: in these, more broken drafts were found and no right one was lost."""


@dataclass(frozen=True, slots=True)
class Faults:
    """The number of syntax errors. `errors` excludes what the rest of a line may still complete."""

    errors: int
    faults: int


@dataclass(frozen=True, slots=True)
class Window:
    """The text around a cursor in which a draft is judged."""

    above: str
    below: str
    language_id: str

    @staticmethod
    @reading.once
    def around(place: CursorContext) -> Window:
        """The function, type or statement around the cursor, at most NEAR code points before and
        after.

        If unindented lines do not show where it starts: NEAR code points, from an unindented line
        above.
        """
        above, below = reading.before(place), reading.after(place)[:NEAR]
        if place.language.name not in _OF_UNITS:
            return Window(window_above(above), below, place.language_id)
        line = above.rfind("\n") + 1
        starts = (each.end() for each in _OUTERMOST.finditer(above, max(0, len(above) - NEAR)))
        unit = [each for each in starts if each < line and _begins_unit(above, each)][-1:]
        ends = (each.end() for each in _OUTERMOST.finditer(below))
        end = next((each for each in ends if _begins_unit(below, each)), NEAR)
        return Window(above[unit[0] :] if unit else above, below[:end], place.language_id)

    def faults(self, text: str = "", covers: int = 0) -> Faults | None:
        """The syntax errors with `text` at the cursor, replacing `covers` code points."""
        at = len(self.above)
        return self._with(Edit(Span(at, at + covers), text))

    def is_clear(self) -> bool:
        """Whether everything except the cursor's line parses; False for a window cut within a
        string."""
        start = self.above.rfind("\n") + 1
        end = len(self.above) + self.below.find("\n") + 1
        found = self._with(Edit(Span(start, end), ""))
        return found is not None and found.faults == 0

    def parses_above(self, text: str = "") -> bool:
        """Whether the lines above parse (with `text`: everything above the cursor), after closing
        open brackets and without the lines below."""
        at = len(self.above) if text else self.above.rfind("\n") + 1
        opened = unmatched(scan(self.above[:at] + text, get_language(self.language_id)).brackets)[0]
        closing = "".join(CLOSING[each.character] for each in reversed(opened))
        end = len(self.above) + len(self.below)
        found = self._with(Edit(Span(at, end), text + closing))
        return found is not None and found.errors == 0

    def _with(self, edit: Edit) -> Faults | None:
        return _faults_with(edit, self.above + self.below, self.language_id)


def window_above(above: str) -> str:
    """The last NEAR code points of `above`, from an unindented line; all of it if there is none."""
    outermost = _OUTERMOST.search(above, max(0, len(above) - NEAR))
    return above[outermost.end() :] if outermost and len(above) > NEAR else above


def _begins_unit(text: str, start: int) -> bool:
    """Whether the line at `start` begins a unit and is no further branch of the one above."""
    return not reading.continues_block(text[start:].split("\n", 1)[0])


def look_ahead(place: CursorContext) -> None:
    """Parse the window of `place` in advance."""
    window = Window.around(place)
    if is_judged(place.language_id):
        syntax_of(window.above + window.below, place.language_id)


_SYNTAXES: LRUCache[tuple[str, str], Syntax | None] = LRUCache(maxsize=16)


@cached(_SYNTAXES, key=lambda text, language_id: (text, language_id))
def syntax_of(text: str, language_id: str) -> Syntax | None:
    """The cached syntax: several stages need the same place."""
    return Syntax.of(text, language_id)


def _edited(edit: Edit, text: str, language_id: str) -> tuple[str, str]:
    return text[: edit.span.start] + edit.text + text[edit.span.end :], language_id


@cached(LRUCache(maxsize=64), key=_edited)
def _faults_with(edit: Edit, text: str, language_id: str) -> Faults | None:
    """The syntax errors of `text` after `edit`; None without a grammar. Cached by the resulting
    text, which typing through a suggestion does not change."""
    known = _SYNTAXES.get((text, language_id))
    whole = (
        Syntax.of(*_edited(edit, text, language_id)) if known is None else known.apply_edit(edit)
    )
    return None if whole is None else Faults(whole.errors(), whole.missing_nodes())


def is_judged(language_id: str) -> bool:
    return language_id not in _OF_DATA and grammar_of(language_id) is not None


def is_a_beginning(draft: Draft, place: CursorContext) -> bool:
    """Whether the last line requires more text: a decorator, a directive, a multi-line string,
    PHP's opening tag."""
    after = place.line_after[draft.replaces_after :][: reading.WINDOW]
    text = place.line_before[-reading.WINDOW :] + draft.text + after
    last = text[text.rfind("\n") + 1 :].lstrip()
    asides = scan(text, place.language).asides
    line_comment = place.language.line_comment
    beside = asides[-1] if asides and asides[-1].opener != line_comment else None
    goes_on = beside is not None and beside.is_open and len(beside.opener) > 1
    leads_to_code = last.startswith("@") or is_directive(text, place) or _MAKES_CODE in draft.text
    return goes_on or leads_to_code


def is_directive(text: str, place: CursorContext) -> bool:
    """Whether the last line of `text` begins with a `#` that begins no comment."""
    last = text[text.rfind("\n") + 1 :].lstrip()
    start = len(text) - len(last)
    asides = scan(text, place.language).asides
    return last.startswith("#") and not any(each.start <= start < each.end for each in asides)


def with_an_end(text: str, place: CursorContext) -> list[str]:
    """`text`; if its last line opens a block, with a minimal body.

    The body may also exist below already.
    """
    last = (place.line_before + text).rsplit("\n", 1)[-1]
    whole, offset = joined(Draft(text=text, kind=CompletionKind.BLOCK), place)
    opened = unmatched(b for b in scan(whole, place.language).brackets if b.position >= offset)[0]
    ends = [text]
    if opened and "\n" in text:
        # Part of a long block, which later text closes.
        ends.append(text + "\n" + "".join(CLOSING[each.character] for each in reversed(opened)))
    if not reading.opens_block(last, place.language):
        return ends
    return [*ends, text + _least_block(last, place.language)]


def _least_block(line: str, language: Language) -> str:
    if closing := CLOSING.get(line.rstrip()[-1:]):
        return closing
    if language.block_start_token:
        return f"\n{indent_of(line)}    pass"
    return "\n" + next(iter(language.block_end_keywords), "")


_OF_STATEMENTS = ("python", "javascript", "typescript")
"""Languages in which a statement parses anywhere."""


_OF_TAGS = ("html", "xml", "javascriptreact", "typescriptreact", "jsx", "tsx")


def is_finished(draft: Draft, place: CursorContext) -> bool:
    """Whether the draft is complete as intended by the model."""
    if draft.may_end_anywhere or draft.finish is not FinishReason.STOP or aside_at_cursor(place):
        return False
    if place.language.block_end_keywords or place.language_id in _OF_TAGS:
        return False  # a block or tag that is not closed by a bracket may still be open
    return not unmatched(scan(joined(draft, place)[0], place.language).brackets)[0]


def fits_what_is_above(draft: Draft, window: Window, place: CursorContext) -> bool:
    """Whether the draft parses after the code above, with all open brackets closed.

    True where this cannot be judged: in other languages, and if the lines below continue the draft.
    """
    if draft.may_end_anywhere or draft.finish is not FinishReason.STOP or aside_at_cursor(place):
        return True
    if place.language_id not in _OF_STATEMENTS or not window.parses_above():
        return True
    text = draft.text + place.line_after[draft.replaces_after :][:NEAR]
    return any(window.parses_above(each) for each in with_an_end(text, place))
