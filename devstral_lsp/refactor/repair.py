r"""Repairs of the code in a reply, by the text that it is to replace and what stands around that.

Models number lines, give the lines around the span or the whole file, start at the margin what
stood in a class, leave out the first line's indentation, and trim blank lines. Line ends are "\n".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from textwrap import dedent

from devstral_lsp.edits.patience_diff import matching_lines
from devstral_lsp.languages import get_language
from devstral_lsp.languages.indentation import indent_of, match_indent_style
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.losses import Comparison
from devstral_lsp.syntax.imports import find_import_statements
from devstral_lsp.syntax.outline import outline
from devstral_lsp.syntax.tree import LexicalContext, Syntax

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
        if is_indented and not self._headers(lines[head:]):
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
    return len(re.findall(r"\w", line)) >= 3


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


def fit_insertion(code: str, blank: str, around: tuple[str, str], language: str) -> str:
    """`code`, which replaces the line `blank`, at the indentation of what is around it.

    A definition gets blank lines between itself and its neighbours.
    """
    bare = dedent(code).strip("\n")
    defines = any(not each.is_value for each in outline(bare, language))
    starter = get_language(language).block_start_token
    above, below = around[0].split("\n")[-2::-1], around[1].split("\n")[1:]
    over, under = (next((line for line in each if line.strip()), "") for each in (above, below))
    opens = over.rstrip().endswith(starter or "{")
    if blank or not under:
        indent = blank or _base(_code(code.split("\n"), frozenset()))
    elif opens or not defines:
        indent = max(indent_of(under), "" if opens else indent_of(over), key=_columns)
    else:
        indent = min(indent_of(under), indent_of(over), key=_columns)
    lines = [indent + each if each.strip() else each for each in bare.split("\n")]
    if not defines:
        return "\n".join(lines)
    wanted = 1 if indent or not starter else 2
    blanks = (
        next((at for at, line in enumerate(each) if line.strip()), wanted)
        for each in (above, below)
    )
    top, end = (max(0, wanted - each) for each in blanks)
    ending = [""] * (end + 1 if end else 0)  # the last is the line that the others end with
    return "\n".join([*[""] * (0 if opens else top), *lines, *ending])


def reindent(code: str, original: str, language: str) -> str:
    """`code` with the indentation and the blank first and last lines of `original`."""
    code = match_indent_style(original, code)
    if not original.strip():
        return code
    new, old = code.split("\n"), original.split("\n")
    (new_top, new_end), (top, end) = _edges(new), _edges(old)
    if new_top == new_end or top == end:
        return code
    lines = _based(new[new_top:new_end], old[top:end], language)
    return "\n".join([*old[:top], *lines, *old[end:]])


def _edges(lines: Sequence[str]) -> tuple[int, int]:
    """The first line that is not blank, and the one after the last."""
    numbered = _numbered(lines)
    return (numbered[0][0], numbered[-1][0] + 1) if numbered else (0, 0)


def _based(lines: list[str], old: list[str], language: str) -> list[str]:
    """`lines` at the base indentation of `old`."""
    quoted, directives = _quoted(lines, language), _directives(lines, language)
    stubs = Comparison("\n".join(old), "\n".join(lines), language).stand_ins
    aside = quoted | directives | stubs
    code = _code(lines, aside)
    base = _base(code)
    wanted = _base(_code(old, _quoted(old, language) | _directives(old, language)))
    first = [indent_of(old[0]) + lines[0], *lines[1:]]
    is_broken = get_language(language).has_broken_blocks
    if _lacks_first_indent(lines[0], code if 0 in aside else code[1:], old) and not (
        is_broken is not None and is_broken(dedent("\n".join(first)))
    ):
        return first
    if base == wanted:
        return lines
    move = _move(code, base, wanted)
    moved = []
    for at, line in enumerate(lines):
        if at in directives and (not indent_of(line) or line.lstrip() in old):
            moved.append(line.lstrip())
        elif not line.strip() or (at in quoted and _stays(line, move, base, old)):
            moved.append(line)
        else:
            moved.append(move(line))
    return moved


def _code(lines: Sequence[str], aside: frozenset[int]) -> list[str]:
    """The lines whose indentation is that of the code: not blank, and not among those `aside`."""
    return [line for at, line in enumerate(lines) if line.strip() and at not in aside]


def _directives(lines: Sequence[str], language: str) -> frozenset[int]:
    """The preprocessor's lines, which may stand at the margin wherever the code does."""
    if not get_language(language).has_preprocessor:
        return frozenset()
    return frozenset(at for at, line in enumerate(lines) if line.lstrip().startswith("#"))


def _quoted(lines: Sequence[str], language: str) -> frozenset[int]:
    """The lines that begin inside a string."""
    code = "\n".join(lines)
    syntax = Syntax.of(code, language) if re.search(r"[\"'`]", code) else None
    if syntax is None:
        return frozenset()
    starts = accumulate((len(line) + 1 for line in lines[:-1]), initial=0)
    return frozenset(
        at
        for at, start in enumerate(starts)
        if at and syntax.inside(start) is LexicalContext.STRING
    )


def _base(code: Sequence[str]) -> str:
    """The indentation that every line of code begins with."""
    return min(map(indent_of, code), key=_columns, default="")


def _columns(indent: str) -> int:
    return len(indent.expandtabs())


def _move(code: Sequence[str], base: str, wanted: str) -> Callable[[str], str]:
    """What moves a line from below `base` to below `wanted`."""
    if wanted.endswith(base):
        return lambda line: wanted[: len(wanted) - len(base)] + line
    surplus = base[: len(base) - len(wanted)]
    if base.endswith(wanted) and all(line.startswith(surplus) for line in code):
        return lambda line: line.removeprefix(surplus)
    return lambda line: wanted + (line[len(base) :] if line.startswith(base) else line.lstrip())


def _stays(line: str, move: Callable[[str], str], base: str, old: Sequence[str]) -> bool:
    """Whether a line inside a string stands at its place already."""
    return line in old or (move(line) not in old and not line.startswith(base or " "))


def _lacks_first_indent(first: str, rest: Sequence[str], old: Sequence[str]) -> bool:
    """Whether the first line lacks its indentation, and no other line of code does."""
    wanted = indent_of(old[0])
    if indent_of(first) or not rest or not wanted:
        return False
    if min(_columns(indent_of(line)) for line in rest) < _columns(wanted):
        return False
    return sum(wanted + line in old for line in rest) <= sum(line in old for line in rest)
