"""What the `.editorconfig` files above a file say of it, by the rules of editorconfig.org (0.17.2).

A parser of its own: that of PyPI's `editorconfig` reads on above the workspace and through links,
raises at one faulty line or name, takes an escaped star for a star, and may match for ever what is
made to that end. Reads the disk; decides nothing about what the properties mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from devstral_lsp.bounded_read import read_text
from devstral_lsp.refactor.versions import ancestors_within

FILE = ".editorconfig"
LARGEST_FILE = 64 * 1024
LONGEST_SECTION = 1024
"""Code points of a section's name; the specification asks for at least this many."""
MOST_SECTIONS = 200
"""Of one file that are looked at."""
MOST_STATES = 20_000
MOST_STEPS = 50_000
"""That may be taken for one section: what takes more was made to that end."""
MOST_NUMBERS = 1000
"""How many numbers {1..n} may stand for."""

_SECTION = re.compile(r"\[(.+)\]\s*(?:[#;].*)?")
_SEPARATOR = re.compile(r"[=:]")
_NUMBERS = re.compile(r"([+-]?\d{1,9})\.\.([+-]?\d{1,9})\}")
_SET = re.compile(r"(!?)((?:\\[^/]|[^]/\\])+)\]")


def editorconfig_properties(file: Path, root: Path) -> dict[str, str]:
    """The properties of `file`, in lower case; nothing above `root` is read. Blocks.

    Those of nearer files, and of later sections, win; a file that says `root = true` is the last.
    """
    found: list[Mapping[str, str]] = []
    for folder in ancestors_within(file, root):
        sections = list(_sections(_text(folder / FILE, root)))
        name = file.relative_to(folder).as_posix()
        found.append(_matching(name, sections))
        if sections and sections[0][1].get("root") == "true":
            break
    merged: dict[str, str] = {}
    for properties in reversed(found):
        merged |= properties
    return {name: value for name, value in merged.items() if value != "unset"}


