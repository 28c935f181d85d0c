"""What the parser says to a draft: how to read it so that an unfinished line is no error.

Only `drop_unparsable` asks. A text is judged in a window, with the least that it still needs; here
is what that is, and what no parser should be asked about at all. Parsing costs the most of all
filters: the window is parsed while the answer is waited for (`look_ahead`), a draft within it only
as far as it changes that.
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
"""Code points on either side of the cursor."""

_MAKES_CODE = "<?"
"""PHP's opening tag: all below it was text before."""


_OF_DATA = ("yaml", "markdown", "json", "jsonc", "toml", "css", "scss", "less")
"""Where half of a thing is no error to its author, and a parser stumbles over it."""

_OUTERMOST = re.compile(r"\n(?=[A-Za-z@_#/<])")

_OF_UNITS = frozenset({"python", "javascript", "typescript", "go", "rust", "java", "csharp"})
"""Languages in which an outermost line begins something that parses by itself. Tried at 6,000
places in 14 languages: in these, more of what was broken was found and nothing else was lost."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How much of a text does not parse. `errors` leaves out what a line may yet get."""

    errors: int
    faults: int


@dataclass(frozen=True, slots=True)
class Window:
    """The text around a cursor that a draft is judged in, with nothing in its place."""

    above: str
    below: str
    language_id: str

    @staticmethod
    @reading.once
    def around(place: CursorContext) -> Window:
        """The function, type or statement around the cursor, at most NEAR code points on a side.

        Where outermost lines do not tell where that is: NEAR, above from an outermost line on.
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
        """Those of the window with `text` at the cursor, over `covers` code points."""
        at = len(self.above)
        return self._with(Edit(Span(at, at + covers), text))

    def is_clear(self) -> bool:
        """Whether all but the cursor's line parses: in one cut within a string nothing does."""
        start = self.above.rfind("\n") + 1
        end = len(self.above) + self.below.find("\n") + 1
        found = self._with(Edit(Span(start, end), ""))
        return found is not None and found.faults == 0

    def parses_above(self, text: str = "") -> bool:
        """Whether the lines above parse, or with `text` all that is above the cursor; with open
        brackets closed, and nothing below."""
        at = len(self.above) if text else self.above.rfind("\n") + 1
        opened = unmatched(scan(self.above[:at] + text, get_language(self.language_id)).brackets)[0]
        closing = "".join(CLOSING[each.character] for each in reversed(opened))
        end = len(self.above) + len(self.below)
        found = self._with(Edit(Span(at, end), text + closing))
        return found is not None and found.errors == 0

    def _with(self, edit: Edit) -> Faults | None:
        return _faults_with(edit, self.above + self.below, self.language_id)


def window_above(above: str) -> str:
    """The last NEAR code points of `above`, from an outermost line on; all if there is none."""
    outermost = _OUTERMOST.search(above, max(0, len(above) - NEAR))
    return above[outermost.end() :] if outermost and len(above) > NEAR else above


def _begins_unit(text: str, start: int) -> bool:
    """Whether the line at `start` is more than another branch of what stands above it."""
    return not reading.continues_block(text[start:].split("\n", 1)[0])


def look_ahead(place: CursorContext) -> None:
    """Parse what a draft for `place` will be judged in."""
    window = Window.around(place)
    if is_judged(place.language_id):
        syntax_of(window.above + window.below, place.language_id)


_SYNTAXES: LRUCache[tuple[str, str], Syntax | None] = LRUCache(maxsize=16)


@cached(_SYNTAXES, key=lambda text, language_id: (text, language_id))
def syntax_of(text: str, language_id: str) -> Syntax | None:
    """Remembered: several stages ask about one place."""
    return Syntax.of(text, language_id)


def _edited(edit: Edit, text: str, language_id: str) -> tuple[str, str]:
    return text[: edit.span.start] + edit.text + text[edit.span.end :], language_id


@cached(LRUCache(maxsize=64), key=_edited)
def _faults_with(edit: Edit, text: str, language_id: str) -> Faults | None:
    """Those of `text` with `edit` made, None without a grammar. Remembered by what that gives: a
    letter taken back of a suggestion leaves the whole as it was."""
    known = _SYNTAXES.get((text, language_id))
    whole = Syntax.of(*_edited(edit, text, language_id)) if known is None else known.replaced(edit)
    return None if whole is None else Faults(whole.errors(), whole.missing_nodes())


def is_judged(language_id: str) -> bool:
    return language_id not in _OF_DATA and grammar_of(language_id) is not None


def is_a_beginning(draft: Draft, place: CursorContext) -> bool:
    """Whether more must follow by the nature of the last line: a decorator, a directive, a string
    over several lines, PHP's opening tag."""
    text = place.line_before + draft.text + place.line_after[draft.replaces_after :]
    last = text.rsplit("\n", 1)[-1].lstrip()
    asides = scan(text, place.language).asides
    goes_on = bool(asides) and asides[-1].is_open and len(asides[-1].opener) > 1
    return goes_on or last.startswith(("@", "#")) or _MAKES_CODE in draft.text


def with_an_end(text: str, place: CursorContext) -> list[str]:
    """`text`, and where its last line opens a block, `text` with the least there can be in it.

    The block may also stand below already.
    """
    last = (place.line_before + text).rsplit("\n", 1)[-1]
    whole, offset = joined(Draft(text=text, kind=CompletionKind.BLOCK), place)
    opened = unmatched(b for b in scan(whole, place.language).brackets if b.position >= offset)[0]
    ends = [text]
    if opened and "\n" in text:
        # A part of a long block: what it leaves open is closed by what follows.
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
"""Languages in which a statement parses wherever it stands."""


_OF_TAGS = ("html", "xml", "javascriptreact", "typescriptreact", "jsx", "tsx")


def is_finished(draft: Draft, place: CursorContext) -> bool:
    """Whether the draft means to end where it ends."""
    if draft.may_end_anywhere or draft.finish is not FinishReason.STOP or aside_at_cursor(place):
        return False
    if place.language.block_end_keywords or place.language_id in _OF_TAGS:
        return False  # what closes a block or a tag may still be to come, and is no bracket
    return not unmatched(scan(joined(draft, place)[0], place.language).brackets)[0]


def fits_what_is_above(draft: Draft, window: Window, place: CursorContext) -> bool:
    """Whether the draft parses behind the code above, with all open brackets closed.

    Where statements stand on their own, that is; elsewhere, and where what is said goes on below,
    nothing is judged.
    """
    if draft.may_end_anywhere or draft.finish is not FinishReason.STOP or aside_at_cursor(place):
        return True
    if place.language_id not in _OF_STATEMENTS or not window.parses_above():
        return True
    text = draft.text + place.line_after[draft.replaces_after :]
    return any(window.parses_above(each) for each in with_an_end(text, place))
