"""Which lines belong to a unit in a language without a grammar: by columns, brackets and words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from devstral_lsp.completion.request_kind import indent_width, opens_block
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.fences import is_fence
from devstral_lsp.languages import Language

_LEADS = re.compile(r"@(?:doc|spec|impl|typedoc)\b|@[\w.:]++(?:\(|$)|/\*\*")
"""Lines that belong to the definition below them, besides comments: annotations, as far as they are
alone on their line."""

GOES_ON_BELOW = (",", "\\", "=>", "->", "&&", "|", "|>", "%>%", "<-", " =", " +")
"""Ends of lines whose statement continues below."""

_GOES_ON_ABOVE = re.compile(
    r"\.{1,2}\w|\?\.|&&|\|\||\|>|\?:|<>|\{$"
    r"|[@{<%-]*+[ ]?(?:else|elseif|elsif|elif|catch|finally|rescue|ensure)\b"
)
"""Lines that continue the statement above, in its own column."""

_BRANCHES = ("else", "elseif", "elsif", "elif", "catch", "finally", "rescue", "ensure")

_NAMED_END = re.compile(r"[@{<%-]*+[ ]?\\?end\w*\b|</|/?>|\{++[/:]")
"""The end of a block in many languages, such as `endfunction`, of an element, and of a branch or a
block of a template."""

_OPENS = re.compile(r"\\begin\{|ifn?(?:def|eq)\b|#if")
_CLOSES = re.compile(r"\\end\{|endif\b|#endif")
"""Lines around a block that need not be indented."""

_OVER_LINES = ('"""', "'''", "$$")
"""Delimiters of strings that span lines."""


def may_become_part(line: str) -> bool:
    """Whether an incomplete line may become one that continues the statement above."""
    word = line.strip().lstrip("@{<%- ")
    return any(each.startswith(word) for each in (*_BRANCHES, "end", "/>"))


def _is_alone(line: str) -> bool:
    """Whether `line` is nothing but an annotation or the beginning of documentation."""
    leads = _LEADS.match(line)
    return leads is not None and (not leads.group().endswith("(") or line.endswith(")"))


@dataclass(slots=True)
class ColumnUnit:
    """The lines of a unit so far, its column, and whether it is within a fence of Markdown."""

    lines: list[str]
    width: int
    language: Language
    is_in_fence: bool = False
    opener: str = ""
    """What opened the string or the comment in which the unit begins."""

    def takes(self, line: str, *, is_next: bool) -> bool:
        """Whether `line`, the next one that is not blank, belongs to the unit. `is_next` is False
        if blank lines separate them."""
        if self._is_open():
            return True
        first, last = self.lines[0].strip(), self.lines[-1].rstrip()
        if self._is_paragraph(first):
            ends = is_fence(line) if self.is_in_fence else line.startswith("#")
            return is_next and not ends
        if not is_next:
            return indent_width(line) > self.width and opens_block(first, self.language)
        if self.language.statement_end:
            return not last.endswith(self.language.statement_end)
        if indent_width(line) != self.width:
            return indent_width(line) > self.width
        return self._takes_beside(line.strip(), first, last.strip())

    def _takes_beside(self, line: str, first: str, last: str) -> bool:
        """The same for a line in the unit's own column."""
        if reading.is_comment(last, self.language) or last.endswith("*/") or _is_alone(last):
            return True
        if last == '"""' and _LEADS.match(first):
            return True
        if last.endswith(GOES_ON_BELOW) or _GOES_ON_ABOVE.match(line):
            return True
        if line.startswith("- "):
            return first.endswith(":") and not first.startswith("- ")
        closes = reading.starts_by_closing(line, self.language) or _NAMED_END.match(line)
        return bool(closes) and len(self.lines) > 1 and indent_width(self.lines[-1]) > self.width

    def _is_paragraph(self, first: str) -> bool:
        start = self.language.paragraph_start
        return start is not None and start.match(first) is not None

    def _is_open(self) -> bool:
        """Whether a bracket, a string, a fence or a block between two lines is open."""
        text = self.opener + "\n".join(self.lines)
        if any(text.count(each) % 2 for each in _OVER_LINES):
            return True
        if self.language.has_fences and sum(map(is_fence, self.lines)) % 2:
            return not self.is_in_fence
        code = [line.strip() for line in self.lines]
        if sum(map(bool, map(_OPENS.match, code))) > sum(map(bool, map(_CLOSES.match, code))):
            return True
        found = brackets.scan(text, self.language)
        last = found.asides[-1] if found.asides else None
        block = self.language.block_comment
        if last is not None and last.is_open and block and last.opener == block[0]:
            return True
        return bool(brackets.unmatched(found.brackets)[0])
