"""Checks that an edit must pass before it is offered, whatever proposes it.

Each check returns the reason against the edit as a sentence, for the model and for the user, or
None. A reason quotes no source text. What the document has already is never held against an edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from textwrap import dedent

from devstral_lsp.characters import (
    BYTE_ORDER_MARK,
    deceptive_characters,
    describe_character,
    new_deceptive_characters,
)
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.languages import get_language, prompt_facts_of
from devstral_lsp.languages.tokens import unmatched_brackets
from devstral_lsp.providers.control_tokens import control_tokens
from devstral_lsp.secrets.blocks import PRIVATE_KEY
from devstral_lsp.secrets.scan import find_secrets
from devstral_lsp.secrets.values import is_certain
from devstral_lsp.syntax.tree import LexicalContext, Syntax
from devstral_lsp.text import CONFLICT_MARKER, Edit, Span, normalize_newlines

MAX_NAMED_CHARACTERS = 3
"""Hidden characters that one reason names."""
MAX_STATEMENT = 50_000
"""Code points given to Python's parser, which blocks every other thread while it runs."""
MIN_SENTENCE, MIN_PLAIN = 4, 0.8
"""Words of a sentence, and the share of them that are letters alone."""
_SIGNS = re.compile(r"[{}<>;=()\[\]]")
"""What prose has seldom and code and data nearly always."""
_WIDE_ENDS = ("。", "！", "？")
_SENTENCE_ENDS = (".", "!", "?", ":", *_WIDE_ENDS)
_LONE_RETURN = re.compile("\r(?!\n|\\Z)")
"""An editor shows a line end there; a terminal overwrites the line."""
_TOP_LEVEL = re.compile(r"^(?!(?:else|elif|except|finally)\b)[\w@]", re.MULTILINE)
"""Where a statement of Python begins at the margin."""


@dataclass(frozen=True)
class EditedSpan:
    """A document before and after an edit, and one span in either."""

    was: ParsedDocument
    becomes: ParsedDocument
    old_span: Span
    new_span: Span

    @classmethod
    def of(cls, document: ParsedDocument, span: Span, edits: Sequence[Edit]) -> EditedSpan:
        """`document` with `edits` made; each of them lies within `span` or outside of it."""
        inside = [edit for edit in edits if is_within(edit.span, span)]
        above = [edit for edit in edits if edit not in inside and edit.span.end <= span.start]
        start = span.start + sum(map(_growth, above))
        end = start + (span.end - span.start) + sum(map(_growth, inside))
        return cls(document, document.edited(edits), span, Span(start, end))

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
        r"""The text of the span before the edit, with "\n" for line ends."""
        return normalize_newlines(self.before[self.old_span.start : self.old_span.end])

    @cached_property
    def new(self) -> str:
        r"""The text of the span after the edit, with "\n" for line ends."""
        return normalize_newlines(self.after[self.new_span.start : self.new_span.end])


def is_within(span: Span, outer: Span) -> bool:
    """Whether `span` lies in `outer`."""
    return outer.start <= span.start and span.end <= outer.end


def _growth(edit: Edit) -> int:
    return len(edit.text) - (edit.span.end - edit.span.start)


def why_misplaced(edits: Sequence[Edit], allowed: Sequence[Span]) -> str | None:
    """The reason against edits that reach beyond the `allowed` spans or overlap."""
    if not all(any(is_within(edit.span, each) for each in allowed) for edit in edits):
        return "The edit changes lines outside the selection."
    spans = sorted((edit.span.start, edit.span.end) for edit in edits)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        return "The edit changes the same lines twice."
    return None


def why_unsafe(edited: EditedSpan) -> str | None:
    """The reason against control tokens, hidden characters, conflict markers and secrets."""
    if adds_control_token(edited.after, edited.before, edited.language):
        return "The edit holds control tokens of the model."
    if reason := why_hidden(edited.after, edited.before):
        return reason
    if _adds_conflict(edited):
        return "The edit holds the markers of an unresolved merge conflict."
    if adds_secret(edited.after, edited.before):
        return "The edit writes what looks like a key or a password into the file."
    return None


def adds_control_token(code: str, original: str, language: str) -> bool:
    """Whether `code` holds a control token of a model that `original` does not mention."""
    if next(control_tokens(_new_lines(code, original)), None) is None:
        return False
    strikes_text = get_language(language).has_html_tags and "<s>" in code and "</s>" in code
    return any(
        match[0] not in original
        and not (match["strike"] and strikes_text)
        and not (match["bracketed"] and _is_indexed_name(match[0], code, original))
        for match in control_tokens(code)
    )


