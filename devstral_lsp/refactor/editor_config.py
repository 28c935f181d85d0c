"""What the `.editorconfig` files above a file say of it, by the rules of editorconfig.org (0.17.2).

A parser of its own: the format is small, and `configparser` reads neither its preamble nor its
names with brackets. Reads the disk; decides nothing about what the properties mean.
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
MOST_STARS = 8
"""In one section's name: with each more, a name made to that end takes far longer to match."""
MOST_NUMBERS = 1000
"""How many numbers {1..n} may stand for."""

_SECTION = re.compile(r"\[(.+)\]\s*(?:[#;].*)?")
_PAIR = re.compile(r"([^=:#;\s][^=:]*?)\s*[=:]\s*(.*)")
_NUMBERS = re.compile(r"([+-]?\d{1,9})\.\.([+-]?\d{1,9})")


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
        if _is_sane(glob) and _expression(glob).fullmatch(name):
            merged |= properties
    return merged


def _is_sane(glob: str) -> bool:
    return len(glob) <= LONGEST_SECTION and glob.count("*") <= MOST_STARS


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
def _expression(glob: str) -> re.Pattern[str]:
    """What a section's name matches: a path, with "/", from the folder of its file."""
    anywhere = "" if "/" in glob else "(?:.*/)?"
    try:
        return re.compile(anywhere + _Glob(glob.removeprefix("/")).expression(), re.DOTALL)
    except (re.error, RecursionError):
        return re.compile(r"(?!)")


class _Glob:
    """Reads a name from left to right."""

    def __init__(self, glob: str) -> None:
        self._glob = glob
        self._at = 0

    def expression(self, until: str = "") -> str:
        """The rest as a regular expression, up to one of the characters in `until`."""
        parts: list[str] = []
        while self._at < len(self._glob) and self._glob[self._at] not in until:
            parts.append(self._next())
        return "".join(parts)

    def _next(self) -> str:
        glob, at = self._glob, self._at
        self._at += 1
        letter = glob[at]
        if letter == "\\" and at + 1 < len(glob):
            self._at += 1
            return re.escape(glob[at + 1])
        if glob.startswith("**/", at) and (at == 0 or glob[at - 1] == "/"):
            self._at = at + 3
            return "(?:.*/)?"
        if glob.startswith("**", at):
            self._at = at + 2
            return ".*"
        if letter == "[":
            return self._set() or re.escape(letter)
        if letter == "{":
            return self._choice(at) or re.escape(letter)
        return {"*": "[^/]*", "?": "[^/]"}.get(letter) or re.escape(letter)

    def _set(self) -> str:
        end = self._glob.find("]", self._at + 1)
        inner = self._glob[self._at : end]
        if end < 0 or "/" in inner:
            return ""
        self._at = end + 1
        negated = inner[:1] == "!"
        inner = inner.removeprefix("!").replace("\\", "\\\\").replace("^", "\\^")
        return f"[{'^/' if negated else ''}{inner.replace('[', chr(92) + '[')}]"

    def _choice(self, at: int) -> str:
        """`{a,b}` and `{1..9}`; "" for braces that are neither, which stand for themselves."""
        end = self._glob.find("}", self._at)
        numbers = _NUMBERS.fullmatch(self._glob[self._at : end]) if end > 0 else None
        if numbers is not None:
            self._at = end + 1
            low, high = sorted((int(numbers[1]), int(numbers[2])))
            return f"(?:{'|'.join(map(str, range(low, min(high, low + MOST_NUMBERS) + 1)))})"
        parts: list[str] = []
        while self._at < len(self._glob):
            parts.append(self.expression(",}"))
            closing = self._glob[self._at : self._at + 1]
            self._at += 1
            if closing == "}" and len(parts) > 1:
                return f"(?:{'|'.join(parts)})"
            if closing != ",":
                break
        self._at = at + 1
        return ""


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST_FILE:
            return ""
        return path.read_text("utf-8-sig", "replace")
    except OSError:
        return ""
