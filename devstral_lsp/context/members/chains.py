"""Parse an expression as a chain: `await store.open(path)[0].name` is a root and its steps.

Works on plain text in any language, because the code before a cursor rarely parses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

MAX_LENGTH = 2_000
"""Maximum code points of an expression."""
_CASTS = (" as ", " satisfies ")
_TYPE_TEXT = re.compile(r"[\w.$<>\[\] |]+")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_OPERATORS = ("?.", "->", "::", "!.", "?->", ".")
_COMMENTS = ("#", "//", "/*", "*", "--")
_LEADING = frozenset(
    [
        "await",
        "new",
        "not",
        "typeof",
        "yield",
        "return",
        "mut",
        "ref",
        "dyn",
        "throw",
        "raise",
        "delete",
        "in",
    ]
)
_ENDS_BEFORE = frozenset(
    """
    if elif else return and or not in is while for with assert yield raise throw case when lambda
    print del from import match let const var mut ref static async go defer range unless until
    puts then do echo instanceof typeof as where
    """.split()  # noqa: SIM905 - a list would be thirty lines
)
"""Keywords that cannot start a receiver."""


class Step(Enum):
    """The kind of a step."""

    MEMBER = "member"
    CALL = "call"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Chain:
    """A parsed chain: `root` is the first name ("" for a literal), `steps` follow, with member
    names and indexes.

    `inner` is the bracketed expression in the place of a root; `is_list` tells its brackets.
    """

    root: str
    steps: tuple[tuple[Step, str], ...] = ()
    inner: str = ""
    is_list: bool = False


def find_receiver(text: str) -> str:
    """The expression that ends at the end of `text`, right before a dot; "" if there is none."""
    start = _start_of_expression(text[-MAX_LENGTH:])
    return text[-MAX_LENGTH:][start:].strip()


def _start_of_expression(text: str) -> int:
    text = text.rstrip()
    start = at = len(text)
    wants_operand = True
    while at > 0:
        letter = text[at - 1]
        if letter in _PAIRS and wants_operand:
            opened = _opening(text, at)
            if opened < 0:
                break
            start = at = opened
            # A call's brackets follow a name; otherwise they are the operand itself.
            wants_operand = at > 0 and (text[at - 1].isalnum() or text[at - 1] in "_)]>!?$@")
        elif (letter.isalnum() or letter in "_$@#") and wants_operand:
            first = at
            while first > 0 and (text[first - 1].isalnum() or text[first - 1] in "_$@#"):
                first -= 1
            if start < len(text) and text[first:at] in _ENDS_BEFORE:
                break
            start = at = first
            wants_operand = False
        elif letter in "\"'`" and wants_operand:
            opened = text.rfind(letter, 0, at - 1)
            if opened < 0:
                break
            start = at = opened
            wants_operand = False
        elif letter == ">" and wants_operand and (opened := _opening_angle(text, at)) >= 0:
            at = opened - 2 * text.endswith("::", 0, opened)  # a turbofish
        elif letter in "!?" and wants_operand:
            at -= 1
        elif not wants_operand and (before := _before_operator(text, at)) is not None:
            at = before
            wants_operand = True
        else:
            break
    return _with_leading(text, start)


def _with_leading(text: str, start: int) -> int:
    """Extend `start` to include `new` and `await`, which say what the value is."""
    before = text[max(0, start - 12) : start]
    word = before.rstrip()
    if word == before or not word.endswith(("new", "await")):
        return start
    return start - len(before) + len(word) - (3 if word.endswith("new") else 5)


def _before_operator(text: str, at: int) -> int | None:
    """The end of the receiver before a dot; None if there is no dot, or one in a comment."""
    end, at = at, _skip_blanks(text, at)
    operator = next((each for each in _OPERATORS if text.endswith(each, 0, at)), "")
    if not operator:
        return None
    line = text[text.rfind("\n", 0, at) + 1 : at].lstrip()
    if "\n" in text[at:end] and line.startswith(_COMMENTS):
        return None
    return _skip_blanks(text, at - len(operator))


def _skip_blanks(text: str, at: int) -> int:
    while at > 0 and text[at - 1].isspace():
        at -= 1
    return at


def _opening(text: str, end: int) -> int:
    """The position of the bracket that matches the one ending at `end`; -1 if there is none."""
    depth, at = 0, end - 1
    while at >= 0:
        letter = text[at]
        if letter in ")]}":
            depth += 1
        elif letter in "([{":
            depth -= 1
            if depth == 0:
                return at
        elif letter in "\"'`":
            opened = text.rfind(letter, 0, at)
            if opened >= 0 and "\n" not in text[opened:at]:
                at = opened
        at -= 1
    return -1


def start_of_operand(text: str, end: int) -> int:
    """The start of the bracket or string that ends at `end`, else of the letter there; 0 for a
    bracket that nothing opens."""
    letter = text[end - 1]
    if letter in _PAIRS:
        return max(0, _opening(text, end))
    opened = text.rfind(letter, 0, end - 1) if letter in "\"'`" else -1
    return opened if opened >= 0 else end - 1


def _opening_angle(text: str, end: int) -> int:
    depth, at = 0, end - 1
    while at >= 0 and end - at < 200:
        letter = text[at]
        if letter == ">" and text[at - 1 : at] not in ("-", "="):
            depth += 1
        elif letter == "<":
            depth -= 1
            if depth == 0:
                return at
        elif letter in ";{}()":
            return -1
        at -= 1
    return -1


def call_suffix_length(text: str) -> int:
    """The number of code points after the last name of an expression: its calls and indexes."""
    end = len(text)
    while end > 0 and not (text[end - 1].isalnum() or text[end - 1] == "_"):
        opened = _opening(text, end) if text[end - 1] in _PAIRS else end - 1
        if opened < 0:
            return len(text)
        end = opened
    return len(text) - end


_ROOT = re.compile(r"[$@]*[^\W\d][\w$]*")
_WORD = re.compile(r"[^\W\d]\w*+(?=\s)")
_STEP = re.compile(r"\s*[$@#]*([^\W\d][\w$]*)")
_TOKEN = re.compile(
    r"(?P<name>[$@#]*[^\W\d][\w$]*[!?]?(?=\W|$)|[$@#]*[^\W\d][\w$]*)|(?P<op>\?->|\?\.|->|::|!\.|\.)"
    r"|(?P<open>[(\[{<])|(?P<blank>\s+)|(?P<other>.)",
    re.DOTALL,
)


def parse_chain(text: str) -> Chain | None:
    """Parse the chain at the start of an expression; None if there is none."""
    text = text[:MAX_LENGTH].strip()
    at = _after_leading(text)
    if at >= len(text):
        return None
    root, inner, is_list = "", "", text[at] == "["
    if text[at] in "([":
        end = end_of_bracket(text, at)
        inner = text[at + 1 : end - 1]
        at = end
    elif (match := _ROOT.match(text, at)) is not None:
        root, at = match[0], match.end()
    else:
        return None
    return Chain(root, tuple(_steps(text, at)), inner, is_list)


def steps_after(text: str) -> tuple[tuple[Step, str], ...]:
    """The steps that follow an expression at the start of `text`."""
    return tuple(_steps(text, 0))


def _after_leading(text: str) -> int:
    """The position after `await`, `new`, `&` and the like."""
    at = 0
    while at < len(text):
        if text[at] in "&*!~+- \t\n":
            at += 1
            continue
        match = _WORD.match(text, at)
        if match is None or match[0] not in _LEADING:
            break
        at = match.end()
    return at


def _steps(text: str, at: int) -> list[tuple[Step, str]]:
    steps: list[tuple[Step, str]] = []
    while at < len(text) and len(steps) < 24:
        match = _TOKEN.match(text, at)
        if match is None:
            break
        if match["op"]:
            named = _STEP.match(text, match.end())
            if named is None:
                after = match.end()
                if text[after : after + 1] in ("<", "(", "["):  # a turbofish, `?.()`, `?.[`
                    at = after
                    continue
                break
            steps.append((Step.MEMBER, named[1]))
            at = named.end()
        elif match["open"] == "<":
            end = _end_of_angle(text, at)
            if end < 0:
                break
            at = end
        elif match["open"]:
            kind = {"(": Step.CALL, "{": Step.CALL}.get(match["open"], Step.INDEX)
            steps.append((kind, ""))
            end = end_of_bracket(text, at)
            if kind is Step.INDEX:
                steps[-1] = (kind, text[at + 1 : end - 1].strip())
            at = end
        elif match["blank"] or match["other"] in ("!", "?"):
            at = match.end()
        else:
            break
    return steps


def end_of_bracket(text: str, at: int) -> int:
    """The position after the bracket that opens at `at`; the text's end if it is not closed."""
    depth = 0
    while at < len(text):
        letter = text[at]
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if depth == 0:
                return at + 1
        elif letter in "\"'`":
            closed = text.find(letter, at + 1)
            at = closed if closed >= 0 and "\n" not in text[at:closed] else at
        at += 1
    return len(text)


def _end_of_angle(text: str, at: int) -> int:
    depth = 0
    for place in range(at, min(len(text), at + 200)):
        if text[place] == "<":
            depth += 1
        elif text[place] == ">" and text[place - 1] not in "-=":
            depth -= 1
            if depth == 0:
                return place + 1
        elif text[place] in ";{}":
            return -1
    return -1


def find_cast(text: str) -> str:
    """The type that a cast at the end of the expression names."""
    for word in _CASTS:
        before, _, after = text.rpartition(word)
        if before and _TYPE_TEXT.fullmatch(after):
            return after
    return ""
