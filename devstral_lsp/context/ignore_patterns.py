r"""Parse the patterns of an ignore file, and match them in linear time, without backtracking.

Follows git byte by byte (dir.c and wildmatch.c of git 2.39). Of the parts of a pattern between two
stars, only the last can gain from another attempt: all others match at the first possible place, in
an atomic group (Python 3.11). The time is at most proportional to path times pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

MAX_BYTES = 64 * 1024
"""Size limit of an ignore file; the longest at github.com/github/gitignore has 8 kB."""
MAX_PATTERNS = 4_000
MAX_PATTERN_BYTES = 1_024

_SPECIAL = re.compile(rb"[*?\[\\]")
_BOM = b"\xef\xbb\xbf"
_SLASH = ord("/")
_NOT_SLASH = frozenset(range(256)) - {_SLASH}

_LOWER, _UPPER = frozenset(range(97, 123)), frozenset(range(65, 91))
_DIGITS = frozenset(range(48, 58))
_GRAPH = frozenset(range(33, 127))
_CLASSES: dict[bytes, frozenset[int]] = {
    b"alnum": _LOWER | _UPPER | _DIGITS,
    b"alpha": _LOWER | _UPPER,
    b"blank": frozenset(b" \t"),
    b"cntrl": frozenset(range(32)) | {127},
    b"digit": _DIGITS,
    b"graph": _GRAPH,
    b"lower": _LOWER,
    b"print": _GRAPH | {32},
    b"punct": _GRAPH - _LOWER - _UPPER - _DIGITS,
    b"space": frozenset(b" \t\n\v\f\r"),
    b"upper": _UPPER,
    b"xdigit": frozenset(b"0123456789abcdefABCDEF"),
}


class TooManyPatterns(ValueError):
    """An ignore file exceeds the limits, so what it excludes is unknown."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One line. `matches` receives the file name, or the path if the pattern contains a slash."""

    excludes: bool
    only_folders: bool
    by_name: bool
    matches: Callable[[bytes], object]


class IgnorePatterns:
    """The patterns of one ignore file, for paths below its folder."""

    def __init__(self, content: bytes, *, folds_case: bool, negates: bool = True) -> None:
        """`folds_case` matches without regard to case; without `negates`, lines with "!" are
        ignored.

        Raises TooManyPatterns.
        """
        self._folds_case = folds_case
        lines = list(_lines(content))
        if len(lines) > MAX_PATTERNS or any(len(line) > MAX_PATTERN_BYTES for line in lines):
            raise TooManyPatterns
        parsed = [_parse(_fold_case(line) if folds_case else line) for line in lines]
        # The last line that matches decides.
        self._patterns = [each for each in reversed(parsed) if each.excludes or negates]

    def verdict(self, path: bytes, *, is_folder: bool) -> bool | None:
        """Whether `path` (with "/", relative to the ignore file's folder) is excluded; None if no
        line matches."""
        if self._folds_case:
            path = path.lower()
        name = path[path.rfind(b"/") + 1 :]
        for pattern in self._patterns:
            if pattern.only_folders and not is_folder:
                continue
            if pattern.matches(name if pattern.by_name else path):
                return pattern.excludes
        return None


def _lines(content: bytes) -> Iterator[bytes]:
    """The lines that are patterns; only a line feed ends a line."""
    for line in content.removeprefix(_BOM).split(b"\n"):
        if line.startswith(b"#"):
            continue
        pattern = _strip_trailing_spaces(line.removesuffix(b"\r"))
        if pattern:
            yield pattern


def _fold_case(line: bytes) -> bytes:
    """The pattern for lower-case paths."""
    return line.lower().replace(b"[:upper:]", b"[:lower:]")


def _strip_trailing_spaces(line: bytes) -> bytes:
    """Strip trailing spaces as git does: escaped spaces and tabs stay."""
    bare = line.rstrip(b" ")
    if bare == line:
        return line
    backslashes = len(bare) - len(bare.rstrip(b"\\"))
    return line[: len(bare) + 1] if backslashes % 2 else bare


