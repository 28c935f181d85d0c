"""Finds regular expressions whose time grows faster than their input.

From an expression's own parse tree come inputs that pump each of its repetitions, with an end at
which it fails; the processor time of a small and of a large one says how it grows. Nothing below
`FLOOR_S` is suspected, and what is suspected is measured again, so that a busy machine raises no
alarm.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from re import _constants as constants
from re import _parser as parser
from typing import Any

_FIRST_REPEATS = (8, 12, 16, 20, 24, 28, 40)
"""Of a pump's body, rising slowly: what is exponential has to show before it hangs."""
_SMALL, _LARGE, _MAX_REPEATS = (150, 500), 2_000, 300
"""Code points; the last input has at least so many repetitions as well."""
FLOOR_S = 0.0006
"""Processor time below which nothing is suspected: 2,000 code points at 300 ns each."""
GROWTH = 2.3
"""Of the time per code point, when an input grows fourfold, beyond which it is no longer linear;
what is quadratic comes to 4."""
_ROUNDS = 5
"""Measurements of what is suspected, of which the quickest of each size counts. One round measures
all sizes, so that a machine that is slow for a while is slow for all of them."""

_HOPELESS_S = 2.0
"""Beyond this, one round that confirms the growth is enough."""

_SAMPLE = "a \n0A_\t.-/<>()[]{}\"'`#=:;,*+\\|!$@é"
_TAILS = ("\x00", "\n\x00", " /)\"'\x00", "")
_MAX_PUMP = 60

GENERIC = (
    *("a", " ", "\t", "\n", "0", "_", ".", "-", "/", "\\", "<", "(", "[", "{", '"', "'", "`"),
    *("#", "=", ":", "*", "a ", "a\n", " \n", "\r", "</s>", "<s>", '<file path="', "<finding "),
    *('{"a":', '{ "', "/*", "{/*......", "//", "```\n", "\n ", "a.", "a=", "<a ", "<PRE>", "[["),
    *("<think>", "...", "\\'", "''", "é", "a(", "=\n", "- ", "::", "0.", "$", "@", "![", "]("),
)
"""What foreign text is made of when somebody means harm."""

USES: dict[str, Callable[[re.Pattern[Any], Any], Any]] = {
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "search": lambda pattern, text: pattern.search(text),
    "finditer": lambda pattern, text: sum(1 for _ in pattern.finditer(text)),
}
"""The ways to use an expression that differ in time; others go by `finditer`."""


@dataclass(frozen=True, slots=True)
class Slow:
    """An input on which a use of an expression takes more than linear time."""

    use: str
    shown: str
    """The beginning of the input."""
    seconds: float

    def __str__(self) -> str:
        return f"{self.use} takes {self.seconds * 1000:.0f} ms on {self.shown}"


def slow_use(pattern: re.Pattern[Any], uses: Sequence[str]) -> Slow | None:
    """The first input found on which one of `uses` (names in USES) is not linear; else None."""
    for pump in pumps(pattern):
        for use in uses:
            if (slow := _slow_on(pump, pattern, use)) is not None:
                return slow
    return None


def _slow_on(pump: Pump, pattern: re.Pattern[Any], use: str) -> Slow | None:
    call = USES[use]
    make = pump.bytes if isinstance(pattern.pattern, bytes) else pump.text
    return superlinear(lambda given: call(pattern, given), make, use, pump.sizes())


