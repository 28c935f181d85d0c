"""How a draft parses in the document: whether it introduces errors, and whether it is one unit.

Filters that work by appearance ask here before they shorten a draft.
"""

from __future__ import annotations

from devstral_lsp.completion.extent.ground import Ground
from devstral_lsp.completion.extent.lines import LineReader
from devstral_lsp.completion.extent.nodes import path_to
from devstral_lsp.completion.extent.unit import Reader
from devstral_lsp.completion.source import brackets
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft


def faults(draft: Draft, place: CursorContext) -> int | None:
    """The number of syntax errors with the draft in the text; None if no parser applies."""
    ground = Ground.of(place)
    syntax = ground.with_draft(draft.text, draft.replaces_after) if ground is not None else None
    return None if syntax is None else syntax.missing_nodes()


def is_mending(draft: Draft, place: CursorContext) -> bool:
    """Whether the draft removes syntax errors, or there are none with it."""
    ground, found = Ground.of(place), faults(draft, place)
    known = ground.without_draft() if ground is not None else None
    return known is not None and found is not None and (not found or found < known.missing_nodes())


def is_breaking(draft: Draft, place: CursorContext) -> bool:
    """Whether the text parses without the draft, but not with it."""
    ground = Ground.of(place)
    known = ground.without_draft() if ground is not None else None
    return known is not None and not known.missing_nodes() and bool(faults(draft, place))


def is_better(draft: Draft, other: Draft, place: CursorContext) -> bool:
    """Whether `draft` leads to fewer syntax errors than `other`."""
    here, there = faults(draft, place), faults(other, place)
    return here is not None and there is not None and here < there


def is_whole(draft: Draft, place: CursorContext) -> bool:
    """Whether a draft of several lines is one complete unit without errors."""
    ground = Ground.of(place)
    if "\n" not in draft.text.strip():
        return False
    if ground is None:
        return _is_whole_by_lines(draft, place)
    known = ground.without_draft()
    found = faults(draft, place)
    if known is None or found is None or found > known.missing_nodes():
        return False
    text = draft.text.rstrip()
    begins = draft.kind is CompletionKind.STATEMENT and not place.line_before.strip()
    if begins and any(brackets.unmatched(brackets.scan(text, place.language).brackets)):
        return False  # it closes what is around it, or is incomplete
    extent = Reader(ground, place, text, ended=True).extent(draft.kind)
    return extent is not None and extent.is_complete and extent.lines >= text.count("\n") + 1


def _is_whole_by_lines(draft: Draft, place: CursorContext) -> bool:
    """The same in a language without a grammar, whose blocks end with brackets or words."""
    if not (place.language.braces or place.language.block_end_keywords):
        return False
    text, _ = brackets.joined(draft, place)
    if any(brackets.unmatched(brackets.scan(text, place.language).brackets)):
        return False
    lines = draft.text.rstrip().split("\n")
    return LineReader(lines, len(lines), place).count(draft.kind) == len(lines)


def is_bracket(draft: Draft, at: int, place: CursorContext) -> bool:
    """Whether the parser treats the bracket at this offset of the draft as a bracket, not as part
    of a string or regular expression; True if no parser applies."""
    ground = Ground.of(place)
    syntax = ground.with_draft(draft.text, draft.replaces_after) if ground is not None else None
    if ground is None or syntax is None:
        return True
    leaf = path_to(syntax.root, len((ground.above + draft.text[:at]).encode(errors="replace")))[-1]
    return leaf.end_byte - leaf.start_byte <= 1 or leaf.is_error


def is_text_of_element(draft: Draft, place: CursorContext) -> bool:
    """Whether the draft begins as the text of a JSX element."""
    ground = Ground.of(place)
    syntax = ground.with_draft(draft.text, draft.replaces_after) if ground is not None else None
    if ground is None or syntax is None:
        return False
    lead = len(draft.text) - len(draft.text.lstrip())
    at = len(ground.above.encode(errors="replace")) + lead
    return path_to(syntax.root, at)[-1].type == "jsx_text"
