"""What an edit must hold before it is offered: the last look, whoever made it.

Knows the document before and after, and nothing of how the edit came about. The sentences are for
the model, which gets one chance to put it right, and for the user; they quote no source text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from textwrap import dedent

from devstral_lsp.languages import get_language
from devstral_lsp.leaks import CONFLICT_MARKER
from devstral_lsp.refactor.control_tokens import leaks_control_token
from devstral_lsp.refactor.defined_names import DefinedNames, defined_names
from devstral_lsp.refactor.hidden_characters import adds_hidden
from devstral_lsp.refactor.parsed_text import ParsedDocument
from devstral_lsp.refactor.placeholders import find_placeholders
from devstral_lsp.refactor.secret_values import adds_secret
from devstral_lsp.refactor.truncation import looks_truncated
from devstral_lsp.refactor.types import NamePolicy
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Edit, Span, normalize_newlines

_NEXT_LINES, _REPEATED = 16, 4
"""How far behind the span lines are looked for that a reply repeats; how many make it sure."""


@dataclass(frozen=True)
class _Edited:
    """A document before and after, and the span in either."""

    was: ParsedDocument
    becomes: ParsedDocument
    old_span: Span
    new_span: Span
    names: NamePolicy

    @property
    def language(self) -> str:
        return self.was.language

    @property
    def before(self) -> str:
        return self.was.string

    @property
    def after(self) -> str:
        return self.becomes.string

    @cached_property
    def old(self) -> str:
        return normalize_newlines(self.before[self.old_span.start : self.old_span.end])

    @cached_property
    def new(self) -> str:
        return normalize_newlines(self.after[self.new_span.start : self.new_span.end])


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
    if not all(_is_within(edit.span, (span, *extra_spans)) for edit in edits):
        return "The edit changes lines outside the selection."
    if _overlap(edits):
        return "The edit changes the same lines twice."
    edited = _edited(document, span, edits, names)
    return next((said for check in _CHECKS if (said := check(edited))), None) if edits else None


def _is_within(span: Span, allowed: Sequence[Span]) -> bool:
    return any(each.start <= span.start and span.end <= each.end for each in allowed)


def _overlap(edits: Sequence[Edit]) -> bool:
    spans = sorted((edit.span.start, edit.span.end) for edit in edits)
    return any(later[0] < earlier[1] for earlier, later in pairwise(spans))


def _edited(
    document: ParsedDocument, span: Span, edits: Sequence[Edit], names: NamePolicy
) -> _Edited:
    inside = [edit for edit in edits if _is_within(edit.span, (span,))]
    before = [edit for edit in edits if edit not in inside and edit.span.end <= span.start]
    start = span.start + sum(map(_growth, before))
    end = start + (span.end - span.start) + sum(map(_growth, inside))
    return _Edited(document, document.edited(edits), span, Span(start, end), names)


def _growth(edit: Edit) -> int:
    return len(edit.text) - (edit.span.end - edit.span.start)


def _tokens(edited: _Edited) -> str | None:
    if leaks_control_token(edited.after, edited.before, edited.language):
        return "The edit holds control tokens of the model."
    return None


def _hidden(edited: _Edited) -> str | None:
    return adds_hidden(edited.after, edited.before)


def _markers(edited: _Edited) -> str | None:
    """A row of seven `=` alone underlines a heading."""
    lines = CONFLICT_MARKER.findall(edited.new)
    if not any(line[0] in "<>|" for line in lines):
        return None
    new, old = (len(CONFLICT_MARKER.findall(text)) for text in (edited.after, edited.before))
    if new > old:
        return "The edit holds the markers of an unresolved merge conflict."
    return None


def _emptied(edited: _Edited) -> str | None:
    if edited.names in (NamePolicy.REMOVED, NamePolicy.CHANGED) or edited.new.strip():
        return None
    return "The edit takes all of the code away." if edited.old.strip() else None


def _secrets(edited: _Edited) -> str | None:
    if adds_secret(edited.after, edited.before):
        return "The edit writes what looks like a key or a password into the file."
    return None


def _left_out(edited: _Edited) -> str | None:
    if find_placeholders(edited.new, edited.old, edited.language):
        return "The edit leaves code out: a comment or dots stand for it."
    return None


def _syntax(edited: _Edited) -> str | None:
    if _breaks_blocks(edited):
        return "With the edit, the indentation of the file would not be valid."
    old, new = edited.was.syntax, edited.becomes.syntax
    if old is None or new is None:
        return None
    worse = new.errors() > old.errors() or new.missing_nodes() > old.missing_nodes()
    if worse or (old.missing_nodes() and _is_worse_alone(edited)):
        return "With the edit, the file would have more syntax errors than before."
    return None


def _is_worse_alone(edited: _Edited) -> bool:
    """Where the file is broken already, one more error may hide in the old ones."""
    old, new = (Syntax.of(dedent(text), edited.language) for text in (edited.old, edited.new))
    return old is not None and new is not None and new.missing_nodes() > old.missing_nodes() == 0


_LONGEST_STATEMENT = 50_000
"""Code points. Python's parser lets nothing else run until it is through."""
_MARGIN = re.compile(r"^(?!(?:else|elif|except|finally)\b)[\w@]", re.MULTILINE)


