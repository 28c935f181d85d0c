"""Match the closing brackets and quotes of a draft with those of the document."""

from __future__ import annotations

import re

from devstral_lsp.completion.request_kind import indent_width
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.brackets import Bracket
from devstral_lsp.completion.types import CursorContext, Draft

CLOSING = ")]}\"'`;, "
"""Text that editors insert after the cursor."""

_PAIRED = re.compile(r"([`|*_~$])\1*")
"""Marks that close as they open, in Markdown and around Ruby's parameters."""

_BLANK_OR_CLOSING = " \t)]}"


def pop_innermost(opened: list[Bracket], character: str) -> Bracket | None:
    """Remove and return the innermost `character` of `opened`, with all brackets inside of it."""
    if not any(each.character == character for each in opened):
        return None
    while (last := opened.pop()).character != character:
        pass
    return last


def closed_below(draft: Draft, place: CursorContext) -> set[Bracket]:
    """The brackets before the cursor that lines after it close, as formatters indent them.

    Such a line begins with the closing bracket, at the indentation of the opening line.
    """
    if brackets.aside_at_cursor(place):
        return set()
    before = reading.before(place)
    # The replaced text no longer counts, but its line keeps its indentation.
    after = place.indentation + reading.after(place)[draft.replaces_after :]
    opened = brackets.unmatched(brackets.scan(before, place.language).brackets)[0]
    closing = brackets.unmatched(brackets.scan(after, place.language).brackets)[1]
    open_at = [(each.character, _width(before, each)) for each in opened]
    leading = [each for each in closing if not _line_to(after, each).strip(_BLANK_OR_CLOSING)]
    closed_at = [(brackets.PAIRS[each.character], _width(after, each)) for each in leading]
    pairs = zip(opened, open_at, strict=True)
    return {each for each, at in pairs if closed_at.count(at) >= open_at.count(at)}


def _line_to(text: str, bracket: Bracket) -> str:
    return text[text.rfind("\n", 0, bracket.position) + 1 : bracket.position]


def _width(text: str, bracket: Bracket) -> int:
    return indent_width(_line_to(text, bracket))


_ENDS_LINE = frozenset({";", ":", ",", "{"})


def closings(draft: Draft, place: CursorContext) -> list[tuple[str, int]]:
    """Closing characters of the draft that the rest of the line also contains, with their
    positions."""
    text, offset = brackets.joined(draft, place)
    scanned = brackets.scan(text, place.language)
    quotes = place.language.quotes
    last, quote = scanned.aside_at(len(text)), scanned.aside_at(offset)
    if last is not None and last.opener in quotes:
        return []
    opener = quote.opener if quote is not None and quote.opener in quotes else ""
    reopened, unopened = brackets.unmatched(b for b in scanned.brackets if b.position >= offset)
    if reopened and brackets.CLOSING[reopened[-1].character] in place.line_after:
        return []
    line = brackets.unmatched(b for b in scanned.brackets if b.position < offset)[0]
    within = opener and _depth(text[quote.start : offset]) > 0 if quote is not None else False
    ending = "}" + opener if within else opener
    closing = unopened[brackets.not_closed_below(line, place, ending) :]
    found = [(bracket.character, bracket.position - offset) for bracket in closing]
    if quote is None or not opener:
        return found
    end = quote.end - len(opener)
    if not text.startswith(opener, max(end, offset)):
        return []
    inner = [i for i in range(offset, end) if within and _depth(text[offset : i + 1]) < 0]
    expression = [("}", at - offset) for at in inner[:1]]
    return [*expression, (opener, end - offset), *found]


def _depth(text: str) -> int:
    """How many braces more open than close, such as those around an expression in a string."""
    return text.count("{") - text.count("}")


def overlap_with_line_end(draft: Draft, place: CursorContext) -> tuple[int, int]:
    """How much of the rest of the line the draft repeats, and where in the draft."""
    rest, text = place.line_after.rstrip(), draft.text.rstrip()
    if _PAIRED.fullmatch(rest) and text.count(rest) % 2 and place.line_before.count(rest) % 2:
        return len(rest), text.rfind(rest) + len(rest)
    covered, end = 0, 0
    for closing, position in closings(draft, place):
        if not rest.startswith(closing, covered):
            break
        covered, end = covered + len(closing), position + len(closing)
    if _is_said(rest[covered:], text, end) and is_subsequence(rest, text):
        return len(rest), len(text)
    return covered, end


def _is_said(left: str, text: str, end: int) -> bool:
    """Whether the draft, whose last matched closing ends at `end`, also contains what is `left`."""
    if left.strip() in _ENDS_LINE:
        return text.endswith(left.strip())
    return end > 0 and left == text[end:]


def is_subsequence(covered: str, text: str) -> bool:
    """Whether `covered` is a subsequence of `text`; otherwise VS Code shows nothing."""
    characters = iter(text)
    return all(character in characters for character in covered)
