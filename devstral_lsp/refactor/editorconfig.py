"""Reads the properties of a file from `.editorconfig` files (editorconfig.org, 0.17.2).

PyPI's `editorconfig` is not used: it reads above the workspace and through links, raises an error
for one invalid line or name, treats an escaped star as a star, and takes hours for a hostile
section name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from devstral_lsp.refactor.versions import ancestors_within, read_project_file

FILE = ".editorconfig"
MAX_FILE_BYTES = 64 * 1024
MAX_STEPS = 100_000
"""For one section: the length of its name times that of the file's. The specification requires
names of at least 1024 code points."""
MAX_SECTIONS = 200
"""Sections of one file that are read."""

_SECTION = re.compile(r"\[(.+)\]\s*(?:[#;].*)?")
_SEPARATOR = re.compile(r"[=:]")
_RANGE = re.compile(r"([+-]?\d{1,9})\.\.([+-]?\d{1,9})\}")
_NUMBER = re.compile(r"0|-?[1-9]\d{0,8}")
_SET = re.compile(r"(!?)((?:\\[^/]|[^]/\\])+)\]")


def editorconfig_properties(file: Path, root: Path) -> dict[str, str]:
    """The properties of `file`, in lower case; nothing above `root` is read. Blocks.

    Nearer files and later sections take precedence; a file with `root = true` is the last one.
    """
    found: list[Mapping[str, str]] = []
    for folder in ancestors_within(file, root):
        text = read_project_file(folder / FILE, root, MAX_FILE_BYTES, encoding="utf-8-sig")
        sections = list(_sections(text))
        name = file.relative_to(folder).as_posix()
        found.append(_matching(name, sections))
        if sections[0][1].get("root") == "true":
            break
    merged: dict[str, str] = {}
    for properties in reversed(found):
        merged |= properties
    return {name: value for name, value in merged.items() if value != "unset"}


def _sections(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The preamble, as a section without a name, and the sections in order."""
    name, properties = "", dict[str, str]()
    for line in map(str.strip, text.splitlines()):
        if section := _SECTION.fullmatch(line):
            yield name, properties
            name, properties = section[1], {}
        elif not line.startswith(("#", ";", "=", ":")) and (mark := _SEPARATOR.search(line)):
            value = re.sub(r"\s[#;].*", "", f" {line[mark.end() :]}").strip()
            properties[line[: mark.start()].strip().lower()] = value.lower()
    yield name, properties


def _matching(name: str, sections: list[tuple[str, dict[str, str]]]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for glob, properties in sections[1 : MAX_SECTIONS + 1]:
        if len(glob) * len(name) <= MAX_STEPS and _matches(glob, name):
            merged |= properties
    return merged


@lru_cache(maxsize=256)
def _matches(glob: str, name: str) -> bool:
    """Whether a section matches a file: `name` is its path, with "/", in the section's folder."""
    try:
        match = _Parser(glob.removeprefix("/") if "/" in glob else f"**/{glob}").sequence()
        return len(name) in match(name, {0})
    except (re.error, RecursionError):
        return False


_Match = Callable[[str, set[int]], set[int]]
"""Matches a part of a glob: from the offsets in a name at which it may start to all those at which
it may end. Alternatives are followed together, so the time is limited by the product of the lengths
of glob and name.
"""


class _Parser:
    """Reads a section's name from left to right."""

    def __init__(self, glob: str) -> None:
        self._glob = glob
        self._at = 0
        bare = re.sub(r"\\.", "", glob)
        self._has_choices = bare.count("{") == bare.count("}")

    def sequence(self, until: str = "") -> _Match:
        """The rest, up to one of the characters in `until`. Raises re.error for an invalid set."""
        parts: list[_Match] = []
        while self._at < len(self._glob) and self._glob[self._at] not in until:
            parts.append(self._part())
        return _in_turn(parts)

    def _part(self) -> _Match:
        letter = self._glob[self._at]
        if letter == "*":
            return self._star()
        self._at += 1
        if letter == "\\" and self._at < len(self._glob):
            self._at += 1
            return _one(self._glob[self._at - 1].__eq__)
        if letter == "[" and (found := _SET.match(self._glob, self._at)):
            self._at = found.end()
            return _one(_set(found))
        if letter == "{" and self._has_choices:
            numbers = _RANGE.match(self._glob, self._at)
            if numbers is None:
                return self._choice()
            self._at = numbers.end()
            return _numbers(*sorted((int(numbers[1]), int(numbers[2]))))
        return _one(_is_not_slash if letter == "?" else letter.__eq__)

    def _star(self) -> _Match:
        """`*`, `**` and `**/`, of which the last means folders only at the start of a name."""
        kind = next(each for each in ("**/", "**", "*") if self._glob.startswith(each, self._at))
        if kind == "**/" and self._glob[self._at - 1 : self._at] not in ("", "/"):
            kind = "**"
        self._at += len(kind)
        if kind == "*":
            return _any_number(_is_not_slash)
        anything = _any_number(lambda letter: True)
        if kind == "**":
            return anything
        folders = _in_turn([anything, _one("/".__eq__)])
        return lambda name, starts: starts | folders(name, starts)

    def _choice(self) -> _Match:
        """`{a,b}`. Braces around a single word are literal. An unbalanced one matches nothing."""
        choices: list[_Match] = []
        while self._at < len(self._glob):
            choices.append(self.sequence(",}"))
            is_last = self._glob.startswith("}", self._at)
            self._at += 1
            if is_last and len(choices) == 1:
                return _in_turn([_one("{".__eq__), *choices, _one("}".__eq__)])
            if is_last:
                return lambda name, starts: set().union(*(each(name, starts) for each in choices))
        return lambda name, starts: set()


def _in_turn(parts: Sequence[_Match]) -> _Match:
    def match(name: str, starts: set[int]) -> set[int]:
        for part in parts:
            starts = part(name, starts)
        return starts

    return match


def _one(accepts: Callable[[str], object]) -> _Match:
    """One character of a kind."""
    return lambda name, starts: {at + 1 for at in starts if accepts(name[at : at + 1])}


def _any_number(accepts: Callable[[str], object]) -> _Match:
    """Any number of characters of a kind."""

    def match(name: str, starts: set[int]) -> set[int]:
        reached = set(starts)
        for at, letter in enumerate(name):
            if at in reached and accepts(letter):
                reached.add(at + 1)
        return reached

    return match


def _numbers(low: int, high: int) -> _Match:
    """`{1..9}`."""

    def match(name: str, starts: set[int]) -> set[int]:
        found = ((at, _NUMBER.match(name, at)) for at in starts)
        ends = (
            (at, end) for at, number in found if number for end in range(at + 1, number.end() + 1)
        )
        return {end for at, end in ends if name[at:end] != "-" and low <= int(name[at:end]) <= high}

    return match


def _is_not_slash(letter: str) -> bool:
    return letter not in ("/", "")


def _set(found: re.Match[str]) -> Callable[[str], object]:
    """`[abc]` or `[!abc]`."""
    letters = re.sub(r"\\(.)|[\[^&~|]", lambda each: re.escape(each[1] or each[0]), found[2])
    return re.compile(f"[{'^/' if found[1] else ''}{letters}]", re.DOTALL).fullmatch