def _parse(line: bytes) -> _Pattern:
    excludes = not line.startswith(b"!")
    pattern = line if excludes else line[1:]
    only_folders = pattern.endswith(b"/")
    pattern = pattern.removesuffix(b"/") if only_folders else pattern
    by_name = b"/" not in pattern
    return _Pattern(excludes, only_folders, by_name, _matcher(pattern, by_name=by_name))


def _matcher(pattern: bytes, *, by_name: bool) -> Callable[[bytes], object]:
    special = _SPECIAL.search(pattern)
    if by_name:
        if special is None:
            return pattern.__eq__
        if pattern.startswith(b"*") and _SPECIAL.search(pattern, 1) is None:
            tail = pattern[1:]
            return lambda name: name.endswith(tail)
        return _Wildcards(b"", pattern)
    at = special.start() if special is not None else len(pattern)
    prefix, rest = pattern[:at], pattern[at:]
    prefix = prefix.removeprefix(b"/") if pattern.startswith(b"/") else prefix
    # git also matches the rest separately: the stars of "a**/b" are then at its start.
    return _Wildcards(prefix, rest) if rest else prefix.__eq__


class _Wildcards:
    """Matches a name or path; compiles its expression on first use."""

    def __init__(self, prefix: bytes, rest: bytes) -> None:
        self._prefix = prefix
        self._rest = rest
        self._expression: re.Pattern[bytes] | None = None

    def __call__(self, path: bytes) -> object:
        if not path.startswith(self._prefix):
            return None
        if self._expression is None:
            self._expression = re.compile(_expression(self._rest), re.DOTALL)
        return self._expression.match(path, len(self._prefix))


class _Wild(Enum):
    """A token that matches several bytes."""

    STAR = auto()  # any number, without "/"
    ANY = auto()  # any number, "/" included
    FOLDERS = auto()  # nothing, or any number that ends in "/"


_Token = _Wild | frozenset[int]
_SKIPPING = {_Wild.ANY: b"[^/]*(?:/[^/]*)*?", _Wild.FOLDERS: b"(?:[^/]*/)*?"}


def _expression(pattern: bytes) -> bytes:
    """A regular expression whose time is at most proportional to path times pattern."""
    try:
        tokens = list(_tokens(pattern))
    except ValueError:
        return rb"(?!)"
    if tokens and tokens[-1] is _Wild.ANY:
        return _blocks(tokens[:-1], ends=False)
    return _blocks(tokens, ends=True)


def _blocks(tokens: Sequence[_Token], *, ends: bool) -> bytes:
    """Tokens between two that match slashes; they match at the first possible place."""
    starts = [at for at, token in enumerate(tokens) if token in _SKIPPING]
    bounds = [0, *starts, len(tokens)]
    blocks = [tokens[start:end] for start, end in pairwise(bounds)]
    *firsts, last = [block for block in blocks if block] or [()]
    atomic = b"".join(b"(?>%s)" % _block(block, ends=False) for block in firsts)
    return atomic + _block(last, ends=ends)


def _block(tokens: Sequence[_Token], *, ends: bool) -> bytes:
    skipped = b""
    if tokens and isinstance(tokens[0], _Wild) and tokens[0] in _SKIPPING:
        skipped, tokens = _SKIPPING[tokens[0]], tokens[1:]
    first, *others = _pieces(tokens)
    if not ends:
        return skipped + first + b"".join(b"(?>[^/]*?%s)" % each for each in others)
    if not others:
        return skipped + first + rb"\Z"
    *middle, last = others
    between = b"".join(b"(?>[^/]*?%s)" % each for each in middle)
    return skipped + first + between + b"[^/]*" + last + rb"\Z"


