"""Replies that hold more than was asked for: the lines around the span, or the whole file.

The span's part is cut out where the rest is what stands around it already: the lines right before
and after, all of the file, or the headers of the blocks that it is in. Works on text with "\\n".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.indentation import indent_of
from devstral_lsp.refactor.patience_diff import matching_blocks
from devstral_lsp.syntax.imports import find_import_statements


@dataclass(frozen=True, slots=True)
class TrimmedReply:
    """The span's part of a reply, and import lines that were new in the rest."""

    code: str
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SurroundingText:
    """The document on either side of the span. `here` is its text in between."""

    before: tuple[str, ...]
    here: tuple[str, ...]
    after: tuple[str, ...]
    language: str


def extract_span(code: str, around: SurroundingText) -> TrimmedReply:
    """What of `code` is for the span.

    Raises UnusableReply where the reply has changed what is around.
    """
    lines = code.split("\n")
    head, imports = _without_imports(lines, around)
    whole = _whole(lines, around)
    if whole is not None:
        return whole
    lines = lines[head:]
    headers = _headers(lines, around)
    cut = _repeated(lines, around.before, around.here, is_sure=_is_closer(lines, around))
    if headers >= cut and (closing := _closers(lines[headers:], around, headers)):
        return TrimmedReply("\n".join(lines[headers:-closing]), imports)
    cut = max(cut, headers)
    tail = _after(lines[cut:], around, is_sure=cut > 0)
    if tail and not cut:
        cut = _repeated(lines, around.before, around.here, is_sure=True)
    return TrimmedReply("\n".join(lines[cut : len(lines) - tail]), imports)


def _is_closer(lines: Sequence[str], around: SurroundingText) -> bool:
    """Whether the reply begins with a bracket that closes what was opened before the span."""
    told, own = _told(lines)[:1], _told(around.here)[:1]
    return any(line[0] in ")]}" for _, line in told) and not any(
        line[0] in ")]}" for _, line in own
    )


def _after(lines: Sequence[str], around: SurroundingText, *, is_sure: bool) -> int:
    """How many of the last lines are the first ones behind the span."""
    return _repeated(lines[::-1], around.after[::-1], around.here[::-1], is_sure=is_sure)


def _told(lines: Sequence[str]) -> list[tuple[int, str]]:
    """The lines that are not blank, without blanks at either end, and where they stand."""
    return [(at, line.strip()) for at, line in enumerate(lines) if line.strip()]


def _says(line: str) -> bool:
    return len(re.findall(r"\w", line)) >= 3


def _without_imports(lines: Sequence[str], around: SurroundingText) -> tuple[int, tuple[str, ...]]:
    """How many lines of imports lead the reply, where its span has none, and the new ones."""
    here, head = _told(around.here), _leads(lines, around.language)
    if not head or not here or _leads(around.here, around.language):
        return 0, ()
    is_inner = indent_of(around.here[here[0][0]]) != ""
    if is_inner and not _headers(lines[head:], around):
        return 0, ()
    return head, _new_imports(lines[:head], around)


def _leads(lines: Sequence[str], language: str) -> int:
    """The line after the imports that `lines` begin with, and the blank lines among them."""
    end = 0
    for each in find_import_statements(lines, language):
        if any(line.strip() for line in lines[end : each.first]):
            break
        end = each.end
    return end


def _new_imports(lines: Sequence[str], around: SurroundingText) -> tuple[str, ...]:
    known = {line.strip() for line in around.before}
    found = find_import_statements(lines, around.language)
    return tuple(each.text for each in found if each.text.strip() not in known)


