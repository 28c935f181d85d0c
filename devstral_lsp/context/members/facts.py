"""Facts about the types, functions and imports of a file. `reading.py` creates them.

Types are stored as source text; `resolver.py` resolves them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class MemberKind(Enum):
    """The kind of a named thing."""

    METHOD = "method"
    """Includes functions."""
    FIELD = "field"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class Member:
    """A method, field or constant of a type or of a module.

    `text` is its declaration on one line, without a body. `of` is the text of its type or return
    type, `value` the expression that it holds or returns where no type is declared. `params` is the
    parameter list with its brackets. `line` is counted from 0.
    """

    name: str
    kind: MemberKind
    text: str
    of: str = ""
    value: str = ""
    params: str = ""
    line: int = 0
    is_called: bool = False
    """Whether it is a property: a function whose result is read without a call."""
    overloads: tuple[Member, ...] = ()
    """Further declarations of the same name with other parameters."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that define a type or add to it, with the base types named there."""

    line: int
    last_line: int
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """A class, struct, interface, trait or enum. `header` is "" if the file only adds members to a
    type that is defined elsewhere. `bases` are qualified names as written."""

    name: str
    header: str
    bases: tuple[str, ...]
    members: tuple[Member, ...]
    parts: tuple[Part, ...] = ()
    params: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported name.

    `local` is its name in this file ("*" for all public names), `name` its name in `module` ("" for
    the module itself). `is_passed_on` says whether importers of this file see it, too.
    """

    local: str
    module: str
    name: str = ""
    is_passed_on: bool = False


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The types, top-level functions and values, and imports of a file."""

    language: str
    package: str = ""
    types: Mapping[str, TypeFacts] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    imports: tuple[Imported, ...] = ()

    @property
    def size(self) -> int:
        """The number of items, to bound caches."""
        return len(self.members) + sum(len(each.members) + 1 for each in self.types.values())


NAME = re.compile(r"[^\W\d]\w*(?:(?:\.|::|\\)[^\W\d]\w*)*")
MAX_OVERLOADS = 4
_NO_TYPES = frozenset(
    """
    extends implements where metaclass public private protected internal virtual const mut dyn
    impl ref readonly keyof typeof infer in is as static final var let auto struct class enum
    union unsigned signed func map chan interface object Generic Protocol ABC Any None null
    undefined void any unknown never string number boolean bool int float str bytes list dict set
    tuple type Optional Union List Dict Set Tuple Type Callable Awaitable Coroutine Iterator
    Iterable Sequence Mapping AsyncIterator AsyncGenerator Generator ClassVar Final Annotated
    Literal Self
    """.split()  # noqa: SIM905 - a list would be fifty lines
)
"""Words in the text of a type that do not name a user-defined type."""


_TUPLE = re.compile(r"^(?:\w+\.)?[Tt]uple(?=\[)")
_BRACES = re.compile(r"\{[^{}]*+\}")
_ARGUMENTS = re.compile(r"<[^<>]*+>|\[[^\[\]]*+\]")


def type_names(text: str) -> tuple[str, ...]:
    """The names in the text of a type that may be user-defined types, in order."""
    plain = text.replace("::<", "<").replace('"', " ").replace("'", " ")
    found = (match[0] for match in NAME.finditer(plain))
    return tuple(dict.fromkeys(each for each in found if each not in _NO_TYPES))[:8]


def split_parameters(params: str) -> list[str]:
    """Split `(a, b: dict[str, int] = {})` into parameters, each with its type and default."""
    found, depth, start = [], 0, 1
    inner = params.strip()
    for at, letter in enumerate(inner):
        if letter in "([{<":
            depth += 1
        elif letter in ")]}" or (letter == ">" and inner[at - 1] not in "-="):
            depth -= 1
        if (letter == "," and depth == 1) or (at == len(inner) - 1 and depth == 0):
            found.append(inner[start:at].strip())
            start = at + 1
    return [each for each in found if each]


def part_of(text: str, index: int) -> str:
    """The type at `index` where the text lists several: `tuple[A, B]`, `(A, error)`."""
    listed = _TUPLE.sub("", text.strip())
    parts = split_parameters(listed if listed[:1] in ("(", "[") else f"({listed})")
    return parts[index] if 1 < len(parts) > index else text


def type_of_parameter(name: str, params: str) -> str:
    """The declared type of a parameter, as in `(a, name: Type = 1)`; "" if there is none."""
    for each in split_parameters(params):
        before, colon, after = each.partition(":")
        if colon and before.rstrip("? ") == name:
            return after.partition("=")[0].strip()
    return ""


def base_names(text: str, *, is_alias: bool) -> tuple[str, ...]:
    """The names of the base types in their source text.

    Text in braces declares members. `Base<Item>` counts as `Item`, too, only in an alias.
    """
    for pattern in (_BRACES,) if is_alias else (_BRACES, _ARGUMENTS):
        for _ in range(4):  # nested four deep at most
            text, count = pattern.subn(" ", text)
            if not count:
                break
    return type_names(text.partition("{")[0])
