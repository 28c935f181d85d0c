"""Editors type the closing bracket or quote with the opening one; models type it again."""

from __future__ import annotations

from dataclasses import replace

from devstral_lsp.completion.filters import brackets, reading
from devstral_lsp.completion.kind import in_closed_block
from devstral_lsp.completion.request import Draft, Place

_CLOSING = ")]}\"'`;, "
_ENDS_LINE = frozenset({";", ":", ",", "{"})


def cover_closing(draft: Draft, place: Place) -> Draft | None:
    """Count closing brackets and quotes against those right after the cursor.

    What a single line ends with a second time is cut; otherwise the draft replaces (`covers`) it.
    Several lines may not push other text down: they replace the rest of the line, or one is kept.
    Those of a block whose brace the editor has closed take the brace to a line of its own.

    Before: `print(│)` + `total)`
    After:  `total`

    Before: `def area(│):` + `w, h) -> int:`
    After:  `w, h) -> int:` over `):`

    Before: `print(max(│)` + `a, b)`
    After:  `a, b)`
    """
    rest = place.line_after.rstrip()
    if not rest or draft.covers:
        return draft
    text = draft.text.rstrip()
    closings = _closings(draft, place)
    covered, end = 0, 0
    for closing, position in closings:
        if not rest.startswith(closing, covered):
            break
        covered, end = covered + len(closing), position + len(closing)
    if _is_said(rest[covered:], text, end) and _is_within(rest, text):
        covered, end = len(rest), len(text)
    if "\n" in text and in_closed_block(place) and covered < len(rest):
        return _with_closing(draft, covered, end, place)
    if "\n" in text:
        return _over_lines(draft, rest, covered, place)
    if covered and end == len(text) and text.endswith(rest[:covered]):
        return _cut(draft, end - covered, place)
    if closings and not covered and closings[0][0] in rest and rest.strip(_CLOSING):
        return _cut(draft, closings[0][1], place)
    return replace(draft, covers=covered)


def _with_closing(draft: Draft, covered: int, end: int, place: Place) -> Draft | None:
    """The block with its closing brace where it belongs: on the next line, not behind the last."""
    rest, text = place.line_after.rstrip(), draft.text.rstrip()
    if not covered:
        text = f"{text}\n{place.indentation}"
    elif end < len(text):
        return _over_lines(draft, rest, covered, place)
    return replace(draft, text=text + rest[covered:], covers=len(rest))


def _over_lines(draft: Draft, rest: str, covered: int, place: Place) -> Draft | None:
    if not rest[covered:].strip(_CLOSING):
        return replace(draft, covers=covered)
    if covered and _is_within(rest, draft.text):
        return replace(draft, covers=len(rest))
    return _cut(draft, draft.text.index("\n"), place)


def _cut(draft: Draft, end: int, place: Place) -> Draft | None:
    kept = reading.shorten(draft, end)
    return kept and cover_closing(kept, place)


def _closings(draft: Draft, place: Place) -> list[tuple[str, int]]:
    """What in the draft closes what the rest of the line closes too, and where, in order."""
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
    closing = unopened[brackets.not_closed_below(line, place, opener) :]
    found = [(bracket.character, bracket.position - offset) for bracket in closing]
    if quote is None or not opener:
        return found
    end = quote.end - len(opener)
    return [(opener, end - offset), *found] if text.startswith(opener, max(end, offset)) else []


def _is_said(left: str, text: str, end: int) -> bool:
    """Whether the draft, whose last matched closing ends at `end`, also says what is `left`."""
    if left.strip() in _ENDS_LINE:
        return text.endswith(left.strip())
    return end > 0 and left == text[end:]


def _is_within(covered: str, text: str) -> bool:
    """Whether `covered` is a subsequence of `text`, without which VS Code shows nothing."""
    characters = iter(text)
    return all(character in characters for character in covered)