def _is_indexed_name(token: str, code: str, original: str) -> bool:
    """`[PREFIX]` is a list or an index where the code has a name PREFIX."""
    name = re.compile(rf"(?<![\[/\w]){re.escape(token.strip('[]/'))}(?![\]\w])")
    return any(name.search(text) for text in (original, code))


def why_hidden(code: str, original: str) -> str | None:
    """The reason against characters in `code` that hide or reorder text, or drive a terminal.

    Both are whole files, so a byte order mark may begin either.
    """
    new_lines = _new_lines(code.removeprefix(BYTE_ORDER_MARK), original)
    has_some = deceptive_characters(new_lines)
    new = sorted(new_deceptive_characters(new_lines, original)) if has_some else []
    if _LONE_RETURN.search(new_lines) and not _LONE_RETURN.search(original):
        new.append("\r")
    if not new:
        return None
    named = ", ".join(describe_character(each) for each in new[:MAX_NAMED_CHARACTERS])
    further = len(new) - MAX_NAMED_CHARACTERS
    more = f" and {further} more" if further > 0 else ""
    return (
        f"The edit holds {named}{more}, which is not seen or changes what is seen, and which the "
        "file does not have. Where it is meant, it has to be written as an escape sequence."
    )


def adds_secret(code: str, original: str) -> bool:
    """Whether `code` holds a key or password that `original` does not."""
    new_lines = _new_lines(code, original)
    found = (new_lines[start:end] for start, end in find_secrets(new_lines))
    certain = [value for value in found if is_certain(value)]
    private_keys = [match[0] for match in PRIVATE_KEY.finditer(new_lines)]
    return any(value not in original for value in (*private_keys, *certain))


def _new_lines(code: str, original: str) -> str:
    """The lines of `code` that `original` lacks: a search in a whole file blocks other threads."""
    known = frozenset(original.split("\n"))
    return "\n".join(line for line in code.split("\n") if line not in known)


def _adds_conflict(edited: EditedSpan) -> bool:
    """Whether there are more conflict markers; a row of `=` alone underlines a heading."""
    if not any(line[0] in "<>|" for line in CONFLICT_MARKER.findall(edited.new)):
        return False
    new, old = (len(CONFLICT_MARKER.findall(text)) for text in (edited.after, edited.before))
    return new > old


def why_prose(edited: EditedSpan) -> str | None:
    """The reason against sentences where code belongs, and against markup without any tag."""
    kind = get_language(edited.language)
    if kind.is_markup and "<" in edited.old and edited.new.strip() and "<" not in edited.new:
        return "The edit is text without any tag."
    if not prompt_facts_of(edited.language).is_code or kind.is_markup:
        return None if kind.prompt_facts else _why_prose_alone(edited)
    if _is_answer(edited):
        return "The edit is an answer in words where code belongs."
    if kind.prompt_facts is None:
        return _why_prose_alone(edited)
    known = frozenset(line.strip() for line in edited.old.split("\n"))
    start = edited.new_span.start
    for line in edited.after[start : edited.new_span.end].split("\n"):
        at = start + len(line) - len(line.lstrip())
        start += len(line) + 1
        if line.strip() in known or not _is_sentence(line.strip(), kind.line_comment):
            continue
        if not _is_quoted(edited, at):
            return "The edit holds a sentence where code belongs."
    return None


def _why_prose_alone(edited: EditedSpan) -> str | None:
    """The same of a language that is not known: sentences alone, where most lines had signs."""
    old, new = ([line for line in e.split("\n") if line.strip()] for e in (edited.old, edited.new))
    signs = sum(_SIGNS.search(line) is not None for line in old)
    is_prose = all(_is_sentence(line.strip(), "") for line in new)
    if new and is_prose and signs * 2 > len(old):
        return "The edit is a sentence where code belongs."
    return None


def _is_answer(edited: EditedSpan) -> bool:
    """Whether a line of words that the code has not is all that there is: "Done", "I cannot"."""
    words = edited.new.split()
    return (
        bool(edited.old.strip())
        and "\n" not in edited.new.strip()
        and all(map(str.isalpha, words))
        and edited.new.strip()[:1].isupper()
        and not edited.new.isupper()
        and not set(words) & set(re.findall(r"\w+", edited.before))
    )


def _is_quoted(edited: EditedSpan, at: int) -> bool:
    """Whether there is a comment or a string at an offset of the edited document."""
    syntax = edited.becomes.syntax
    if syntax is not None:
        return any(syntax.inside(each) is not LexicalContext.CODE for each in (at, at + 1))
    opener, closer = get_language(edited.language).block_comment or ("\0", "\0")
    above = edited.after[:at]
    return above.rfind(opener) > above.rfind(closer)


