"""Find the unit that a draft begins or completes, and whether it is complete.

The draft is parsed in the document. Ends are counted in lines of the draft: text after a unit on
its last line belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devstral_lsp.completion.extent import nodes
from devstral_lsp.completion.extent.ground import Ground
from devstral_lsp.completion.extent.parts import (
    END_OF_LINE,
    HAS_MEMBERS,
    HEREDOC,
    lacks_its_end,
    last_of_paragraph,
    led_to,
    lines_of_whole_parts,
    new_section,
    visible_end,
)
from devstral_lsp.completion.request_kind import has_body, indent_width, line_above, opens_block
from devstral_lsp.completion.source import brackets
from devstral_lsp.completion.source.reading import is_comment
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft
from devstral_lsp.syntax.tree import Syntax

if TYPE_CHECKING:
    from tree_sitter import Node

SHOWN_LINES = 20
"""Maximum lines of a unit to show; the rest is skipped."""

_GOES_ON = (
    "else", "elif", "elsif", "elseif", "except", "finally", "catch", "rescue", "ensure",
    "while", "until", "case", "when", "and", "or", "not", "in", "is", "if", "unless", "as",
    "of", "where", "extends", "implements", "instanceof", "satisfies", "then", "do", "fi",
    "done", "esac", "end", "const", "override", "noexcept", "requires", "throws",
)  # fmt: skip
"""Keywords with which a line may continue the statement above it."""

_GROWS = re.compile(r"^if|case|default|label|section|group|^when$|^else$|^ensure$|^rescue$")
"""Types of units that may continue in the next line, although they parse without it."""

_LINES_END_STATEMENTS = frozenset({"python", "go", "shellscript"})
"""Languages in which no line continues a statement that parses."""

_HAS_BODY = re.compile(r"^(?:for|while|try|with|match)_|definition$")
"""Python's compound statements, which the next line may continue."""

_WORD = re.compile(r"[^\W\d]\w*|[@$\"']")


@dataclass(frozen=True, slots=True)
class Extent:
    """How many lines of a draft make one suggestion. `is_complete` is False for a longer unit that
    was cut after its last complete part."""

    lines: int
    is_complete: bool


