"""What the `.editorconfig` files above a file say of it, by the rules of editorconfig.org (0.17.2).

A parser of its own: that of PyPI's `editorconfig` reads on above the workspace and through links,
raises at one faulty line or name, takes an escaped star for a star, and may match for ever what is
made to that end. Reads the disk; decides nothing about what the properties mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from devstral_lsp.refactor.versions import folders_up_to

FILE = ".editorconfig"
LARGEST_FILE = 64 * 1024
LONGEST_SECTION = 1024
"""Code points of a section's name; the specification asks for at least this many."""
MOST_WAYS = 10**6
"""In which a section's name may be tried on a file's: one made to that end would take for ever."""
MOST_NUMBERS = 1000
"""How many numbers {1..n} may stand for."""

_SECTION = re.compile(r"\[(.+)\]\s*(?:[#;].*)?")
_PAIR = re.compile(r"([^=:#;\s][^=:]*?)\s*[=:]\s*(.*)")
_NUMBERS = re.compile(r"([+-]?\d{1,9})\.\.([+-]?\d{1,9})\}")
_SET = re.compile(r"(!?)((?:\\[^/]|[^]/\\])+)\]")


def properties_of(file: Path, root: Path) -> dict[str, str]:
    """The properties of `file`, in lower case; nothing above `root` is read. Blocks.

    Those of nearer files, and of later sections, win; a file that says `root = true` is the last.
    """
    found: list[Mapping[str, str]] = []
    for folder in folders_up_to(file, root):
        sections = list(_sections(_text(folder / FILE)))
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
    for glob, properties in sections[1:]:
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
        elif pair := _PAIR.fullmatch(line):
            value = re.sub(r"\s[#;].*", "", f" {pair[2]}").strip()
            properties[pair[1].lower()] = value.lower()
    yield name, properties


@lru_cache(maxsize=256)
def _matches(glob: str, name: str) -> bool:
    """Whether a section means a file: `name` is its path, with "/", from the section's folder."""
    reader = _Glob(glob.removeprefix("/") if "/" in glob else f"**/{glob}", name)
    try:
        expression = reader.expression()
        return reader.ways <= MOST_WAYS and bool(re.fullmatch(expression, name, re.DOTALL))
    except (re.error, RecursionError):
        return False


class _Glob:
    """Reads a section's name from left to right; counts the ways to match a file's with it."""

    def __init__(self, glob: str, name: str) -> None:
        self.ways = 1
        self._glob = glob
        self._at = 0
        bare = re.sub(r"\\.", "", glob)
        self._has_choices = bare.count("{") == bare.count("}")
        parts = name.split("/")
        self._stars = {
            "**/": ("(?:.*/)?", len(parts)),
            "**": (".*", len(name) + 1),
            "*": ("[^/]*", max(map(len, parts)) + 1),
        }

    def expression(self, until: str = "") -> str:
        """The rest as a regular expression, up to one of the characters in `until`."""
        parts: list[str] = []
        while self._at < len(self._glob) and self._glob[self._at] not in until:
            parts.append(self._next())
        return "".join(parts)

    def _next(self) -> str:
        letter = self._glob[self._at]
        if letter == "*":
            return self._star()
        self._at += 1
        if letter == "\\" and self._at < len(self._glob):
            self._at += 1
            return re.escape(self._glob[self._at - 1])
        if letter == "[":
            return self._set() or re.escape(letter)
        if letter == "{" and self._has_choices:
            return self._numbers() or self._choice()
        return "[^/]" if letter == "?" else re.escape(letter)

    def _star(self) -> str:
        kind = next(each for each in self._stars if self._glob.startswith(each, self._at))
        if kind == "**/" and self._glob[self._at - 1 : self._at] not in ("", "/"):
            kind = "**"
        self._at += len(kind)
        expression, ways = self._stars[kind]
        self.ways *= ways
        return expression

    def _set(self) -> str:
        found = _SET.match(self._glob, self._at)
        if found is None:
            return ""
        self._at = found.end()
        letters = re.sub(r"\\(.)|[\[^&~|]", lambda each: re.escape(each[1] or each[0]), found[2])
        return f"[{'^/' if found[1] else ''}{letters}]"

    def _numbers(self) -> str:
        """`{1..9}`."""
        found = _NUMBERS.match(self._glob, self._at)
        if found is None:
            return ""
        self._at = found.end()
        low, high = sorted((int(found[1]), int(found[2])))
        self.ways *= len(found[0])  # no more of them begin alike than have digits
        return f"(?:{'|'.join(map(str, range(low, min(high, low + MOST_NUMBERS) + 1)))})"

    def _choice(self) -> str:
        """`{a,b}`; braces around a single word stand for themselves, as one without its like."""
        before, ways, parts = self.ways, 0, list[str]()
        while self._at < len(self._glob):
            self.ways = 1
            parts.append(self.expression(",}"))
            ways += self.ways
            is_last = self._glob.startswith("}", self._at)
            self._at += 1
            if is_last:
                self.ways = before * ways
                return f"(?:{'|'.join(parts)})" if len(parts) > 1 else rf"\{{{parts[0]}\}}"
        return "(?!)"


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_FILE:
            return ""
        return path.read_text("utf-8-sig", "replace")
    except OSError:
        return ""
