r"""Repairs of the code in a reply, by the text that it is to replace and what stands around that.

Models number lines, give the lines around the span or the whole file, start at the margin what
stood in a class, leave out the first line's indentation, and trim blank lines. Line ends are "\n".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from textwrap import dedent

from devstral_lsp.edits.patience_diff import matching_lines
from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.refactor.code_lines import FILLER
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.syntax.imports import find_import_statements
from devstral_lsp.syntax.outline import outline

_NUMBERED = re.compile(r"[ \t]*+(\d{1,9}+)(?>[ \t]*[:|│→]|[ \t]*\t)(.*)")


def without_line_numbers(code: str, original: str) -> str:
    """`code` without numbers that count its lines; itself where they are not those."""
    lines = code.split("\n")
    found = [_NUMBERED.fullmatch(line) for line in lines if line.strip()]
    if len(found) < 2 or not all(found) or all(map(_NUMBERED.fullmatch, original.split("\n"))):
        return code
    numbers = [int(match[1]) for match in found if match]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        return code
    bare = [match[2] if (match := _NUMBERED.fullmatch(line)) else "" for line in lines]
    has_space = all(line[0] == " " for line in bare if line.strip())
    return "\n".join(line[1:] if has_space else line for line in bare)


def extract_span(
    code: str, original: str, around: tuple[str, str], language: str
) -> tuple[str, tuple[str, ...]]:
    """The part of `code` that is for the span, and import lines that are new in the rest.

    `around` is the document before and after the span. The rest is cut off where the document has
    it already: the lines right before and after, all of the file, or the headers of the blocks that
    the span is in. Raises UnusableReply where the reply changes what is around.
    """
    before, here, after = (text.split("\n") for text in (around[0], original, around[1]))
    return _Surroundings(before, here, after, language).without_echo(code.split("\n"))


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """The lines of the document before the span, in it (`here`) and after it."""

    before: Sequence[str]
    here: Sequence[str]
    after: Sequence[str]
    language: str

    def without_echo(self, lines: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        head, imports = self._leading_imports(lines)
        whole = self._from_whole_file(lines)
        if whole is not None:
            return whole
        lines = lines[head:]
        headers = self._headers(lines)
        closes_more = _starts_with_closer(lines) and not _starts_with_closer(self.here)
        top = _echoed(lines, self.before, self.here, is_sure=closes_more)
        if headers >= top and (closing := self._closers(lines[headers:], headers)):
            return "\n".join(lines[headers:-closing]), imports
        top = max(top, headers)
        rest = lines[top:]
        end = _echoed(rest[::-1], self.after[::-1], self.here[::-1], is_sure=top > 0)
        if end and not top:
            top = _echoed(lines, self.before, self.here, is_sure=True)
        return "\n".join(lines[top : len(lines) - end]), imports

    def _leading_imports(self, lines: Sequence[str]) -> tuple[int, tuple[str, ...]]:
        """How many lines of imports lead the reply, where its span has none; and the new ones."""
        here, head = _numbered(self.here), self._end_of_imports(lines)
        if not head or not here or self._end_of_imports(self.here):
            return 0, ()
        is_indented = indent_of(self.here[here[0][0]]) != ""
        defines = bool(outline(dedent("\n".join(self.here)), self.language))
        if is_indented and not defines and not self._headers(lines[head:]):
            return 0, ()
        known = set(_texts(self.before))
        found = find_import_statements(lines[:head], self.language)
        return head, tuple(each.text for each in found if each.text.strip() not in known)

    def _end_of_imports(self, lines: Sequence[str]) -> int:
        """The line after the imports that `lines` begin with, and the blank lines among them."""
        end = 0
        for each in find_import_statements(lines, self.language):
            if any(line.strip() for line in lines[end : each.first]):
                break
            end = each.end
        return end

    def _from_whole_file(self, lines: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
        """The span's part of a whole file, and new imports; None where the reply is not one."""
        numbered, above, below = _numbered(lines), _texts(self.before), _texts(self.after)
        given = [text for _, text in numbered]
        if not given or not self._may_start_file(given[0]) or not _holds_most(given, above):
            return None
        kept = matching_lines(above, given)
        if len(kept) < len(above) or (below and given[-len(below) :] != below):
            raise UnusableReply("The reply changes lines outside the selection.")
        last = kept[len(above) - 1]
        end = numbered[-len(below) - 1][0] + 1 if below else len(lines)
        added = [given[at] for at in sorted(set(range(last)) - set(kept.values()))]
        imports = tuple(each.text for each in find_import_statements(added, self.language))
        if sum(text.count("\n") + 1 for text in imports) < len(added):
            raise UnusableReply("The reply changes lines outside the selection.")
        return "\n".join(lines[numbered[last][0] + 1 : end]), imports

    def _may_start_file(self, line: str) -> bool:
        """Whether a reply with this first line may be the file, from its start or an import on."""
        first = islice((each.strip() for each in self.before if each.strip()), 3)
        return line in first and line not in _texts(self.here)[:1]

    def _headers(self, lines: Sequence[str]) -> int:
        """How many lines lead the reply that open the blocks around the span."""
        chain, numbered = _enclosing(self.before, self.here), _numbered(lines)
        given = [text for _, text in numbered]
        for size in range(len(chain), 0, -1):
            inner = chain[-size:]
            if given[:size] == inner and any(map(_has_words, inner)):
                return 0 if _texts(self.here)[:size] == inner else numbered[size - 1][0] + 1
        return 0

    def _closers(self, lines: Sequence[str], most: int) -> int:
        """How many lines, at most `most`, end the reply that close the blocks around the span."""
        chain = _enclosing(self.after[::-1], self.here)[::-1]
        numbered = _numbered(lines)
        given = [text for _, text in numbered]
        for size in range(min(len(chain), most, len(given) - 1), 0, -1):
            if given[-size:] == chain[:size] and not any(map(_has_words, chain[:size])):
                return len(lines) - numbered[-size][0]
        return 0