class Reader:
    """Reads one draft at one cursor; its last line may be incomplete."""

    def __init__(
        self, ground: Ground, place: CursorContext, text: str, *, ended: bool, beyond: int = 0
    ) -> None:
        """`beyond` is the number of lines of the draft that were accepted before, and are not
        shown."""
        self._ground = ground
        self._lines_accepted = beyond
        self._most_lines = beyond + SHOWN_LINES
        self._place = place
        self._whole = text if ended else text[: text.rfind("\n") + 1]
        self._coming = "" if ended else text[len(self._whole) :]
        self._ended = ended
        above = ground.above.encode(errors="replace")
        self._start = len(above)
        self._draft = self._whole.encode(errors="replace")
        self._text = above + self._draft
        self._inner_width: int | None = None
        """The columns of the lines of the current block."""
        self._reads_block = False
        self.gives_up = False
        """Set when the parser found no extent; the line reader then decides."""

    def extent(self, kind: CompletionKind) -> Extent | None:
        """The extent; None if more text is needed, or if the parser cannot decide."""
        if not self._whole.strip():
            return None
        self._reads_block = kind is CompletionKind.BLOCK
        syntax = self._ground.with_draft(self._whole)
        unit = self._unit(syntax, kind) if syntax is not None else None
        if syntax is None or unit is None:
            lines = self._last_part() if self._is_long and syntax is not None else 0
            self.gives_up = syntax is None or (self._is_long and not lines) or self._ended
            return Extent(lines, is_complete=False) if lines else None
        if (header := self._above_its_body(unit[-1], kind)) is not None:
            return header
        extent = self._complete(syntax, unit)
        if extent is not None and extent.lines <= self._most_lines:
            return extent
        if self._is_long:
            lines = self._last_part()
            self.gives_up = not lines
            return Extent(lines, is_complete=False) if lines else None
        if self._ended:
            return Extent(self._whole.rstrip().count("\n") + 1, is_complete=True)
        return None

    def _above_its_body(self, unit: Node, kind: CompletionKind) -> Extent | None:
        """Only the opening lines of a block whose body already exists below, as it parses."""
        width = indent_width(self._line_at(max(unit.start_byte, self._start)))
        if kind is not CompletionKind.STATEMENT or not has_body(self._place, width):
            return None
        lines = self._whole.rstrip("\n").split("\n")
        lines[0] = self._place.line_before + lines[0]
        for i, line in enumerate(lines):
            if opens_block(line, self._place.language):
                opening = "\n".join(self._whole.split("\n")[: i + 1])
                found = self._ground.faults(opening, self._ground.covered)
                stays = found <= self._ground.faults("", 0)
                return Extent(i + 1, is_complete=True) if stays else None
        return None

    @property
    def _is_long(self) -> bool:
        return self._whole.rstrip().count("\n") >= self._most_lines

    @property
    def _end(self) -> int:
        """The end of the draft's complete lines, in bytes of the text."""
        return self._start + len(self._draft.rstrip())

    def _unit(self, syntax: Syntax, kind: CompletionKind) -> list[Node] | None:
        """The path from the root to the unit."""
        first = self._start + len(self._draft) - len(self._draft.lstrip())
        line = self._place.line_before
        if line.strip():
            begun = self._start - len(line.lstrip().encode(errors="replace"))
            path = self._climbed(syntax, begun)
            if path and path[-1].end_byte > first and not self._is_within(path[-1], kind):
                return path
        if kind is CompletionKind.BLOCK and not line.strip():
            return self._block(syntax, first)
        return self._climbed(syntax, first)

    def _is_within(self, unit: Node, kind: CompletionKind) -> bool:
        """Whether the unit at the cursor is complete without the draft, which is only inserted."""
        if kind is CompletionKind.BLOCK or self._ground.covered or "\n" not in self._place.after:
            return False
        known = self._ground.without_draft()
        if known is None:
            return False
        language = self._place.language.name
        path = nodes.path_to(known.root, unit.start_byte)
        units = (node for i, node in enumerate(path) if i and nodes.is_unit(path, i, language))
        return any(
            node.start_byte == unit.start_byte
            and not node.has_error
            and node.end_byte > self._start
            for node in units
        )

    def _climbed(self, syntax: Syntax, at: int) -> list[Node] | None:
        """Walk up from the token at a byte to the unit that ends its line."""
        path = nodes.path_to(syntax.root, at)
        while len(path) > 1:
            if nodes.is_unit(path, len(path) - 1, self._place.language.name):
                if END_OF_LINE.match(syntax.source, path[-1].end_byte):
                    return path
                if path[-1].end_byte >= self._end:
                    return path
            path.pop()
        return None

    def _block(self, syntax: Syntax, first: int) -> list[Node] | None:
        """The rest of the block that begins in the cursor's line."""
        path = self._climbed(syntax, first)
        if path is None or len(path) < 3:
            return None
        inner = path.pop()
        if path[-1].is_error:
            return None
        if HAS_MEMBERS.search(line_above(self._place.before)):
            path.append(last_of_paragraph(syntax, inner))
            return path
        self._inner_width = indent_width(self._line_at(inner.start_byte))
        if nodes.is_sequence(path[-1]) and nodes.is_bracketed(path[-2]):
            path.pop()
        if len(path) > 1 and nodes.is_sequence(path[-1]):
            # Keywords that close a block may follow the sequence of its statements.
            behind = syntax.source[path[-1].end_byte : path[-2].end_byte].strip()
            if path[-2].end_byte <= self._end and behind.isalpha() and not self._grows_by_columns:
                path.pop()
            return path
        while (
            len(path) > 2
            and path[-1].end_byte <= self._end
            and END_OF_LINE.match(syntax.source, path[-1].end_byte) is None
        ):
            path.pop()
        return path

    @property
    def _grows_by_columns(self) -> bool:
        return bool(self._place.language.block_start_token)

    def _complete(self, syntax: Syntax, path: list[Node]) -> Extent | None:
        """The extent up to the end of the unit; None if it has not arrived."""
        unit = path[-1]
        end = visible_end(syntax, unit)
        if nodes.is_comment(unit) and unit.start_byte < self._start:
            if end > self._end and not self._ended:
                return None  # the end of a block comment stands below
            if not self._draft[: max(0, end - self._start)].strip().count(b"\n"):
                return Extent(self._line_of(end), is_complete=True)
        elif len(path) > 1 and nodes.leads_on(unit):
            unit = led_to(unit, syntax, self._end if self._ended else len(syntax.source))
            end = visible_end(syntax, unit)
            if nodes.leads_on(unit) and not self._ended and not self._leaves(unit, end):
                return None
        following = unit.next_named_sibling
        if following is not None and following.type == "heredoc_body":
            unit, end = following, visible_end(syntax, following)
        elif HEREDOC.search(syntax.source, unit.start_byte, end) and not self._ended:
            return None
        if self._place.language.name == "json":
            unit = self._last_entry(syntax, unit)
            end = visible_end(syntax, unit)
        if end > self._end:
            return None
        if unit.has_error and not self._ended and not self._is_followed(end):
            return None
        if not self._ended and (lacks_its_end(unit) or self._is_in_error(path)):
            return None
        if self._is_open(path, end) or not (self._ended or self._is_over(unit, end)):
            return None
        section = new_section(unit, syntax)
        if section and section < self._end and self._line_of(section) > self._lines_accepted:
            return Extent(self._line_of(section), is_complete=False)
        return Extent(self._line_of(end), is_complete=True)

    def _last_entry(self, syntax: Syntax, entry: Node) -> Node:
        """The last entry of a JSON list, without a comma after it."""
        below = self._ground.below.lstrip()[:1]
        while below in ("}", "]") and (following := entry.next_named_sibling) is not None:
            if following.start_byte >= len(syntax.source) - len(self._ground.below.encode()):
                break
            entry = following
        return entry

    def _leaves(self, lead: Node, end: int) -> bool:
        """Whether the text after a comment or an attribute that ends at `end` does not belong to
        it: it is in another paragraph, or less indented."""
        tail, _, rest = self._draft[end - self._start :].decode(errors="replace").partition("\n")
        following = rest + self._coming
        line = following.lstrip("\n").split("\n", 1)[0]
        if tail.strip() or not line.strip():
            return bool(tail.strip()) or following.startswith("\n")
        is_gap = following.startswith("\n")
        return is_gap or indent_width(line) < indent_width(self._line_at(lead.start_byte))

    def _is_followed(self, end: int) -> bool:
        return bool(self._draft[max(0, end - self._start) :].strip(b" \t\n;,"))

    def _is_over(self, unit: Node, end: int) -> bool:
        """Whether later text cannot belong to the unit, which ends at `end`."""
        behind = self._draft[end - self._start :]
        if self._draft.rstrip().endswith(b"\\") and not behind.strip(b" \t\n\\"):
            return False  # continues in the next line
        line_end = behind.find(b"\n")
        if line_end >= 0 and (following := behind[line_end:].strip()):
            line = behind[line_end:].lstrip(b"\n").decode(errors="replace").split("\n", 1)[0]
            deeper = indent_width(line) > indent_width(self._line_at(unit.start_byte))
            if deeper and is_comment(line, self._place.language):
                return False
            word = _WORD.fullmatch(following.decode(errors="replace"))  # maybe a part of a keyword
            return word is None or word.group() not in _GOES_ON
        has_comma = self._draft[: end - self._start].endswith(b",") or behind.lstrip()[:1] == b","
        if has_comma and unit.parent is not None and nodes.is_sequence(unit.parent):
            return False
        if behind.lstrip()[:1] == b";" or self._draft[: end - self._start].endswith(b";"):
            return not _GROWS.search(unit.type)
        if line_end >= 0 and self._inner_width is None and self._ends_with_its_line(unit):
            return True
        said = self._coming.lstrip()
        word = _WORD.match(said)
        if said and self._inner_width is not None:
            if indent_width(self._coming) >= self._inner_width:
                return False
        elif said and indent_width(self._coming) > indent_width(self._line_at(unit.start_byte)):
            return False
        if not word:
            return said[:1] == "}" and not self._place.language.block_start_token
        is_part = word.end() == len(said)
        return not any(
            each.startswith(word.group()) if is_part else each == word.group() for each in _GOES_ON
        )

    def _line_at(self, at: int) -> str:
        """The line at byte `at` of the text with the draft."""
        start = self._text.rfind(b"\n", 0, at) + 1
        return self._text[start:].split(b"\n", 1)[0].decode(errors="replace")

    def _is_in_error(self, path: Sequence[Node]) -> bool:
        """Whether the draft does not parse, although the text around it does."""
        if not any(node.is_error for node in path):
            return False
        known = self._ground.without_draft()
        if known is None:
            return False
        return not any(node.is_error for node in nodes.path_to(known.root, self._start))

    def _is_open(self, path: Sequence[Node], end: int) -> bool:
        """Whether the draft ends in a string or comment, or with a bracket open."""
        draft = Draft(text=self._whole, kind=CompletionKind.BLOCK)
        text, offset = brackets.joined(draft, self._place)
        scanned = brackets.scan(text, self._place.language)
        last = scanned.asides[-1] if scanned.asides else None
        if last is not None and last.is_open and last.opener != self._place.language.line_comment:
            return True
        goes_on = (self._reads_block or self._ground.covered) and self._place.line_before.strip()
        is_inside = bool(goes_on) and path[-1].start_byte >= self._start
        if not is_inside and not any(node.has_error for node in path[1:]):
            return False
        until = len(self._draft[: max(0, end - self._start)].decode(errors="replace")) + offset
        begun = 0 if goes_on else offset
        opened = brackets.unmatched(b for b in scanned.brackets if begun <= b.position < until)[0]
        return bool(opened)

    def _ends_with_its_line(self, unit: Node) -> bool:
        """Whether the line end itself ends the unit, which parses."""
        if self._place.language.name not in _LINES_END_STATEMENTS or _GROWS.search(unit.type):
            return False
        return not (self._grows_by_columns and _HAS_BODY.search(unit.type))

    def _line_of(self, end: int) -> int:
        """The number of lines of the draft up to byte `end` of the text."""
        return self._draft.count(b"\n", 0, max(0, end - self._start)) + 1

    def _last_part(self) -> int:
        shown = "\n".join(self._whole.split("\n", self._most_lines)[: self._most_lines])
        return lines_of_whole_parts(self._ground, shown, self._place.language)