def _whole(lines: Sequence[str], around: SurroundingText) -> TrimmedReply | None:
    """The span's part of a whole file; None where the reply is not one."""
    told = _told(lines)
    if not told or not _may_start_a_file(told[0][1], around):
        return None
    before, after = _told(around.before), _told(around.after)
    tail = [line for _, line in after]
    if not _shares_most_of(before, told):
        return None
    found = matching_blocks([line for _, line in before], [line for _, line in told])
    kept = {match.old + step: match.new + step for match in found for step in range(match.size)}
    if len(kept) < len(before) or (tail and [line for _, line in told[-len(tail) :]] != tail):
        raise UnusableReply("The reply changes lines outside the selection.")
    start = told[kept[len(before) - 1]][0] + 1
    end = told[-len(tail) - 1][0] + 1 if tail else len(lines)
    added = sorted(set(range(kept[len(before) - 1])) - set(kept.values()))
    new = [told[at][1] for at in added]
    imports = tuple(each.text for each in find_import_statements(new, around.language))
    if sum(text.count("\n") + 1 for text in imports) < len(new):
        raise UnusableReply("The reply changes lines outside the selection.")
    return TrimmedReply("\n".join(lines[start:end]), imports)


def _may_start_a_file(line: str, around: SurroundingText) -> bool:
    """Whether a reply with this first line may give the file from its start, or an import, on."""
    first = islice((each.strip() for each in around.before if each.strip()), 3)
    return line in first and line not in [each for _, each in _told(around.here)[:1]]


def _shares_most_of(before: Sequence[tuple[int, str]], told: Sequence[tuple[int, str]]) -> bool:
    """Whether a reply holds the greater part of what stands before the span."""
    lines = {line for _, line in told}
    telling = [line for _, line in before if _says(line)]
    shared = sum(line in lines for line in telling)
    return len(telling) >= 2 and 2 * shared > len(telling)


def _headers(lines: Sequence[str], around: SurroundingText) -> int:
    """How many lines lead the reply that open the blocks around the span."""
    chain = _chain(around.before, around.here)
    told = _told(lines)
    for size in range(len(chain), 0, -1):
        if [line for _, line in told[:size]] == chain[-size:] and any(map(_says, chain[-size:])):
            here = [line for _, line in _told(around.here)]
            return 0 if here[:size] == chain[-size:] else told[size - 1][0] + 1
    return 0


def _chain(outside: Sequence[str], here: Sequence[str]) -> list[str]:
    """The lines outside that stand further left than all between them and the span, in order."""
    told = _told(here)
    if not told:
        return []
    depth = min(len(indent_of(here[at])) for at, _ in told)
    chain = []
    for line in reversed(outside):
        if line.strip() and len(indent_of(line)) < depth:
            depth = len(indent_of(line))
            chain.append(line.strip())
        if not depth:
            break
    return chain[::-1]


def _closers(lines: Sequence[str], around: SurroundingText, cut: int) -> int:
    """How many lines end the reply that close the blocks whose headers led it."""
    chain = _chain(around.after[::-1], around.here)[::-1]
    told = _told(lines)
    for size in range(min(len(chain), cut, len(told) - 1), 0, -1):
        if [line for _, line in told[-size:]] == chain[:size] and not any(map(_says, chain[:size])):
            return len(lines) - told[-size][0]
    return 0


def _repeated(
    lines: Sequence[str], outside: Sequence[str], here: Sequence[str], *, is_sure: bool = False
) -> int:
    """How many of the first lines are the last ones of `outside`, and not the span's own.

    Brackets and bare marks could be the code's own; not so where it `is_sure` that more than the
    span was given, or where several of them stand as deep as they do outside.
    """
    ends = [at + 1 for at, _ in _told(lines)]
    given, own = _bare(lines), _bare(here)
    near = (line.rstrip() for line in reversed(outside) if line.strip())
    known = list(islice(near, len(given)))[::-1]
    for size in range(min(len(given), len(known)), 0, -1):
        echoed, beside, mine = given[:size], known[-size:], own[:size]
        exact = echoed == beside
        if _stripped(echoed) != _stripped(beside) or mine == echoed:
            continue
        if exact and (size > 1 or is_sure):
            return ends[size - 1]
        if any(map(_says, echoed)) and _stripped(mine) != _stripped(echoed):
            return ends[size - 1]
    return 0


def _bare(lines: Sequence[str]) -> list[str]:
    """The lines that are not blank, without blanks at their ends."""
    return [line.rstrip() for line in lines if line.strip()]


def _stripped(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines]