def _numbered(lines: Sequence[str]) -> list[tuple[int, str]]:
    """The lines that are not blank, without whitespace at either end, and their numbers."""
    return [(at, line.strip()) for at, line in enumerate(lines) if line.strip()]


def _texts(lines: Sequence[str]) -> list[str]:
    return [text for _, text in _numbered(lines)]


def _starts_with_closer(lines: Sequence[str]) -> bool:
    return next(iter(_texts(lines)), " ")[0] in ")]}"


def _has_words(line: str) -> bool:
    return len(re.findall(r"\w", line)) >= 3 and line.rstrip(";") not in FILLER


def _holds_most(given: Sequence[str], above: Sequence[str]) -> bool:
    """Whether `given` holds the greater part of the lines in `above` that have words."""
    known = frozenset(given)
    with_words = [line for line in above if _has_words(line)]
    return len(with_words) >= 2 and 2 * sum(line in known for line in with_words) > len(with_words)


def _enclosing(outside: Sequence[str], here: Sequence[str]) -> list[str]:
    """The lines outside that are indented less than all between them and the span, in order."""
    depth = min((len(indent_of(line)) for line in here if line.strip()), default=0)
    chain = []
    for line in reversed(outside):
        if not depth:
            break
        if line.strip() and len(indent_of(line)) < depth:
            depth = len(indent_of(line))
            chain.append(line.strip())
    return chain[::-1]


def _echoed(
    lines: Sequence[str], outside: Sequence[str], here: Sequence[str], *, is_sure: bool
) -> int:
    """How many of the first lines are the last ones of `outside`, and not the span's own.

    Brackets and other lines without words could be the code's own. They count where it `is_sure`
    that more than the span was given, or where several of them are indented as they are outside.
    """
    ends = [at + 1 for at, _ in _numbered(lines)]
    given, own = ([line.rstrip() for line in each if line.strip()] for each in (lines, here))
    near = (line.rstrip() for line in reversed(outside) if line.strip())
    known = list(islice(near, len(given)))[::-1]
    for size in range(len(known), 0, -1):
        echo, beside, mine = given[:size], known[-size:], own[:size]
        if _texts(echo) != _texts(beside) or mine == echo:
            continue
        is_exact = echo == beside and (size > 1 or is_sure)
        if is_exact or (any(map(_has_words, echo)) and _texts(mine) != _texts(echo)):
            return ends[size - 1]
    return 0
