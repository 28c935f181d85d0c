"""What actions need to know about a selection, computed once for all of them.

Uses the syntax tree of a window of the document, on first use, and otherwise the lines. No disk, no
network. Spans are code points of the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from devstral_lsp.languages import Language, get_language, prompt_facts_of
from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.types import RefactorSelection
from devstral_lsp.syntax.definitions_at import EnclosingDefinition, SyntaxWindow, UnitKind
from devstral_lsp.text import Span

MAX_CLASS_LINES = 300
"""For a cursor in it, a class with more lines is not changed as a whole."""
MAX_PARAGRAPH_LINES = 60
"""In either direction."""


@dataclass(frozen=True, slots=True)
class RewriteTarget:
    """The target of a rewrite: whole lines, and the function or class that they are, if any."""

    span: Span
    code: str
    unit: EnclosingDefinition | None = None

    @property
    def label(self) -> str:
        """For a title: "`parse`", or "the selection"."""
        return f"`{self.unit.name}`" if self.unit and self.unit.name else "the selection"


class SelectionContext:
    """A selection and the code there. Results are cached."""

    def __init__(self, selection: RefactorSelection) -> None:
        self.selection = selection
        self.snapshot = selection.snapshot
        self.text = selection.snapshot.text
        self.span = self.within(selection.span)
        self.cursor = self.span.start

    @cached_property
    def language(self) -> Language:
        """The facts about the language that apply to lines, such as comment markers."""
        return get_language(self.snapshot.language)

    @cached_property
    def traits(self) -> LanguagePromptFacts:
        """The facts about the language for prompts."""
        return prompt_facts_of(self.snapshot.language)

    @property
    def is_cursor(self) -> bool:
        """Nothing is selected, or only whitespace."""
        return not self.selected.strip()

    @cached_property
    def selected(self) -> str:
        """The selected text, "" for a cursor."""
        return self.text.slice(self.span.start, self.span.end)

    @cached_property
    def trimmed(self) -> Span:
        """The selection without whitespace at its ends; the cursor if nothing else is left."""
        inner = self.selected.strip()
        if not inner:
            return Span(self.cursor, self.cursor)
        start = self.span.start + len(self.selected) - len(self.selected.lstrip())
        return Span(start, start + len(inner))

    @cached_property
    def lines(self) -> Span:
        """The whole lines of the selection, without a last one at whose start it ends."""
        return self.whole_lines(self.trimmed)

    @cached_property
    def code(self) -> str:
        """The text of `lines`."""
        return self.slice(self.lines)

    @property
    def is_blank(self) -> bool:
        """A cursor on a blank line."""
        return not self.code.strip()

    @cached_property
    def is_line_selection(self) -> bool:
        """Lines are selected, rather than a word by a double click.

        That is several lines, or one from its first character to its last.
        """
        if self.is_cursor:
            return False
        inner = self.selected.strip()
        return "\n" in inner or "\r" in inner or inner == self.code.strip()

    @cached_property
    def window(self) -> SyntaxWindow | None:
        """The syntax around the selection; None without a grammar."""
        return SyntaxWindow.around(self.text, self.span, self.snapshot.language)

    @cached_property
    def units(self) -> tuple[EnclosingDefinition, ...]:
        """The functions and classes around the selection, the innermost first."""
        return self.units_at(self._probe)

    @cached_property
    def function(self) -> EnclosingDefinition | None:
        """The innermost function around the selection."""
        return next((each for each in self.units if each.kind is UnitKind.FUNCTION), None)

    @cached_property
    def class_(self) -> EnclosingDefinition | None:
        """The innermost class around the selection."""
        return next((each for each in self.units if each.kind is UnitKind.CLASS), None)

    @cached_property
    def target(self) -> RewriteTarget | None:
        """The selected lines, or else the function or class around the cursor.

        Half a statement cannot be rewritten: a selection is widened to whole statements.
        """
        if self.is_line_selection:
            span = self._without_cuts
            same = (each for each in self.units if self.whole_lines(each.span) == span)
            return RewriteTarget(span, self.slice(span), next(same, None))
        if self.is_blank:
            return None
        unit = self.function or self.class_
        if unit is None or (unit is self.class_ and self.height(unit.span) > MAX_CLASS_LINES):
            return None
        span = self.whole_lines(unit.span)
        return RewriteTarget(span, self.slice(span), unit)

    def is_function(self, target: RewriteTarget) -> bool:
        """Whether `target` is a function, or selected lines of code."""
        return self.traits.is_code and (self.is_line_selection or self.function is target.unit)

    def functions_in(self, target: RewriteTarget) -> list[EnclosingDefinition]:
        """The functions that `target` is or holds, nested ones left out."""
        if target.unit is not None and target.unit.kind is UnitKind.FUNCTION:
            return [target.unit]
        return self.functions_within(target.span)

    def functions_within(self, span: Span) -> list[EnclosingDefinition]:
        """The functions that `span` contains entirely, in a class or at the outer level."""
        return [each for each in self._units_near if _holds(span, each.span)]

    @cached_property
    def _units_near(self) -> tuple[EnclosingDefinition, ...]:
        """The functions at the outer level and in classes, as far as the window goes."""
        if self.window is None:
            return ()
        outer = self.window.top_level_definitions()
        inner = [each for unit in (*outer, *self.units) for each in self._members(unit)]
        found = dict.fromkeys((*outer, *inner))
        return tuple(each for each in found if each.kind is UnitKind.FUNCTION)

    def _members(self, unit: EnclosingDefinition) -> tuple[EnclosingDefinition, ...]:
        if unit.kind is not UnitKind.CLASS or self.window is None:
            return ()
        return self.window.members(unit)

    @cached_property
    def is_whole(self) -> bool:
        """Whether whole statements are selected, or one whole expression. Unknown counts as yes."""
        return self.window is None or self.window.is_whole(self._bare)

    @property
    def _bare(self) -> Span:
        """The selection without comments at its ends: grammars have them in unlikely places."""
        lines = self.slice(self.trimmed).splitlines(keepends=True)
        above = below = 0
        while above < len(lines) and self._says_nothing(lines[above]):
            above += 1
        while below < len(lines) - above and self._says_nothing(lines[-1 - below]):
            below += 1
        start = self.trimmed.start + len("".join(lines[:above]))
        code = "".join(lines[above : len(lines) - below])
        start += len(code) - len(code.lstrip())
        return Span(start, start + len(code.strip())) if code.strip() else self.trimmed

    def _says_nothing(self, line: str) -> bool:
        return not line.strip() or is_comment(line, self.language)

    @property
    def _without_cuts(self) -> Span:
        if self.window is None or self.is_whole:
            return self.lines
        wide = self.whole_lines(self.window.widened(self._bare))
        return Span(min(wide.start, self.lines.start), max(wide.end, self.lines.end))

    @cached_property
    def blank_line_block(self) -> Span:
        """The lines around the selection, up to blank lines."""
        return self.paragraph_of(self.trimmed)

    def units_at(self, span: Span) -> tuple[EnclosingDefinition, ...]:
        """The functions and classes around `span`, the innermost first."""
        return self.window.units(span) if self.window is not None else ()

    def paragraph_of(self, span: Span) -> Span:
        """The lines around `span`, up to blank lines."""
        first, last = self.text.line_of(span.start), self.text.line_of(span.end)
        highest, lowest = first - MAX_PARAGRAPH_LINES, last + MAX_PARAGRAPH_LINES
        while first > max(0, highest) and self.text.line(first - 1).strip():
            first -= 1
        while last < min(self.text.line_count - 1, lowest) and self.text.line(last + 1).strip():
            last += 1
        return self.span_of_lines(first, last)

    def editable_span(self, span: Span) -> Span:
        """The span that a change at `span` may touch: the function around it, or the paragraph."""
        return self._function_lines(span) or self.paragraph_of(span)

    def surroundings_of(self, spans: Sequence[Span]) -> Span:
        """The span that one change at all of `spans`, at least one, may touch.

        A paragraph between the outermost two extends no further than theirs; a function may.
        """
        outermost = (min(spans, key=lambda each: each.start), max(spans, key=lambda each: each.end))
        around = [found for each in spans if (found := self._function_lines(each))]
        around += [self.editable_span(each) for each in outermost]
        return Span(min(each.start for each in around), max(each.end for each in around))

    def _function_lines(self, span: Span) -> Span | None:
        function = next((u for u in self.units_at(span) if u.kind is UnitKind.FUNCTION), None)
        return self.whole_lines(function.span) if function else None

    def with_comments(self, span: Span) -> Span:
        """`span` as whole lines, and the comment and attribute lines right above."""
        first, last = self.text.line_of(span.start), self.text.line_of(span.end)
        while first > 0 and _leads_on(self.text.line(first - 1).strip(), self.language):
            first -= 1
        return self.span_of_lines(first, last)

    def within(self, span: Span) -> Span:
        """`span`, clamped to the document: a diagnostic may belong to an older version."""
        start = min(max(span.start, 0), len(self.text))
        return Span(start, min(max(span.end, start), len(self.text)))

    def whole_lines(self, span: Span) -> Span:
        """`span`, widened to whole lines."""
        return self.span_of_lines(self.text.line_of(span.start), self.text.line_of(span.end))

    def span_of_lines(self, first: int, last: int) -> Span:
        """From the start of a line to the end of a line, before its line end."""
        return Span(self.text.line_start(first), self.text.line_end(last))

    def slice(self, span: Span) -> str:
        """The text of `span`."""
        return self.text.slice(span.start, span.end)

    def selected_within(self, span: Span) -> Span | None:
        """The selected lines, if `span` goes beyond them; else None."""
        return self.lines if self.is_line_selection and not _holds(self.lines, span) else None

    def height(self, span: Span) -> int:
        """How many lines `span` has."""
        return self.text.line_of(span.end) - self.text.line_of(span.start) + 1

    @cached_property
    def whole_text(self) -> str:
        """The document's text."""
        return str(self.text)

    @cached_property
    def _probe(self) -> Span:
        """The span to search for definitions: a cursor in the indentation means its line's code.

        A cursor in a comment means the code below the comment.
        """
        if not self.is_cursor:
            return self.trimmed
        line = self.text.line_of(self.cursor)
        if is_comment(self.text.line(line), self.language):
            line = self._line_below_comments(line)
        code = self.text.line(line)
        if not code.strip():
            return Span(self.cursor, self.cursor)
        start = self.text.line_start(line)
        first = start + len(code) - len(code.lstrip())
        at = min(max(self.cursor, first), start + len(code.rstrip()) - 1)
        return Span(at, at)

    def _line_below_comments(self, line: int) -> int:
        for below in range(line + 1, min(line + MAX_PARAGRAPH_LINES, self.text.line_count)):
            code = self.text.line(below)
            if not code.strip():
                return line
            if not is_comment(code, self.language):
                return below
        return line


