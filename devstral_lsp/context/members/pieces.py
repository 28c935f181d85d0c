"""Render a type, module or function within a budget: declarations while they fit, then names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from devstral_lsp.context.members.facts import Member, MemberKind, split_parameters
from devstral_lsp.context.members.meaning import Found
from devstral_lsp.languages import Language, get_language

OF_A_NAME = 60
"""Approximate code points of the line with the file name."""
OF_A_BLOCK = 5
"""Code points of the brackets, blanks and line ends around a type's members."""
OF_A_COMMENT = 14
"""Code points of the comment that lists names, without these."""
MIN_SHARE = 100
"""Minimum code points for a type to be worth a title."""
MAX_LINE_LENGTH = 120
"""Maximum code points of one member's declaration."""
MAX_TITLE_LENGTH = 110
MAX_SIGNATURE_LENGTH = 500
NAMES_SHARE = 0.85
"""Share of the room for the names of members whose declarations do not fit."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Rendered text from `file`. `reason` is the kind of need that it answers.

    `names` are the names that it contains; `is_whole` says that there are no others.
    """

    file: Path
    text: str
    reason: str
    names: frozenset[str]
    is_whole: bool = True

    @property
    def cost(self) -> int:
        """Code points, including a line for the file name."""
        return len(self.text) + OF_A_NAME


def render_piece(
    title: str,
    found: Sequence[Found],
    *,
    file: Path,
    language_id: str,
    room: int,
    reason: str,
    typed: str = "",
    uses: Mapping[str, int] = MappingProxyType({}),
    only_names: bool = False,
) -> Piece | None:
    """Render the members below their title ("" for none) in `room` code points; None if nothing
    fits.

    Prefers members whose names start with `typed`, then those with the most `uses`; keeps their
    original order.
    """
    language = get_language(language_id)
    title = _cut(title, MAX_TITLE_LENGTH)
    if title:
        room -= len(title) + OF_A_BLOCK
    lines, names = _chosen(found, room, typed, uses, only_names=only_names)
    if not lines and not names:
        return None
    text = "\n".join(_written(title, lines, names, language))
    told = frozenset(each.member.name for each in lines) | frozenset(names)
    return Piece(file, text, reason, told, len(told) >= len({e.member.name for e in found}))


def _chosen(
    found: Sequence[Found], room: int, typed: str, uses: Mapping[str, int], *, only_names: bool
) -> tuple[list[Found], list[str]]:
    """The members to render as declarations, and the names of further ones."""

    def urgency(at: int) -> tuple[bool, int, int]:
        name = found[at].member.name
        return not _fits(name, typed), -uses.get(name, 0), at

    ranked = sorted(range(len(found)), key=urgency)
    of_names = sum(len(each.member.name) + 2 for each in found)
    for_lines = 0 if only_names else room - min(of_names, int(room * NAMES_SHARE))
    if not only_names and sum(len(_line(each.member)) + 5 for each in found) <= room:
        for_lines = room
    lines: set[int] = set()
    for at in ranked:
        cost = len(_line(found[at].member)) + 5
        if cost > for_lines:
            continue
        for_lines -= cost
        room -= cost
        lines.add(at)
    names: list[str] = []
    for at in ranked:
        name = found[at].member.name
        if at not in lines and len(name) + 2 <= room - OF_A_COMMENT:
            room -= len(name) + 2
            names.append(name)
    return [found[at] for at in sorted(lines)], list(dict.fromkeys(names))


def _fits(name: str, typed: str) -> bool:
    return bool(typed) and name.lower().startswith(typed.lower())


def _written(
    title: str, lines: Sequence[Found], names: Sequence[str], language: Language
) -> Iterator[str]:
    marker = language.line_comment or "//"
    opening = {"python": ":"}.get(language.name, " {" if language.braces else "")
    indent = ""
    if title:
        yield title + opening
        indent = "    "
    yield from (f"{indent}{_line(each.member)}" for each in lines)
    if names:
        also = "also " if lines else ""
        yield f"{indent}{marker} {also}{', '.join(names)}"
    if title and opening:
        yield from ("}",) * language.braces


def _line(member: Member) -> str:
    return _cut(member.text or member.name, MAX_LINE_LENGTH)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def divide_room(groups: Sequence[Sequence[Found]], room: int) -> list[int]:
    """Each group's share of the room, proportional to the length of its names, so that these fit
    first."""
    costs = [_cost(group) for group in groups]
    if sum(costs) <= room:
        return costs
    names = [sum(len(each.member.name) + 2 for each in group) + 40 for group in groups]
    return [max(MIN_SHARE, room * each // sum(names)) for each in names]


def _cost(group: Sequence[Found]) -> int:
    """Code points of the group's declarations below a title."""
    return sum(min(len(each.member.text), 120) + 5 for each in group) + 160


def render_signature(member: Member, room: int) -> str:
    """The declaration with all parameters; only with their names if there are many."""
    params = member.params
    if not params or params in member.text:
        return member.text
    if len(params) > min(room, MAX_SIGNATURE_LENGTH):
        params = f"({', '.join(parameter_names(params))})"
    result = f" -> {member.of}" if member.of else ""
    return f"{member.text.partition('(')[0]}{params}{result}"


def parameter_names(params: str) -> list[str]:
    """The parameter names, with the marks of variadic parameters."""
    found = (_PARAMETER.match(each) for each in split_parameters(params))
    return [match[1] for match in found if match]


_PARAMETER = re.compile(
    r"(?:(?:mut|final|const|readonly|public|private|protected)[ ])*([*.&$]*[^\W\d]\w*)"
)
_PRIVATE = re.compile(r"(?:private|#)\b")


def is_private(member: Member, language_id: str) -> bool:
    """Whether code outside of the type does not use the member."""
    if get_language(language_id).name in ("python", "ruby"):
        return member.name.startswith("_")
    return _PRIVATE.match(member.text) is not None


def is_special(member: Member) -> bool:
    """Whether its name is not written after a dot: `__init__`, a constructor."""
    return member.name.startswith("__") or member.name == "constructor"


def is_of_the_type(member: Member) -> bool:
    """Whether the member belongs to the type itself: static members and constants."""
    is_static = "static " in member.text or "self" not in member.params
    return member.kind is MemberKind.CONSTANT or is_static


def is_function(member: Member) -> bool:
    return member.kind is MemberKind.METHOD and not member.is_called