def _matching(name: str, sections: list[tuple[str, dict[str, str]]]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for glob, properties in sections[1 : MOST_SECTIONS + 1]:
        if len(glob) <= LONGEST_SECTION and _matches(glob, name):
            merged |= properties
    return merged


def _sections(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The preamble, as a section without a name, and the sections in their order."""
    name, properties = "", dict[str, str]()
    for line in map(str.strip, text.splitlines()):
        if section := _SECTION.fullmatch(line):
            yield name, properties
            name, properties = section[1], {}
        elif not line.startswith(("#", ";", "=", ":")) and (mark := _SEPARATOR.search(line)):
            value = re.sub(r"\s[#;].*", "", f" {line[mark.end() :]}").strip()
            properties[line[: mark.start()].strip().lower()] = value.lower()
    yield name, properties


@lru_cache(maxsize=256)
def _matches(glob: str, name: str) -> bool:
    """Whether a section means a file: `name` is its path, with "/", from the section's folder."""
    try:
        return _Automaton(glob.removeprefix("/") if "/" in glob else f"**/{glob}").accepts(name)
    except (re.error, RecursionError, _TooLong):
        return False


class _TooLong(Exception):
    """A section's name takes more steps than any that is written by hand."""


_Letter = Callable[[str], object]
"""Whether a character may stand there."""


def _is_not_slash(letter: str) -> bool:
    return letter != "/"


def _is_any(letter: str) -> bool:
    return True


class _Automaton:
    """A section's name, as states that are all followed at once: no way is tried twice.

    Reads from left to right. Each state leads on without a character (`_free`) or by one of a kind
    (`_steps`).
    """

    def __init__(self, glob: str) -> None:
        """Raises re.error for a faulty set."""
        self._glob = glob
        self._at = 0
        self._free: list[list[int]] = [[]]
        self._steps: list[tuple[_Letter, int] | None] = [None]
        bare = re.sub(r"\\.", "", glob)
        self._has_choices = bare.count("{") == bare.count("}")
        self._end = self._sequence(0)

    def accepts(self, name: str) -> bool:
        """Raises _TooLong."""
        left = MOST_STEPS
        states = self._closure([0])
        for letter in name:
            moves = [step for state in states if (step := self._steps[state]) is not None]
            left -= len(states) + 1
            if left < 0:
                raise _TooLong
            states = self._closure(target for accepts, target in moves if accepts(letter))
        return self._end in states

    def _closure(self, states: Iterable[int]) -> set[int]:
        """Those states and all that they lead to without a character."""
        waiting, found = list(states), set[int]()
        while waiting:
            state = waiting.pop()
            if state not in found:
                found.add(state)
                waiting += self._free[state]
        return found

    def _state(self) -> int:
        self._free.append([])
        self._steps.append(None)
        if len(self._free) > MOST_STATES:
            raise _TooLong
        return len(self._free) - 1

    def _letter(self, start: int, accepts: _Letter) -> int:
        """A state after one character."""
        before, after = self._state(), self._state()
        self._free[start].append(before)
        self._steps[before] = (accepts, after)
        return after

    def _word(self, start: int, text: str) -> int:
        for letter in text:
            start = self._letter(start, letter.__eq__)
        return start

    def _sequence(self, start: int, until: str = "") -> int:
        """The rest, up to one of the characters in `until`; gives the state after it."""
        while self._at < len(self._glob) and self._glob[self._at] not in until:
            start = self._next(start)
        return start

    def _next(self, start: int) -> int:
        letter = self._glob[self._at]
        if letter == "*":
            return self._star(start)
        self._at += 1
        if letter == "\\" and self._at < len(self._glob):
            self._at += 1
            return self._word(start, self._glob[self._at - 1])
        if letter == "[" and (found := _SET.match(self._glob, self._at)):
            self._at = found.end()
            return self._letter(start, _set(found))
        if letter == "{" and self._has_choices:
            found = _NUMBERS.match(self._glob, self._at)
            return self._choice(start) if found is None else self._numbers(start, found)
        return self._letter(start, _is_not_slash if letter == "?" else letter.__eq__)

    def _star(self, start: int) -> int:
        """`*`, `**` and `**/`, the last of which means folders only at the start of a name."""
        kind = next(each for each in ("**/", "**", "*") if self._glob.startswith(each, self._at))
        if kind == "**/" and self._glob[self._at - 1 : self._at] not in ("", "/"):
            kind = "**"
        self._at += len(kind)
        loop = self._state()
        self._free[start].append(loop)
        self._steps[loop] = (_is_not_slash if kind == "*" else _is_any, loop)
        if kind != "**/":
            end = self._state()
            self._free[loop].append(end)
            return end
        after = self._letter(loop, "/".__eq__)
        self._free[start].append(after)
        return after

    def _numbers(self, start: int, found: re.Match[str]) -> int:
        """`{1..9}`."""
        self._at = found.end()
        low, high = sorted((int(found[1]), int(found[2])))
        end = self._state()
        for number in range(low, min(high, low + MOST_NUMBERS) + 1):
            self._free[self._word(start, str(number))].append(end)
        return end

    def _choice(self, start: int) -> int:
        """`{a,b}`; braces around a single word stand for themselves, as one without its like."""
        opened, ends = self._state(), list[int]()
        while self._at < len(self._glob):
            ends.append(self._sequence(opened, ",}"))
            is_last = self._glob.startswith("}", self._at)
            self._at += 1
            if is_last:
                return self._closed(start, opened, ends)
        return self._state()  # which nothing leads to

    def _closed(self, start: int, opened: int, ends: Sequence[int]) -> int:
        end = self._state()
        if len(ends) > 1:
            self._free[start].append(opened)
            for each in ends:
                self._free[each].append(end)
            return end
        self._free[self._word(start, "{")].append(opened)
        self._free[self._word(ends[0], "}")].append(end)
        return end


def _set(found: re.Match[str]) -> _Letter:
    """`[abc]` or `[!abc]`."""
    letters = re.sub(r"\\(.)|[\[^&~|]", lambda each: re.escape(each[1] or each[0]), found[2])
    return re.compile(f"[{'^/' if found[1] else ''}{letters}]", re.DOTALL).fullmatch


def _text(path: Path, root: Path) -> str:
    if path.is_symlink():
        return ""
    try:
        return read_text(path, max_bytes=LARGEST_FILE, within=[root], encoding="utf-8-sig")
    except OSError:
        return ""
