"""Checks of a refactor's edit that compare what the selection defined with what it defines now.

The checks that every edit must pass are in `edits/checks.py`. The reasons are sentences for the
model, which may try once more, and for the user; they quote no source text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from devstral_lsp.edits.checks import (
    EditedSpan,
    why_misplaced,
    why_prose,
    why_unparsable,
    why_unsafe,
)
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.losses import Comparison
from devstral_lsp.refactor.types import NamePolicy
from devstral_lsp.syntax.outline import Definition, outline
from devstral_lsp.text import CONFLICT_MARKER, Edit, Span

_MARKED = re.compile(r"^[ \t]*+[#\\*+\-=|\d]|\w[,;\t]\w", re.MULTILINE)
"""Headings, lists, commands and rows in documents that are no code."""
_FIRST_LINES, _NEXT_LINES, _MIN_ECHOED = 16, 200, 4
"""Lines below the span in which an echo may begin and go on, and how many lines are one."""


def find_violation(
    document: ParsedDocument,
    span: Span,
    edits: Sequence[Edit],
    *,
    names: NamePolicy,
    extra_spans: Sequence[Span] = (),
) -> str | None:
    """Why `edits` must not be offered, in a sentence; None if they may be.

    They may touch `span` and `extra_spans` (import lines) and nothing else. Takes some 10 ms for
    1,000 lines of the document.
    """
    if reason := why_misplaced(edits, (span, *extra_spans)):
        return reason
    if not edits:
        return None
    edited = EditedSpan.of(document, span, edits)
    return (
        why_unsafe(edited)
        or _why_doubled(edited)
        or why_unparsable(edited)
        or why_prose(edited)
        or _why_renamed(edited, names)
        or _why_echoed(edited)
    )


def find_loss(
    document: ParsedDocument,
    span: Span,
    edits: Sequence[Edit],
    *,
    names: NamePolicy,
    may_remove: bool = False,
    reported: Sequence[Span] = (),
) -> str | None:
    """What `edits` take away without being asked to, in a sentence; None if nothing.

    `may_remove` says that the instruction asks for some code to go, and `reported` are the spans of
    the diagnostics that it is about.
    """
    if not edits:
        return None
    edited = EditedSpan.of(document, span, edits)
    if not edited.new.strip():
        is_asked = may_remove or not edited.old.strip()
        return None if is_asked else "The edit takes all of the code away."
    if _is_answered(edited):
        return "The edit keeps nothing of the text, not even its headings."
    old = "\n".join(e for e in edited.old.split("\n") if not CONFLICT_MARKER.match(e))
    is_in_words = names is NamePolicy.CHANGED or old != edited.old
    may_remove = may_remove or old != edited.old
    first = document.text.line_of(span.start)
    lines = (
        range(document.text.line_of(each.start), document.text.line_of(each.end) + 1)
        for each in reported
    )
    loss = Comparison(old, edited.new, edited.language).loss(
        may_tidy=may_remove,
        is_asked=may_remove and is_in_words,
        reported=frozenset(line - first for each in lines for line in each),
    )
    if loss is None and names is NamePolicy.CHANGED and not may_remove:
        had = _defined_names(edited.was, edited.old_span)
        has = _defined_names(edited.becomes, edited.new_span, like=had)
        gone = len(had.functions - has.names) - len(has.names - had.names)
        if gone > 0:
            loss = f"The edit takes away {gone} of the names that the selection defines."
    return loss


def _is_answered(edited: EditedSpan) -> bool:
    """Whether words that a document has not take the place of headings, lists or rows and all."""
    if prompt_facts_of(edited.language).is_code:
        return False
    old, new = edited.old, edited.new
    return bool(_MARKED.search(old)) and not (
        _MARKED.search(new) or set(re.findall(r"\w{3,}", old)) & set(re.findall(r"\w{3,}", new))
    )


def introduced_name(document: ParsedDocument, edits: Sequence[Edit]) -> str:
    """The one name that `edits` define and `document` does not; "" for none or several."""
    before, after = document.definitions, document.edited(edits).definitions
    new = set(_all_names(after)) - set(_all_names(before))
    return new.pop() if len(new) == 1 else ""


def _all_names(definitions: Iterable[Definition]) -> Iterator[str]:
    for each in definitions:
        yield each.name
        yield from _all_names(each.members)


def _why_doubled(edited: EditedSpan) -> str | None:
    if _is_doubled(_lines(edited.new)) and not _is_doubled(_lines(edited.old)):
        return "The edit holds the code twice."
    return None


def _is_doubled(lines: Sequence[str]) -> bool:
    half = len(lines) // 2
    return half >= 2 and lines[:half] == lines[half:]


def _why_echoed(edited: EditedSpan) -> str | None:
    """The edit ends with lines that follow the span, or with some of them."""
    new = _lines(edited.new)
    added = Counter(new) - Counter(_lines(edited.old))
    following = _lines(edited.before[edited.old_span.end :])[:_NEXT_LINES]
    run = 0
    while run < len(new) and new[-1 - run] in following and added[new[-1 - run]]:
        run += 1
    with_words = [line for line in new[len(new) - run :] if len(re.findall(r"\w+", line)) > 1]
    places = [following.index(line) for line in with_words]
    if len(places) >= _MIN_ECHOED and places[0] < _FIRST_LINES and places == sorted(places):
        return "The edit repeats lines that stand right after the selection."
    return None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


@dataclass(frozen=True, slots=True)
class _DefinedNames:
    """The names that a span defines at its outermost level; local variables do not count.

    `functions` are those that are no constants or plain types. `doubles` counts definitions that
    occur again at one level. `is_local` says that the span is part of a function.
    """

    names: frozenset[str]
    doubles: int
    is_local: bool
    functions: frozenset[str] = frozenset()


def _why_renamed(edited: EditedSpan, names: NamePolicy) -> str | None:
    old = _defined_names(edited.was, edited.old_span)
    new = _defined_names(edited.becomes, edited.new_span, like=old)
    gone, come = len(old.names - new.names), len(new.names - old.names)
    if names is NamePolicy.CHANGED:
        gone = come = 0
    if gone:
        return f"The edit takes away or renames {gone} of the names that the selection defines."
    if come and names is not NamePolicy.ADDED and new.functions - old.names:
        return f"The edit defines {come} new names where the selection does."
    return "The edit defines something twice." if new.doubles > old.doubles else None


def _defined_names(
    document: ParsedDocument, span: Span, like: _DefinedNames | None = None
) -> _DefinedNames:
    """What `span` defines; read as local or not as `like` was, if given."""
    code = document.string[span.start : span.end].rstrip()
    span = Span(span.start, span.start + len(code))
    level = list(_level(document.definitions, span))
    here = [each for each in level if span.start <= each.span.start < span.end]
    inner = [
        each
        for each in outline(dedent(code), document.language, is_whole=True)
        if not each.is_value
    ]
    is_local = not here and (bool(inner) or any(_is_around(each, span) for each in level))
    if like.is_local if like is not None else is_local:
        here = level = inner
        is_local = True
    else:
        is_local = False
    names = frozenset(each.name for each in here)
    known = Counter((each.name, each.signature) for each in level if not each.is_value)
    doubles = sum(count - 1 for (name, _), count in known.items() if name in names)
    functions = frozenset(each.name for each in here if not each.is_value)
    return _DefinedNames(names, doubles, is_local, functions)


def _level(definitions: Sequence[Definition], span: Span) -> Iterator[Definition]:
    """The definitions beside those in the span: of the file, or of the class around it."""
    for each in definitions:
        if each.members and _is_around(each, span):
            yield from _level(each.members, span)
            return
    yield from definitions


def _is_around(each: Definition, span: Span) -> bool:
    return each.span.start < span.start and span.end <= each.span.end
