"""The document as the editor holds it, and what a ghost text is on it. Pure.

Positions are LSP's: lines end at "\\n", "\\r\\n" or "\\r", characters count UTF-16 units (the only
encoding that VS Code offers). Offsets are code points. What is shown follows VS Code: the item's
range lies on the cursor's line and includes the cursor; the text it covers before the cursor must
begin the new text, what it covers after the cursor must be contained in the rest, in order;
otherwise nothing is shown. Further lines are inserted as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Ghost:
    """A text shown after the cursor.

    Accepting it replaces `covers` code points after the cursor by `text + keeps`; `keeps` is the
    covered text where the item repeats it at its end, and empty where it does not.
    """

    text: str
    covers: int = 0
    keeps: str = ""
    command: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """What a user would accept: `whole`, or the first line only."""

    text: str
    whole: bool


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def position_of(text: str, offset: int) -> dict[str, int]:
    """The LSP position of a code point offset."""
    line, start = 0, 0
    for end in _LINE_END.finditer(text, 0):
        if end.end() > offset:
            break
        line, start = line + 1, end.end()
    return {"line": line, "character": utf16_length(text[start:offset])}


def offset_of(text: str, position: dict[str, int]) -> int:
    """The code point offset of an LSP position; past a line's end means its end."""
    start = 0
    ends = _LINE_END.finditer(text)
    for _ in range(position["line"]):
        end = next(ends, None)
        if end is None:
            return len(text)
        start = end.end()
    here = next(ends, None)
    line = text[start : here.start() if here else len(text)]
    units = line.encode("utf-16-le", "surrogatepass")[: 2 * position["character"]]
    return start + len(units.decode("utf-16-le", "replace"))


def ghost_of(item: dict[str, Any], text: str, cursor: int) -> Ghost | None:
    """What VS Code would show of an `InlineCompletionItem`, None for nothing."""
    start, end = _span_of(item, text, cursor)
    new = _plain(item["insertText"])
    before, covered = text[start:cursor], text[cursor:end]
    if not start <= cursor <= end or _LINE_END.search(text, start, end):
        return None
    if not new.startswith(before) or not _contains(new[len(before) :], covered):
        return None
    rest = new[len(before) :]
    keeps = covered if rest.endswith(covered) else ""
    shown = rest[: len(rest) - len(keeps)]
    if not shown:
        return None
    return Ghost(shown, covers=len(covered), keeps=keeps, command=item.get("command"))


def typed_along(ghost: Ghost, typed: str) -> Ghost | None:
    """The ghost after one more key: shorter, or gone when the key disagrees or it is used up."""
    if not ghost.text.startswith(typed) or ghost.text == typed:
        return None
    return replace(ghost, text=ghost.text[len(typed) :])


def erased(ghost: Ghost, removed: str) -> Ghost:
    """The ghost after a backspace: it grows by what was removed."""
    return replace(ghost, text=removed + ghost.text)


def first_line(text: str) -> str:
    """`text` through its first line that is not blank, without that line's end."""
    lead = len(text) - len(text.lstrip())
    end = _LINE_END.search(text, lead)
    return text[: end.start()] if end else text


def right_part(ghost: Ghost, remaining: str) -> Take | None:
    """What of the ghost is truly next: all of it, else its first line, else None."""
    if ghost.covers == len(ghost.keeps) and remaining.startswith(ghost.text):
        return Take(ghost.text, whole=True)
    line = first_line(ghost.text)
    if line == ghost.text or not line.strip() or not remaining.startswith(line):
        return None
    return Take(line, whole=False)


def _span_of(item: dict[str, Any], text: str, cursor: int) -> tuple[int, int]:
    given = item.get("range")
    if given:
        return offset_of(text, given["start"]), offset_of(text, given["end"])
    start = cursor
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    end = _LINE_END.search(text, cursor)
    return start, end.start() if end else len(text)


def _plain(text: str | dict[str, str]) -> str:
    return text if isinstance(text, str) else text["value"]


def _contains(text: str, inner: str) -> bool:
    """Whether `inner` is a subsequence of `text`."""
    letters = iter(text)
    return all(letter in letters for letter in inner)
