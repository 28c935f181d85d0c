"""Where true statements stand: found by the grammar, picked by a seed.

A statement is a named child of a block that begins its line and ends at a line's end. It is cut
out, with the cursor at its first character; `auto_closed` puts the cursor behind the last bracket
or quote that its first line leaves open, with what an editor would have closed behind it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.statements.corpus import Source
from devstral_lsp.completion.source import brackets
from devstral_lsp.languages import get_language
from devstral_lsp.syntax.tree import Syntax

SHORT_LINES = (2, 10)
LONG_LINES = (13, 40)

_BLOCKS = re.compile(
    r"block|body|program|module|source_file|compound_statement|translation_unit|statement_list"
    r"|declaration_list|do_group|^then$|^do$|jsx_element|switch_|case|namespace"
)
"""Types of nodes whose children are statements, members or elements, over all grammars."""

_NO_STATEMENTS = re.compile(
    r"comment|opening|closing|jsx_text|^block|^body_statement|body$|_body|clause|^else"
)

_CLOSING = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`"}


@dataclass(frozen=True, slots=True)
class Hole:
    """`before` the cursor, `after` it, the `truth` between them, and what an editor has closed.

    `rest` is what the model may run on into: what follows the truth in the file.
    """

    source: Source
    before: str
    truth: str
    rest: str
    closed: str = ""

    @property
    def after(self) -> str:
        return self.closed + self.rest

    @property
    def line(self) -> int:
        """The cursor's line, counted from 1."""
        return self.before.count("\n") + 1


def pick(
    found: Iterator[Source], count: int, seed: int, lines: tuple[int, int] = SHORT_LINES
) -> list[Hole]:
    """Up to `count` statements of so many lines, at most one in twelve of them from one file."""
    rng = random.Random(seed)
    files = list(found)
    rng.shuffle(files)
    holes: list[Hole] = []
    most = max(2, count // 12)
    for source in files:
        spans = _statements(source, lines)
        rng.shuffle(spans)
        for start, end in spans[:most]:
            text = source.text
            holes.append(Hole(source, text[:start], text[start:end], text[end:]))
        if len(holes) >= 3 * count:
            break
    rng.shuffle(holes)
    return holes[:count]


def auto_closed(holes: Sequence[Hole]) -> list[Hole]:
    """The same with the cursor behind what the first line opens, where it opens something."""
    return [closed for hole in holes if (closed := _auto_closed(hole)) is not None]


def _auto_closed(hole: Hole) -> Hole | None:
    first = hole.truth.split("\n", 1)[0]
    opened: list[str] = []
    found = brackets.scan(first, get_language(hole.source.language))
    at = 0
    for bracket in found.brackets:
        if bracket.character in _CLOSING:
            opened.append(bracket.character)
            at = bracket.position + 1
        elif opened:
            opened.pop()
    if not opened:
        return None
    # The last bracket that the line opens, with all that are open at that point.
    opened = []
    for bracket in found.brackets:
        if bracket.position >= at:
            break
        if bracket.character in _CLOSING:
            opened.append(bracket.character)
        elif opened:
            opened.pop()
    closing = "".join(_CLOSING[each] for each in reversed(opened))
    return Hole(hole.source, hole.before + hole.truth[:at], hole.truth[at:], hole.rest, closing)


def _statements(source: Source, lines: tuple[int, int]) -> list[tuple[int, int]]:
    syntax = Syntax.of(source.text, source.language)
    if syntax is None or syntax.missing_nodes():
        return []
    encoded = source.text.encode()
    found: list[tuple[int, int]] = []
    waiting = [syntax.root]
    while waiting:
        node = waiting.pop()
        is_block = node.parent is None or _BLOCKS.search(node.type) is not None
        for child in node.named_children:
            waiting.append(child)
            size = child.end_point[0] - child.start_point[0] + 1
            if not is_block or _NO_STATEMENTS.search(child.type):
                continue
            if not lines[0] <= size <= lines[1]:
                continue
            end = child.end_byte
            line_start = encoded.rfind(b"\n", 0, child.start_byte) + 1
            line_end = encoded.find(b"\n", end)
            if line_end < 0 or encoded[line_start : child.start_byte].strip():
                continue
            tail = encoded[end:line_end].strip()
            if tail not in (b"", b";", b","):
                continue
            start = len(encoded[: child.start_byte].decode())
            stop = len(encoded[:line_end].decode().rstrip())
            size = source.text.count("\n", start, stop) + 1
            if lines[0] <= size <= lines[1]:
                found.append((start, stop))
    return sorted(set(found))