def _is_sentence(line: str, comment: str) -> bool:
    """Whether a line reads like prose: words without anything that code is made of."""
    if not line or not line.endswith(_SENTENCE_ENDS) or (comment and line.startswith(comment)):
        return False
    if line[-1] in _WIDE_ENDS:
        return True
    words = line.split()
    plain = sum(word.strip("\"'`,.:;!?()").replace("'", "").isalpha() for word in words)
    is_capital = line[0].isalpha() and not line[0].islower()
    return len(words) >= MIN_SENTENCE and is_capital and plain >= MIN_PLAIN * len(words)


def why_unparsable(edited: EditedSpan) -> str | None:
    """The reason against an edit that adds syntax errors. Takes 10 ms for 1,000 lines."""
    if reason := _why_rejected(edited):
        return reason
    old, new = edited.was.syntax, edited.becomes.syntax
    if old is None or new is None:
        return _why_unbalanced(edited)
    is_worse = new.errors() > old.errors() or new.missing_nodes() > old.missing_nodes()
    if is_worse or (old.missing_nodes() and _is_worse_alone(edited)):
        return "With the edit, the file would have more syntax errors than before."
    if _is_swallowed(edited.becomes, edited.new_span) > _is_swallowed(edited.was, edited.old_span):
        return "The edit leaves a comment or a string open, which takes in the code after it."
    return None


def _is_swallowed(document: ParsedDocument, span: Span) -> bool:
    """Whether the line after a span begins inside a comment or a string."""
    line = document.text.line_of(span.end)
    below = line + (span.end > document.text.line_start(line))
    return below < document.text.line_count and document.is_quoted(below)


def _why_unbalanced(edited: EditedSpan) -> str | None:
    """The reason against brackets that do not fit, where no grammar says more."""
    kind = get_language(edited.language)
    is_unknown = kind.prompt_facts is None
    if kind.is_markup or (kind.has_lone_brackets and not is_unknown):
        return None
    if is_unknown and not prompt_facts_of(edited.language).is_code:
        return None
    old, new = (unmatched_brackets(each, kind) for each in (edited.old, edited.new))
    before, after = (unmatched_brackets(each, kind) for each in (edited.before, edited.after))
    if old == new or len(after) <= len(before):
        return None
    return "With the edit, the brackets of the file would not fit."


def _is_worse_alone(edited: EditedSpan) -> bool:
    """In a file that is broken already, one more error may hide among the old ones."""
    old, new = (Syntax.of(dedent(text), edited.language) for text in (edited.old, edited.new))
    return old is not None and new is not None and new.missing_nodes() > old.missing_nodes() == 0


def _why_rejected(edited: EditedSpan) -> str | None:
    """What the language itself says, where its grammar lets pass what it rejects."""
    kind = get_language(edited.language)
    if _turns_true(edited, kind.has_broken_blocks):
        return "With the edit, the indentation of the file would not be valid."
    if _turns_true(edited, kind.has_misplaced_statements):
        return "With the edit, a statement such as return or await would stand where it may not."
    if kind.root_kind is None or len(edited.after) > MAX_STATEMENT:
        return None
    old, new = kind.root_kind(edited.before), kind.root_kind(edited.after)
    is_alike = not old or (new and (new != "value" or old == "value"))
    return None if is_alike else f"With the edit, the file would not be valid {edited.language}."


def _turns_true(edited: EditedSpan, is_wrong: Callable[[str], bool] | None) -> bool:
    """Whether something is wrong with the statements around the span, and was not before."""
    if is_wrong is None:
        return False
    new = _statements_around(edited.becomes, edited.new_span)
    return is_wrong(new) and not is_wrong(_statements_around(edited.was, edited.old_span))


def _statements_around(document: ParsedDocument, span: Span) -> str:
    """The top-level statements that the span is part of: parsing the whole file takes longer.

    Of statements longer than MAX_STATEMENT, the span's lines alone, in a block of their own.
    """
    text = document.string

    def is_code(at: int) -> bool:
        """A string may reach the margin."""
        return not document.is_quoted(document.text.line_of(at))

    above = [match.start() for match in _TOP_LEVEL.finditer(text, 0, span.start + 1)]
    below = (match.start() for match in _TOP_LEVEL.finditer(text, span.end))
    start = next(filter(is_code, reversed(above)), 0)
    end = next(filter(is_code, below), len(text))
    if end - start <= MAX_STATEMENT:
        return text[start:end]
    lines = text[text.rfind("\n", 0, span.start) + 1 : span.end]
    return f"if 1:\n{lines}" if lines[:1] in " \t" else lines