_BLOCK_LINE = re.compile(r"\*(?:[\s/]|$)")
_ATTRIBUTE = re.compile(r"#\[|@\w|\[\w[^\]]*\]$")


def is_comment(line: str, language: Language) -> bool:
    """Whether a line contains only a comment, judged by the line alone."""
    code = line.strip()
    if language.line_comment and code.startswith(language.line_comment):
        return not code.startswith("#[")
    opening, closing = language.block_comment or ("", "")
    if not opening:
        return False
    return code.startswith(opening) or code == closing or bool(_BLOCK_LINE.match(code))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _leads_on(code: str, language: Language) -> bool:
    """Whether a line belongs to the definition below it."""
    return is_comment(code, language) or bool(_ATTRIBUTE.match(code)) or code.endswith("*/")


def words_of_comment(line: str, language: Language) -> str:
    """The text of a comment line, without its markers."""
    code = line.strip()
    opening, closing = language.block_comment or ("", "")
    for marker in (opening, language.line_comment):
        if marker and code.startswith(marker):
            code = code[len(marker) :]
    code = code.removesuffix(closing) if closing else code
    return code.strip().lstrip("*/!#-").strip()


def truncate_title(words: str, most: int = 60) -> str:
    """The first line of `words`, cut between words if longer than `most` code points."""
    line = " ".join(words.strip().split("\n", 1)[0].split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    head = cut.rpartition(" ")[0]
    return (head if len(head) > most // 2 else cut).rstrip(" .,;:") + "…"
