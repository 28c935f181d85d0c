"""Find the names that a file defines by regular expressions: fast enough for a whole workspace.

Only says which file may define a name; `reading.py` then parses that file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from sys import intern
from types import MappingProxyType

from devstral_lsp.context.members.queries import grammar_of

MAX_NAMES = 1_000
"""Maximum number of names of one file."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The types that a file defines or adds members to, and all names that it defines."""

    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    """Names after a dot, and names of called functions."""


_USE = re.compile(r"(?:\.|->|::)([^\W\d]\w*)|(?<![\w.>:])([^\W\d]\w*+)\(")
_Row = tuple[re.Pattern[str], re.Pattern[str]]

_WORD = r"([^\W\d][\w$]*)"
_MODIFIERS = (
    r"(?:(?:public|private|protected|internal|static|final|abstract|override|async|readonly|virtual"
    r"|declare|export|default|sealed|partial|native|synchronized|pub|const|unsafe|extern|accessor)"
    r"(?:\([^()\n]*\))?[ \t]+)*"
)
_BRACES_TYPE = (
    rf"^[ \t]*{_MODIFIERS}(?:enum[ \t]+(?:class|struct)|class|interface|enum|struct|record|trait"
    rf"|namespace|type)[ \t]+{_WORD}"
)
_TYPED_NAME = rf"^[ \t]+{_MODIFIERS}(?:[\w.$<>\[\],?:*&]+[ \t]+){{1,2}}{_WORD}[ \t]*[(;={{]"

_JAVASCRIPT: _Row = (
    re.compile(_BRACES_TYPE, re.MULTILINE),
    re.compile(
        rf"^[ \t]*{_MODIFIERS}(?:(?:function\*?|const|let|var|get|set)[ \t]+)?"
        rf"[#]?{_WORD}[ \t]*[?!]?[(:=<]",
        re.MULTILINE,
    ),
)
_TYPED: _Row = (re.compile(_BRACES_TYPE, re.MULTILINE), re.compile(_TYPED_NAME, re.MULTILINE))

_ROWS: MappingProxyType[str, _Row] = MappingProxyType(
    {
        "python": (
            re.compile(rf"^[ \t]*class[ \t]+{_WORD}", re.MULTILINE),
            re.compile(
                rf"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+|self\.)?{_WORD}[ \t]*(?:\(|:|=[^=])",
                re.MULTILINE,
            ),
        ),
        "javascript": _JAVASCRIPT,
        "typescript": _JAVASCRIPT,
        "tsx": _JAVASCRIPT,
        "go": (
            re.compile(
                r"^(?:type[ \t]+|\t(?=\w+[ \t]+(?:struct|interface)\b)"
                rf"|func[ \t]*\((?:\w+[ \t]+)?\*?){_WORD}",
                re.MULTILINE,
            ),
            re.compile(
                r"^(?:func[ \t]+(?:\([^()\n]*\)[ \t]*)?|\t+|const[ \t]+|var[ \t]+|type[ \t]+)"
                rf"{_WORD}",
                re.MULTILINE,
            ),
        ),
        "java": _TYPED,
        "csharp": _TYPED,
        "cpp": _TYPED,
        "rust": (
            re.compile(
                rf"^[ \t]*(?:{_MODIFIERS}(?:struct|enum|trait|type|union)[ \t]+{_WORD}"
                r"|(?:unsafe[ \t]+)?impl\b(?:[^{\n]{0,200}\bfor\b|<[^{\n]{0,120}>)?[^\w{\n]{0,8}"
                r"(?:\w+::){0,4}"
                rf"{_WORD})",
                re.MULTILINE,
            ),
            re.compile(
                rf"^[ \t]*{_MODIFIERS}(?:(?:fn|const|static|mod|macro_rules!)[ \t]+)?"
                rf"{_WORD}[ \t]*[(:,<{{]",
                re.MULTILINE,
            ),
        ),
        "php": (
            re.compile(
                r"^[ \t]*(?:(?:final|abstract|readonly)[ \t]+)*"
                rf"(?:class|interface|trait|enum)[ \t]+{_WORD}",
                re.MULTILINE,
            ),
            re.compile(rf"\bfunction[ \t]+&?{_WORD}|\$this->{_WORD}[ \t]*=", re.MULTILINE),
        ),
        "ruby": (
            re.compile(rf"^[ \t]*(?:class|module)[ \t]+(?:\w+::)*{_WORD}", re.MULTILINE),
            re.compile(rf"^[ \t]*def[ \t]+(?:self\.)?{_WORD}", re.MULTILINE),
        ),
    }
)


def sketch_text(text: str, language_id: str) -> Sketch:
    """The sketch of a file; an empty one for an unsupported language."""
    row = _ROWS.get(grammar_of(language_id))
    if row is None:
        return Sketch()
    types, names = ([_word(match) for match in pattern.finditer(text)] for pattern in row)
    uses = {intern(member or called) for member, called in _USE.findall(text)}
    return Sketch(tuple(dict.fromkeys(types)), tuple(dict.fromkeys(names[:MAX_NAMES])), tuple(uses))


def _word(match: re.Match[str]) -> str:
    return intern(next(each for each in match.groups() if each))


def has_sketches(language_id: str) -> bool:
    """Whether files of the language can be sketched."""
    return grammar_of(language_id) in _ROWS