def superlinear(
    call: Callable[[Any], object],
    make: Callable[[int], Any],
    use: str,
    sizes: Sequence[int],
    floor_s: float = FLOOR_S,
) -> Slow | None:
    """Whether the time of `call` grows faster than the size of what `make` gives it."""
    for size in sizes:
        given, quarter = make(size), make(size // 4)
        if spent(call, given) <= floor_s:
            continue
        once = (spent(call, quarter), spent(call, given))
        if not _grows(once, len(quarter), len(given)):
            continue
        if (seconds := _confirmed(call, make, size)) > floor_s:
            return Slow(use, repr(given[:60]), seconds)
    return None


def _grows(seconds: tuple[float, float], small: int, large: int) -> bool:
    """Whether the time per code point grows from a small input to a large one."""
    return seconds[1] / large > GROWTH * max(seconds[0], 1e-7) / max(1, small)


def _confirmed(call: Callable[[Any], object], make: Callable[[int], Any], size: int) -> float:
    """Seconds for `size`, if time grows up to it and, where it may yet stop, beyond it; else 0.

    What an expression bounds, such as `{0,200}`, grows only up to that size.
    """
    inputs = [make(size // 4), make(size)]
    if size >= _SMALL[-1]:
        inputs.append(make(4 * size))
    best = [math.inf] * len(inputs)
    for _ in range(_ROUNDS):
        best = [min(old, spent(call, given)) for old, given in zip(best, inputs, strict=True)]
        if best[1] > _HOPELESS_S:
            break
    steps = pairwise(zip(best, map(len, inputs), strict=True))
    grows = all(_grows((s, t), small, large) for (s, small), (t, large) in steps)
    return best[1] if grows else 0.0


def spent(call: Callable[[Any], object], given: Any) -> float:
    """Seconds of processor time of this thread."""
    began = time.thread_time()
    call(given)
    return time.thread_time() - began


@dataclass(frozen=True, slots=True)
class Pump:
    """`head`, then `body` as often as it takes, then `tail`."""

    head: str
    body: str
    tail: str

    def sizes(self) -> list[int]:
        """Code points, rising."""
        width = len(self.body)
        first = [width * repeats for repeats in _FIRST_REPEATS]
        last = max(_LARGE, width * _MAX_REPEATS)
        return [*(each for each in first if each < _SMALL[0]), *_SMALL, last]

    def text(self, size: int) -> str:
        return self.head + self.body * max(2, size // len(self.body)) + self.tail

    def bytes(self, size: int) -> bytes:
        return self.text(size).encode("latin-1", "replace")


def pumps(pattern: re.Pattern[Any]) -> Iterator[Pump]:
    """Inputs made for an expression, then those that are generic."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    seen: set[Pump] = set()
    for head, body in _repetitions(list(tree)):
        for pump in _around(head, body):
            if pump.body and len(pump.body) <= _MAX_PUMP and pump not in seen:
                seen.add(pump)
                yield pump
    whole = _example(list(tree), 0)
    for cut in (whole, whole[:-1], whole[: len(whole) // 2]):
        if 0 < len(cut) <= _MAX_PUMP:
            yield Pump("", cut, "\x00")
    for body in GENERIC:
        yield Pump("", body, "\x00")
    for body in (" ", "a", "\n", "0", "\t"):
        if whole:
            yield Pump(whole[:_MAX_PUMP], body, "\x00")


def _around(head: str, body: str) -> Iterator[Pump]:
    for tail in _TAILS:
        yield Pump(head, body, tail)
    if head:
        yield Pump("", head + body, "\x00")
        yield Pump("", head, "\x00")
        yield Pump("", "\n" + head + body, "\x00")


def _repetitions(items: Sequence[Any], head: str = "") -> Iterator[tuple[str, str]]:
    """What leads to each repetition, and the bodies that it may repeat."""
    for number, item in enumerate(items):
        for inner in _sequences(item):
            yield from _repetitions(inner, head)
        operator, argument = item
        if operator in _REPEATS:
            _, most, body = argument
            if most is constants.MAXREPEAT or most >= 10:
                bodies = [_example(list(body), variant) for variant in range(6)]
                yield from ((head, each) for each in bodies[:4])
                yield head, _of_two_kinds(bodies)
                yield head, _example(items[number + 1 :], 0)
        head += _example([item], 0)


def _of_two_kinds(bodies: Sequence[str]) -> str:
    """A body with a boundary of words in it; "" if there is none."""
    words = [each for each in bodies if each[-1:].isalnum()]
    others = [each for each in bodies if not each[:1].isalnum()]
    return words[0] + others[-1] if words and others else ""


def _sequences(item: Any) -> list[list[Any]]:
    """The sequences right inside of an item."""
    operator, argument = item
    if operator in _REPEATS:
        return [list(argument[2])]
    if operator is constants.SUBPATTERN:
        return [list(argument[-1])]
    if operator is constants.BRANCH:
        return [list(each) for each in argument[1]]
    if operator in (constants.ASSERT, constants.ASSERT_NOT):
        return [list(argument[1])]
    if operator is constants.ATOMIC_GROUP:
        return [list(argument)]
    if operator is constants.GROUPREF_EXISTS:
        return [list(each) for each in argument[1:] if each]
    return []


_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT)


def _example(items: Sequence[Any], variant: int) -> str:
    """A text that the items take; other variants take other characters of their classes."""
    return "".join(_one(item, variant) for item in items)


def _one(item: Any, variant: int) -> str:
    operator, argument = item
    if operator is constants.LITERAL:
        return chr(argument)
    if operator is constants.NOT_LITERAL:
        return _pick([c for c in _SAMPLE if ord(c) != argument], variant)
    if operator is constants.ANY:
        return _pick(list(_SAMPLE), variant)
    if operator is constants.IN:
        return _pick(_members(argument), variant)
    if operator in _REPEATS:
        least, most, body = argument
        count = max(int(least), 1 if most else 0)
        return _example(list(body), variant) * min(count, 50)
    if operator is constants.SUBPATTERN:
        return _example(list(argument[-1]), variant)
    if operator is constants.ATOMIC_GROUP:
        return _example(list(argument), variant)
    if operator is constants.BRANCH:
        branches = argument[1]
        return _example(list(branches[variant % len(branches)]), variant)
    return ""  # anchors, looking around and back references take nothing that is known here


def _members(wanted: Any) -> list[str]:
    """Characters of a class: of each kind one first, so that variants differ."""
    tree = parser.parse("[a]")
    tree[0] = (constants.IN, wanted)
    compiled = _compiled(tree)
    found = [c for c in _SAMPLE if compiled.match(c)]
    if found:
        return found
    return [c for c in map(chr, range(0x2100)) if compiled.match(c)][:4] or [""]


def _compiled(tree: Any) -> re.Pattern[str]:
    from re import _compiler as compiler

    return compiler.compile(tree)


def _pick(found: Sequence[str], variant: int) -> str:
    """One of the characters; the first four of `_SAMPLE` are of different kinds."""
    return found[variant % len(found)] if found else ""
