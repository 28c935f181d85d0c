r"""Applies replies that are patches: unified diffs, and search-and-replace blocks.

A patch is applied if each change matches exactly one place, and rejected otherwise. Line numbers in
a diff are ignored, since models cannot count. Line ends are "\n".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.refactor.errors import UnusableReply

MAX_CHANGES = 1_000
"""In one reply; each is searched for in the whole text."""
_HUNK = re.compile(r"^@@(?: -\d+(?:,\d+)? \+\d+(?:,\d+)?)? ?@@?.*$", re.MULTILINE)
_HEADER = re.compile(r"^(?:diff --git .*|index [0-9a-f]+\.\..*|--- .*|\+\+\+ .*)$")
_MARKS = (
    re.compile(r"[ \t]*<{5,9} ?(?:SEARCH|ORIGINAL|HEAD|OLD)\b", re.IGNORECASE),
    re.compile(r"[ \t]*={5,9}[ \t]*\Z"),
    re.compile(r"[ \t]*>{5,9} ?(?:REPLACE|UPDATED|NEW)\b", re.IGNORECASE),
)
"""The lines before the search text, between it and its replacement, and after both."""
_OPENS_SEARCH = re.compile(r"^[ \t]*<{5,9} ?SEARCH\b", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines and their replacement."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def is_patch(text: str, original: str) -> bool:
    """Whether `text` is a diff or search-and-replace blocks, and `original` is not."""
    return any(
        pattern.search(text) and not pattern.search(original) for pattern in (_OPENS_SEARCH, _HUNK)
    )


def apply_patch(text: str, original: str, around: tuple[str, str] = ("", "")) -> str:
    """`original` with the changes of `text`. `around` is the text before and after it.

    Raises UnusableReply if a change matches no place or several, or changes the text around.
    """
    changes = list(_searches(text) if _OPENS_SEARCH.search(text) else _hunks(text))
    if not changes:
        raise UnusableReply("The reply stops before the end of its changes.")
    if len(changes) > MAX_CHANGES:
        raise UnusableReply("The reply holds more changes than can be made: give the code whole.")
    before, lines, after = (_lines(part) for part in (around[0], original, around[1]))
    whole = [*before, *lines, *after]
    start, end = len(before), len(before) + len(lines)
    for change in changes:
        size = len(change.old)
        at, new = _placed(change, whole, start, end)
        whole[at : at + size] = new
        end += len(new) - size
    if whole[: len(before)] != before or whole[len(whole) - len(after) :] != after:
        raise UnusableReply("The reply changes lines outside the selection.")
    return "\n".join(whole[start:end]) + "\n" * original.endswith("\n")


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if not lines[-1] else lines


def _searches(text: str) -> Iterator[_Change]:
    found: list[_Change] = []
    parts: list[list[str]] = [[], [], []]
    expected = 0
    for line in text.split("\n"):
        if not _MARKS[expected].match(line):
            parts[expected].append(line)
            continue
        expected = (expected + 1) % len(_MARKS)
        if not expected:
            found.append(_Change(tuple(parts[1]), tuple(parts[2])))
            parts = [[], [], []]
    if len(found) != len(_OPENS_SEARCH.findall(text)):
        raise UnusableReply("The reply stops before the end of its changes.")
    yield from found


def _hunks(text: str) -> Iterator[_Change]:
    starts = [match.start() for match in _HUNK.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        lines = _lines_of_hunk(text[start:end].split("\n")[1:])
        old = tuple(line[1:] for line in lines if line[:1] != "+")
        yield _Change(old, tuple(line[1:] for line in lines if line[:1] != "-"))


def _lines_of_hunk(lines: Sequence[str]) -> list[str]:
    """The lines up to a fence, prose or the header of another file."""
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


def _placed(change: _Change, whole: Sequence[str], start: int, end: int) -> tuple[int, list[str]]:
    """The line at which to apply the change, and its new lines with the indentation there.

    A place from line `start` to before `end` takes precedence.
    """
    if not any(line.strip() for line in change.old):
        raise UnusableReply("A change in the reply does not say where it belongs.")
    size = len(change.old)
    for normal in (str, str.rstrip, str.strip):
        found = _places([normal(line) for line in change.old], [normal(line) for line in whole])
        places = [at for at in found if start <= at and at + size <= end] or found
        if len(places) > 1:
            raise UnusableReply(
                "A change in the reply fits several places, and does not say which."
            )
        if places:
            return places[0], _reindented(change, whole[places[0] : places[0] + size])
    raise UnusableReply("A change in the reply is of lines that the selection does not have.")


def _places(wanted: Sequence[str], whole: Sequence[str]) -> list[int]:
    """The lines of `whole` at which `wanted` occurs, found by one search for its text."""
    text, sought = "\n".join(["", *whole, ""]), "\n".join(["", *wanted, ""])
    found: list[int] = []
    at, line, seen = text.find(sought), 0, 0
    while at >= 0:
        line, seen = line + text.count("\n", seen, at), at
        found.append(line)
        at = text.find(sought, at + 1)
    return found


def _reindented(change: _Change, there: Sequence[str]) -> list[str]:
    """The new lines: unchanged ones as they are there, others with the same shift."""
    kept = dict(zip(change.old, there, strict=True))
    first = next(at for at, line in enumerate(change.old) if line.strip())
    theirs, ours = indent_of(change.old[first]), indent_of(there[first])

    def moved(line: str) -> str:
        if line.strip() and line.startswith(theirs):
            return ours + line[len(theirs) :]
        return line

    return [kept.get(line) or moved(line) for line in change.new]
