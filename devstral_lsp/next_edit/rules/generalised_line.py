"""Several parts of a line change: the same parts change in lines with other text between them.

`self.assertEqual(a, b)` became `assert a == b`, so `self.assertEqual(len(x), 3)` becomes
`assert len(x) == 3`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.lines import DocumentLines
from devstral_lsp.next_edit.pattern import MAX_PLACES, Pattern, Place
from devstral_lsp.next_edit.tokens import split_tokens, token_edits

MIN_EVIDENCE = 6
"""Characters of the replaced text, without whitespace at the ends of its parts."""
MAX_LINE = 500
"""Code points of a line that is matched, which takes quadratic time."""
MAX_PARTS = 4
"""Changed parts of a line; one with more was rewritten."""
_CLOSERS = {")": "(", "]": "[", "}": "{"}


def learn(change: UserChange) -> Iterator[Pattern]:
    """The line, with gaps for the unchanged text. It may have become several lines."""
    if len(change.old) != 1 or not change.new:
        return
    indent = indent_of(change.old[0])
    written = "\n".join(line.removeprefix(indent) for line in change.new)
    old_line = change.old[0].removeprefix(indent)
    edits = token_edits(old_line, written)
    if not (1 if len(change.new) > 1 else 2) <= len(edits) <= MAX_PARTS:
        return
    tokens = split_tokens(old_line)
    old, new = [], []
    for edit in edits:
        removed = "".join(edit.old)
        # An insertion is attached to the token before it.
        lead = "" if removed.strip() else "".join(tokens[max(0, edit.start - 1) : edit.start])
        old.append(lead + removed)
        new.append(lead + "".join(edit.new))
    pattern = GeneralisedLine(tuple(old), tuple(new))
    if all(part.strip() for part in old) and pattern.evidence >= MIN_EVIDENCE:
        yield pattern


@dataclass(frozen=True, slots=True)
class GeneralisedLine:
    """The parts `old` of a line become `new`, in order, with any text between them."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    rule: str = "generalised_line"

    @property
    def key(self) -> tuple[str, ...]:
        return (self.rule, *self.old, "\n", *self.new)

    @property
    def evidence(self) -> int:
        return sum(len(part.strip()) for part in self.old)

    def places(self, text: DocumentLines) -> Iterator[Place]:
        string, needle = text.string, max(self.old, key=len)
        at, found = string.find(needle), 0
        while at >= 0 and found < MAX_PLACES:
            line = text.line_of(at)
            content = text.line(line)
            indent = indent_of(content)
            after = self._applied(content.removeprefix(indent)) if len(content) < MAX_LINE else None
            if after is not None:
                found += 1
                lines = (indent + each if each else each for each in after.split("\n"))
                yield Place(line, line + 1, tuple(lines))
            at = string.find(needle, max(text.line_end(line), at + 1))

    def _applied(self, line: str) -> str | None:
        pieces, start = [], 0
        for number, part in enumerate(self.old):
            at = line.find(part, start)
            while at >= 0 and number and not _is_balanced(line[start:at]):
                at = line.find(part, at + 1)
            if at < 0 or (number and not line[start:at].strip()):
                return None
            if _splits_name(line, at) or _splits_name(line, at + len(part)):
                return None
            pieces += [line[start:at], self.new[number]]
            start = at + len(part)
        return "".join(pieces) + line[start:]


def _splits_name(line: str, at: int) -> bool:
    around = line[max(0, at - 1) : at + 1]
    return 0 < at < len(line) and all(each.isalnum() or each == "_" for each in around)


def _is_balanced(piece: str) -> bool:
    stack: list[str] = []
    for character in piece:
        if character in "([{":
            stack.append(character)
        elif character in _CLOSERS and (not stack or stack.pop() != _CLOSERS[character]):
            return False
    return not stack