def _pieces(tokens: Sequence[_Token]) -> list[bytes]:
    """Expressions of fixed length: the single bytes between stars."""
    pieces = [b""]
    for token in tokens:
        if token is _Wild.STAR:
            pieces.append(b"")
        elif isinstance(token, frozenset):
            pieces[-1] += _one_of(token)
    return pieces


def _one_of(letters: frozenset[int]) -> bytes:
    if not letters:
        return rb"(?!)"
    if len(letters) == 1:
        return re.escape(bytes(letters))
    if len(letters) > 128:
        return b"[^%s]" % b"".join(b"\\x%02x" % each for each in set(range(256)) - letters)
    return b"[%s]" % b"".join(b"\\x%02x" % each for each in letters)


def _tokens(pattern: bytes) -> Iterator[_Token]:
    """Split a pattern into tokens. Raises ValueError for a pattern that git never matches."""
    at = 0
    while at < len(pattern):
        letter = pattern[at : at + 1]
        if letter == b"*":
            end = len(pattern) - len(pattern[at:].lstrip(b"*"))
            token, at = _star(pattern, at, end)
            yield token
            continue
        if letter == b"[":
            letters, at = _Bracket(pattern, at + 1).read()
            yield letters
            continue
        if letter == b"\\":
            at += 1
        yield _NOT_SLASH if letter == b"?" else frozenset({_byte(pattern, at)})
        at += 1


def _star(pattern: bytes, start: int, end: int) -> tuple[_Wild, int]:
    """The token for a run of stars, and the position after it."""
    is_double = end - start > 1 and pattern[start - 1 : start] in (b"", b"/")
    if is_double and pattern.startswith(b"/", end):
        return _Wild.FOLDERS, end + 1
    if is_double and (end == len(pattern) or pattern.startswith(b"\\/", end)):
        return _Wild.ANY, end
    return _Wild.STAR, end


def _byte(pattern: bytes, at: int) -> int:
    if at >= len(pattern):
        raise ValueError
    return pattern[at]


class _Bracket:
    """Parses `[…]` as wildmatch.c does, starting after the opening bracket."""

    def __init__(self, pattern: bytes, at: int) -> None:
        self._pattern = pattern
        self._at = at
        self._found: set[int] = set()

    def read(self) -> tuple[frozenset[int], int]:
        """The bytes that it matches, and the position after it. Raises ValueError."""
        is_negated = self._pattern[self._at : self._at + 1] in (b"!", b"^")
        self._at += is_negated
        before: int | None = None
        while True:
            before = self._take(before)
            self._at += 1
            if _byte(self._pattern, self._at) == ord("]"):
                break
        found = frozenset(self._found)
        return (_NOT_SLASH - found if is_negated else found & _NOT_SLASH), self._at + 1

    def _take(self, before: int | None) -> int | None:
        """Add one letter, range or class; return the possible start of a range."""
        letter = _byte(self._pattern, self._at)
        following = self._pattern[self._at + 1 : self._at + 2]
        if letter == ord("\\"):
            self._at += 1
            letter = _byte(self._pattern, self._at)
        elif letter == ord("-") and before and following not in (b"", b"]"):
            self._range(before)
            return None
        elif letter == ord("[") and following == b":" and self._class():
            return None
        self._found.add(letter)
        return letter

    def _range(self, low: int) -> None:
        self._at += 1
        if self._pattern[self._at] == ord("\\"):
            self._at += 1
        self._found.update(range(low, _byte(self._pattern, self._at) + 1))

    def _class(self) -> bool:
        """Parse `[:alpha:]`; without ":]" at its end it is an ordinary letter."""
        end = self._pattern.find(b"]", self._at + 2)
        if end < 0:
            raise ValueError
        if end < self._at + 3 or self._pattern[end - 1] != ord(":"):
            return False
        name = self._pattern[self._at + 2 : end - 1]
        if name not in _CLASSES:
            raise ValueError
        self._found |= _CLASSES[name]
        self._at = end
        return True
