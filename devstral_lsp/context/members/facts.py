"""What a file says about its types, functions and imports: values that `reading.py` makes.

Types are kept as the text that names them; `resolver.py` finds out what that means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class MemberKind(Enum):
    """What a name stands for."""

    METHOD = "method"
    """A function, too."""
    FIELD = "field"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class Member:
    """A method, field or constant of a type or of a module.

    `text` is its declaration on one line, without a body. `of` is the text of the type that it has
    or returns, `value` an expression that it holds or returns where no type is given. `params` is
    the text between a function's brackets, with them. `line` counts from 0.
    """

    name: str
    kind: MemberKind
    text: str
    of: str = ""
    value: str = ""
    params: str = ""
    line: int = 0
    is_called: bool = False
    """Whether it is a function whose result is had without calling it: a property."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that define a type or add to it, and the bases that are named there."""

    line: int
    last_line: int
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """A class, struct, interface, trait or enum. `header` is "" where only members are added to a
    type that stands elsewhere. `bases` are names as they are written, with their qualifiers."""

    name: str
    header: str
    bases: tuple[str, ...]
    members: tuple[Member, ...]
    parts: tuple[Part, ...] = ()
    params: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """A name that a file gets from elsewhere.

    `local` is its name here, "*" for all public names; `name` is what it is called in `module`, ""
    for the module itself. `is_passed_on`: importers of this file have it too.
    """

    local: str
    module: str
    name: str = ""
    is_passed_on: bool = False


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file's types, its functions and values at the outer level, and what it imports."""

    language: str
    package: str = ""
    types: Mapping[str, TypeFacts] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    imports: tuple[Imported, ...] = ()

    @property
    def size(self) -> int:
        """How many things are remembered."""
        return len(self.members) + sum(len(each.members) + 1 for each in self.types.values())


NAME = re.compile(r"[^\W\d]\w*(?:(?:\.|::|\\)[^\W\d]\w*)*")
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
"""Words in the text of a type that name no type of anybody's own."""


_TUPLE = re.compile(r"^(?:\w+\.)?[Tt]uple(?=\[)")
_BRACES = re.compile(r"\{[^{}]*+\}")
_ARGUMENTS = re.compile(r"<[^<>]*+>|\[[^\[\]]*+\]")


def type_names(text: str) -> tuple[str, ...]:
    """The names in the text of a type that may be somebody's own types, in their order."""
    plain = text.replace("::<", "<").replace('"', " ").replace("'", " ")
    found = (match[0] for match in NAME.finditer(plain))
    return tuple(dict.fromkeys(each for each in found if each not in _NO_TYPES))[:8]


def split_parameters(params: str) -> list[str]:
    """The parameters in `(a, b: dict[str, int] = {})`, each with its type and default."""
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
    """The type of one of several values, where the text lists them: `tuple[A, B]`, `(A, error)`."""
    listed = _TUPLE.sub("", text.strip())
    parts = split_parameters(listed if listed[:1] in ("(", "[") else f"({listed})")
    return parts[index] if 1 < len(parts) > index else text


def type_of_parameter(name: str, params: str) -> str:
    """The type that a parameter is declared with, as in `(a, name: Type = 1)`; "" for none."""
    for each in split_parameters(params):
        before, colon, after = each.partition(":")
        if colon and before.rstrip("? ") == name:
            return after.partition("=")[0].strip()
    return ""


def base_names(text: str, *, is_alias: bool) -> tuple[str, ...]:
    """The names of the bases in the text that lists them.

    What stands in braces are members. Of `Base<Item>` only an alias means `Item`, too.
    """
    for pattern in (_BRACES,) if is_alias else (_BRACES, _ARGUMENTS):
        for _ in range(4):  # within each other
            text, count = pattern.subn(" ", text)
            if not count:
                break
    return type_names(text.partition("{")[0])
