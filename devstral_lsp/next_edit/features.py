"""The features of a candidate for the classifier: those of its pattern, then those of its place."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.next_edit.candidates import LearnedPattern
from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.lines import DocumentLines
from devstral_lsp.next_edit.pattern import Place
from devstral_lsp.next_edit.substitution import Substitution
from devstral_lsp.next_edit.tokens import is_name, similarity, split_tokens, token_edits

_BINDERS = (
    *("def", "class", "fn", "func", "function", "const", "let", "var", "val", "struct", "enum"),
    *("interface", "type", "trait", "record", "mut", "for", "as", "import", "static", "final"),
)
_BEFORE_BOUND = re.compile(rf"(?:\b(?:{'|'.join(_BINDERS)})\s|[(,]\s?|^\s*(?:self\.|this\.)?)$")
_AFTER_BOUND = re.compile(r"\s?(?::?=(?![=>])|:|\(|,|\)|$)")
_COMMENTS = ("#", "//", "/*", "*", "--", "<!--", ";")
MAX_SCOPE = 200
"""Lines between a change and a place that are scanned to find out whether they share a block."""

PATTERN_FEATURES = (
    *("support", "files", "age", "repetitive", "here", "places", "evidence", "change_size"),
    *("parts", "explains", "is_name_pair", "known_new", "left_over", "binds", "bound_elsewhere"),
    *("binds_alone", "old_length", "number", "comment_there", "lines_gone", "refusals"),
    *("passed_over", "above_share", "file_alike"),
)
PLACE_FEATURES = (
    *("above_first", "likeness", "around", "comment_here", "comment_differs", "place_binds"),
    *("same_indent", "same_scope", "scope_binds", "distance", "adjacent", "below"),
    *("agreeing", "rivals"),
)
FEATURES = (*PATTERN_FEATURES, *PLACE_FEATURES)
"""The names of the features, in order. Each is a number near 0 to 5."""


@dataclass(frozen=True, slots=True)
class PatternInDocument:
    """A pattern with all of its places in a document.

    `changed_lines` are the lines of this document that it was learned from, `repetitive` is how
    often the most repeated pattern was made, `refusals` is the number of refusals of its rule.
    """

    learned: LearnedPattern
    places: tuple[Place, ...]
    uri: str
    document: DocumentLines
    changed_lines: tuple[int, ...]
    repetitive: int
    refusals: int

    @property
    def change(self) -> UserChange:
        """The newest change that it was learned from."""
        return self.learned.changes[-1]


def pattern_features(subject: PatternInDocument) -> tuple[float, ...]:
    """The features of PATTERN_FEATURES."""
    change, pattern = subject.change, subject.learned.pattern
    old, new = _parts(subject)
    text, lines = subject.document, subject.changed_lines
    is_pair = old.isidentifier() and new.isidentifier()
    explains = _explains(subject)
    is_bound = is_pair and explains and any(_binds(line, old) for line in change.old)
    elsewhere = is_pair and any(_binds(text.line(each.first), old) for each in subject.places)
    between = sum(min(lines) < each.first < max(lines) for each in subject.places) if lines else 0
    above = sum(each.first < min(lines) for each in subject.places) if lines else 0
    suffixes = {uri.rpartition(".")[2] for uri in (change.uri, subject.uri)}
    return (
        math.log(min(len(subject.learned.changes), 6)),
        math.log(len({each.uri for each in subject.learned.changes})),
        math.log(1 + subject.learned.age),
        math.log(subject.repetitive),
        float(change.uri == subject.uri),
        math.log(1 + len(subject.places)),
        math.log(1 + pattern.evidence),
        math.log(change.hunk),
        math.log(1 + _part_count(change)),
        float(explains),
        float(is_pair),
        _known_new(text, new, len(lines)),
        float(bool(old) and any(old in line for line in change.new)),
        float(is_bound),
        float(elsewhere),
        float(is_bound and not elsewhere),
        math.log(1 + len(old.strip())),
        float(old.strip().isdigit()),
        float(_is_comment(change.old)),
        float(not change.new),
        math.log(1 + subject.refusals),
        math.log(1 + between),
        math.log(1 + above),
        float(len(suffixes) == 1),
    )


def place_features(
    subject: PatternInDocument,
    pattern: Sequence[float],
    place: Place,
    line: int,
    agreeing: int,
    rivals: int,
) -> tuple[float, ...]:
    """All features of a place, with the cursor on `line`; `pattern` are those of its pattern."""
    text, change, lines = subject.document, subject.change, subject.changed_lines
    old = tuple(text.line(number) for number in range(place.first, place.end))
    name, _ = _parts(subject)
    near = min((abs(each - place.first) for each in lines), default=MAX_SCOPE)
    in_scope = _in_scope(text, lines, place.first)
    above = similarity(change.above, text.line(place.first - 1))
    below = similarity(change.below, text.line(place.end))
    mine = old or (text.line(place.first),)
    theirs = change.old or change.new or ("",)
    is_bound = pattern[PATTERN_FEATURES.index("binds_alone")]
    return (
        *pattern,
        float(bool(lines) and place.first < min(lines)),
        similarity(" ".join(change.old), " ".join(old)),
        (above + below) / 2,
        float(_is_comment(old)),
        float(_is_comment(old) != _is_comment(change.old)),
        float(name.isidentifier() and any(_binds(each, name) for each in old)),
        float(_indent(mine[0]) == _indent(theirs[0])),
        float(in_scope),
        float(in_scope) * is_bound,
        math.log(1 + abs(place.first - line)),
        float(near <= 2),
        float(place.first > line),
        float(agreeing - 1),
        math.log(1 + rivals),
    )


def _parts(subject: PatternInDocument) -> tuple[str, str]:
    """The replaced text and its replacement."""
    pattern, change = subject.learned.pattern, subject.change
    if isinstance(pattern, Substitution):
        return pattern.old, pattern.new
    return " ".join(change.old), " ".join(change.new)


def _part_count(change: UserChange) -> int:
    if len(change.old) == len(change.new) == 1:
        return len(token_edits(change.old[0], change.new[0]))
    return 1


def _explains(subject: PatternInDocument) -> bool:
    """Whether the pattern alone accounts for the whole change."""
    pattern, change = subject.learned.pattern, subject.change
    if not isinstance(pattern, Substitution) or not change.old:
        return True
    return change.new == (pattern.applied(change.old[0]),)


def _known_new(text: DocumentLines, new: str, made: int) -> float:
    """Whether the names in the replacement occur elsewhere in the document than in the changes."""
    names = [token for token in split_tokens(new[:500]) if is_name(token)]
    if not names:
        return 0.5
    return float(all(_occurs_more_often(text.string, name, made) for name in names[:5]))


def _occurs_more_often(string: str, name: str, times: int) -> bool:
    at = -1
    return all((at := string.find(name, at + 1)) >= 0 for _ in range(times + 1))


def _binds(line: str, name: str) -> bool:
    """Whether a line looks like the definition of a name: an assignment, a parameter, a field."""
    at = line.find(name)
    if at < 0 or _is_comment((line,)):
        return False
    head, rest = line[:at], line[at + len(name) :]
    if not _BEFORE_BOUND.search(head[-40:] if at <= 40 else f"x{head[-40:]}"):
        return False
    is_definition = any(word in _BINDERS for word in split_tokens(head))
    return bool(_AFTER_BOUND.match(rest)) and (is_definition or "=" in rest[:4] or ":" in rest[:2])


def _is_comment(lines: Sequence[str]) -> bool:
    return bool(lines) and lines[0].lstrip().startswith(_COMMENTS)


def _in_scope(text: DocumentLines, lines: Sequence[int], at: int) -> bool:
    """Whether a place is in the same block as the nearest change."""
    if not lines:
        return False
    near = min(lines, key=lambda each: abs(each - at))
    first, last = sorted((near, at))
    if last - first > MAX_SCOPE:
        return False
    found = [line for line in text.lines[first : last + 1] if line.strip()]
    if len(found) < 3:
        return True
    level = min(_indent(found[0]), _indent(found[-1]))
    return all(_indent(line) >= level for line in found[1:-1])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
