"""Follow an instruction in a comment, for editors without an input box.

A comment that begins with "devstral:" is an instruction if the cursor or the selection touches it
or begins right below it:

    # devstral: make this iterative
    def walk(node): ...

If the user requests actions, and not the editor automatically, any comment at which the selection
begins counts as well, except TODOs (`complete_todo`), directives and documentation. The instruction
applies to the lines that are selected with the comment, or else to the definition right below it,
the function around it, or the lines below it up to a blank line. The edit removes the comment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.refactor.action import Action, Project
from devstral_lsp.refactor.actions.instruct import BOUNDS
from devstral_lsp.refactor.removal import asks_to_remove
from devstral_lsp.refactor.selection_context import (
    SelectionContext,
    is_comment,
    truncate_title,
    words_of_comment,
)
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy, RefactorRefused
from devstral_lsp.text import Snapshot, Span

_MARK = re.compile(r"@?devstral\s*:\s*", re.IGNORECASE)
_DIRECTIVE = re.compile(
    r"(?:TODO|FIXME|XXX|NOTE|noqa|type:|pylint|pyright|mypy|ruff|fmt:|isort|eslint|prettier|ts-|"
    r"@ts|nolint|go:|\+build|clang-|NOLINT|rubocop|frozen_string|phpcs|@phpstan|region|endregion|"
    r"pragma|SPDX|Copyright|vim:|-\*-|!|language:|cspell)\b",
    re.IGNORECASE,
)
_DOCUMENTATION = re.compile(r"\s*(?:///|//!|/\*\*|---|\*|#!|-- \|)")
_MAX_LINES = 30
"""Of a comment."""


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """`argument` is the text of the comment."""
    found = comment_instruction(place)
    if found is None:
        return []
    instruction, first, last = found
    return [
        ActionOffer(
            title=f"Follow comment: {truncate_title(instruction, 50)}",
            span=_span(place, first, last),
            argument=instruction,
        )
    ]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    if not offer.argument.strip():
        raise RefactorRefused("The comment says nothing.")
    return ModelTask(
        instruction=(
            f"Follow this instruction, which stands in a comment of the code:\n\n"
            f"{offer.argument}\n\n"
            "Remove the comment, which has done its part, and keep all others. "
            f"{BOUNDS}"
        ),
        names=NamePolicy.CHANGED,
        adds_imports=True,
        may_remove=asks_to_remove(offer.argument),
    )


def comment_instruction(place: SelectionContext) -> tuple[str, int, int] | None:
    """The instruction in a comment at the selection, and its first and last line, or None."""
    block = _block(place)
    if block is None:
        return None
    lines = (place.text.line(each) for each in range(block[0], block[1] + 1))
    words = "\n".join(words_of_comment(each, place.language) for each in lines).strip()
    marked = _MARK.match(words)
    if marked is None and (place.selection.automatic or not _may_be_meant(place, block, words)):
        return None
    instruction = words[marked.end() :] if marked else words
    return (instruction, *block) if instruction else None


def _block(place: SelectionContext) -> tuple[int, int] | None:
    """First and last line of the comment at the start of the selection, or right above it."""
    line = place.text.line_of(place.trimmed.start)
    if not _is_comment(place, line):
        line -= 1
        if line < 0 or not _is_comment(place, line) or not _is_marked(place, line):
            return None
    first = last = line
    while first > max(0, line - _MAX_LINES) and _goes_on(place, first - 1, first):
        first -= 1
    end = min(place.text.line_count - 1, line + _MAX_LINES)
    while last < end and _goes_on(place, last + 1, last + 1):
        last += 1
    return first, last


def _goes_on(place: SelectionContext, line: int, later: int) -> bool:
    """Whether `line` belongs to the same comment; a marked line begins another."""
    begins = _MARK.match(words_of_comment(place.text.line(later), place.language))
    return _is_comment(place, line) and not begins


def _is_marked(place: SelectionContext, line: int) -> bool:
    """Whether the comment that ends at `line` begins with the mark."""
    while line >= 0 and _is_comment(place, line):
        if _MARK.match(words_of_comment(place.text.line(line), place.language)):
            return True
        line -= 1
    return False


def _is_comment(place: SelectionContext, line: int) -> bool:
    return is_comment(place.text.line(line), place.language)


def _may_be_meant(place: SelectionContext, block: tuple[int, int], words: str) -> bool:
    """Whether a comment without the mark may be an instruction: at least two words of prose."""
    if _DOCUMENTATION.match(place.text.line(block[0])) or _DIRECTIVE.match(words):
        return False
    return len(words.split()) > 1


def _span(place: SelectionContext, first: int, last: int) -> Span:
    comment = place.span_of_lines(first, last)
    if not place.is_cursor and place.lines.end > comment.end:
        return Span(min(comment.start, place.lines.start), place.lines.end)
    below = _definition_below(place, last)
    if below is not None:
        return Span(comment.start, below.end)
    if place.function is not None:
        around = place.whole_lines(place.function.span)
        return Span(min(around.start, comment.start), max(around.end, comment.end))
    return Span(comment.start, place.paragraph_of(comment).end)


def _definition_below(place: SelectionContext, last: int) -> Span | None:
    """The lines of the outermost function or class that begins on the line below the comment."""
    line = last + 1
    if line >= place.text.line_count or not place.text.line(line).strip():
        return None
    code = place.text.line(line)
    at = place.text.line_start(line) + len(code) - len(code.lstrip())
    units = [unit for unit in place.units_at(Span(at, at)) if unit.span.start == at]
    return place.whole_lines(units[-1].span) if units else None


ACTION = Action("follow_comment", "quickfix", _find, _model_task, source_kind="source.follow")