def _breaks_blocks(edited: _Edited) -> bool:
    is_broken = get_language(edited.language).has_broken_blocks
    if is_broken is None:
        return False
    old = _statement(edited.was, edited.old_span)
    new = _statement(edited.becomes, edited.new_span)
    return is_broken(new) and not is_broken(old)


def _statement(document: ParsedDocument, span: Span) -> str:
    """The statements at the margin that the span is part of: the whole file would take longer.

    Of one that is as long as a file, the span's lines alone, in a block of their own.
    """
    text = document.string
    before = [match.start() for match in _MARGIN.finditer(text, 0, span.start + 1)]
    behind = (match.start() for match in _MARGIN.finditer(text, span.end))
    start = next((at for at in reversed(before) if not _is_quoted(document, at)), 0)
    stop = next((at for at in behind if not _is_quoted(document, at)), len(text))
    if stop - start <= _LONGEST_STATEMENT:
        return text[start:stop]
    lines = text[text.rfind("\n", 0, span.start) + 1 : span.end]
    return f"if 1:\n{lines}" if lines[:1] in " \t" else lines


def _is_quoted(document: ParsedDocument, at: int) -> bool:
    """Whether the line that begins at `at` does so in a string, which may reach the margin."""
    return document.is_quoted(document.text.line_of(at))


def _names(edited: _Edited) -> str | None:
    if edited.names is NamePolicy.CHANGED:
        return None
    old = defined_names(edited.was, edited.old_span)
    new = defined_names(edited.becomes, edited.new_span, like=old)
    gone, come = len(old.names - new.names), len(new.names - old.names)
    if gone and edited.names is not NamePolicy.REMOVED:
        return f"The edit takes away or renames {gone} of the names that the selection defines."
    if come and edited.names is not NamePolicy.ADDED:
        return f"The edit defines {come} new names where the selection does."
    return _doubled(old, new)


def _doubled(old: DefinedNames, new: DefinedNames) -> str | None:
    if new.doubles > old.doubles:
        return "The edit defines something twice."
    return None


def _repeated(edited: _Edited) -> str | None:
    """The whole answer given twice."""
    if _is_doubled(_lines(edited.new)) and not _is_doubled(_lines(edited.old)):
        return "The edit holds the code twice."
    return None


def _is_doubled(lines: Sequence[str]) -> bool:
    half = len(lines) // 2
    return half >= 2 and lines[:half] == lines[half:]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _cut_short(edited: _Edited) -> str | None:
    """The last lines are gone, and nothing came for them: so does a reply look that was cut off."""
    if edited.names in (NamePolicy.REMOVED, NamePolicy.CHANGED):
        return None
    if looks_truncated(edited.old, edited.new, edited.language):
        return "The last lines of the selection are gone, as if the reply had been cut off."
    return None


def _echoes(edited: _Edited) -> str | None:
    """The lines that follow, or some of them, once more at the end."""
    new = _lines(edited.new)
    more = Counter(new) - Counter(_lines(edited.old))
    following = _lines(edited.before[edited.old_span.end :])[:_NEXT_LINES]
    run = 0
    while run < len(new) and new[-1 - run] in following and more[new[-1 - run]]:
        run += 1
    telling = [line for line in new[len(new) - run :] if len(re.findall(r"\w+", line)) > 1]
    places = [following.index(line) for line in telling]
    if len(telling) >= _REPEATED and places == sorted(places):
        return "The edit repeats lines that stand right after the selection."
    return None


_CHECKS: tuple[Callable[[_Edited], str | None], ...] = (
    _tokens,
    _hidden,
    _markers,
    _emptied,
    _secrets,
    _left_out,
    _repeated,
    _syntax,
    _names,
    _echoes,
    _cut_short,
)
"""In the order in which they are told; the cheap ones come first."""
