"""Replies that say what to change instead of what comes out: unified diffs, search and replace.

They are carried out where every piece finds its one place, and refused otherwise. Works on text
with "\\n"; line numbers in a diff are not believed, since models cannot count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devstral_lsp.refactor.bad_edit import BadEdit
from devstral_lsp.refactor.indentation import indent_of

_HUNK = re.compile(r"^@@(?: -\d+(?:,\d+)? \+\d+(?:,\d+)?)? ?@@?.*$", re.MULTILINE)
_HEADER = re.compile(r"^(?:diff --git .*|index [0-9a-f]+\.\..*|--- .*|\+\+\+ .*)$")
_SEARCH = re.compile(
    r"^[ \t]*<{5,9} ?(?:SEARCH|ORIGINAL|HEAD|OLD)\b[^\n]*\n(?P<old>.*?)^[ \t]*={5,9}[ \t]*\n"
    r"(?P<new>.*?)^[ \t]*>{5,9} ?(?:REPLACE|UPDATED|NEW)\b[^\n]*$",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_OPENS_SEARCH = re.compile(r"^[ \t]*<{5,9} ?SEARCH\b", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Change:
    """These lines become those."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def is_patch(text: str, original: str) -> bool:
    """Whether `text` is a diff or search and replace, and `original` is not."""
    for pattern in (_OPENS_SEARCH, _HUNK):
        if pattern.search(text) and not pattern.search(original):
            return True
    return False


def patched(text: str, original: str, around: tuple[str, str] = ("", "")) -> str:
    """`original` with the changes of `text` made. `around` is what stands before and after it.

    Raises BadEdit where a change has no place or several, or changes what is around.
    """
    read = _searches if _OPENS_SEARCH.search(text) else _hunks
    changes = list(read(text))
    if not changes:
        raise BadEdit("The reply stops before the end of its changes.")
    before, after = (_lines(part) for part in around)
    lines = _lines(original)
    whole = [*before, *lines, *after]
    inside = (len(before), len(before) + len(lines))
    for change in changes:
        whole, inside = _made(change, whole, inside)
    if whole[: len(before)] != before or whole[len(whole) - len(after) :] != after:
        raise BadEdit("The reply changes lines outside the selection.")
    return "\n".join(whole[inside[0] : inside[1]]) + "\n" * original.endswith("\n")


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if not lines[-1] else lines


def _searches(text: str) -> Iterator[_Change]:
    found = list(_SEARCH.finditer(text))
    if len(found) != len(_OPENS_SEARCH.findall(text)):
        raise BadEdit("The reply stops before the end of its changes.")
    for match in found:
        yield _Change(tuple(_lines(match["old"])), tuple(_lines(match["new"])))


def _hunks(text: str) -> Iterator[_Change]:
    starts = [match.start() for match in _HUNK.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield _hunk(text[start:end].split("\n")[1:])


def _hunk(lines: Sequence[str]) -> _Change:
    old: list[str] = []
    new: list[str] = []
    for line in _until_its_end(lines):
        mark, rest = line[:1], line[1:]
        if mark != "+":
            old.append(rest)
        if mark != "-":
            new.append(rest)
    return _Change(tuple(old), tuple(new))


def _until_its_end(lines: Sequence[str]) -> list[str]:
    """The hunk's lines: up to a fence, prose or the header of another file."""
    kept: list[str] = []
    for line in lines:
        if line.startswith("\\"):
            continue
        if _HEADER.match(line) or (line and line[0] not in " +-\t"):
            break
        kept.append(line)
    while kept and not kept[-1].strip(" "):
        kept.pop()
    return kept


def _made(
    change: _Change, whole: list[str], inside: tuple[int, int]
) -> tuple[list[str], tuple[int, int]]:
    at, new = _placed(change, whole, inside)
    size = len(change.old)
    whole = [*whole[:at], *new, *whole[at + size :]]
    return whole, (inside[0], inside[1] + len(new) - size)


def _placed(
    change: _Change, whole: Sequence[str], inside: tuple[int, int]
) -> tuple[int, list[str]]:
    """Where the change belongs, and its new lines as they are to stand there."""
    if not any(line.strip() for line in change.old):
        raise BadEdit("A change in the reply does not say where it belongs.")
    for normal in (str, str.rstrip, str.strip):
        wanted = [normal(line) for line in change.old]
        found = [
            at
            for at in range(len(whole) - len(wanted) + 1)
            if all(normal(whole[at + step]) == line for step, line in enumerate(wanted))
        ]
        within = [at for at in found if inside[0] <= at and at + len(wanted) <= inside[1]]
        places = within or found
        if len(places) > 1:
            raise BadEdit("A change in the reply fits several places, and does not say which.")
        if places:
            return places[0], _moved(change, whole[places[0] : places[0] + len(wanted)])
    raise BadEdit("A change in the reply is of lines that the selection does not have.")


def _moved(change: _Change, there: Sequence[str]) -> list[str]:
    """The new lines: kept ones as they stand there, others moved as far as those were."""
    as_it_is = dict(zip(change.old, there, strict=True))
    first = next(at for at, line in enumerate(change.old) if line.strip())
    theirs, ours = indent_of(change.old[first]), indent_of(there[first])
    return [as_it_is.get(line) or _under(line, theirs, ours) for line in change.new]


def _under(line: str, theirs: str, ours: str) -> str:
    if not line.strip() or theirs == ours:
        return line
    if line.startswith(theirs):
        return ours + line[len(theirs) :]
    return line
