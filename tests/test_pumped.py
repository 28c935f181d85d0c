"""Whatever reads foreign text takes time that grows no faster than the text.

A small version of `tests/hostile/attacks/test_pumped.py`, which does the same with larger texts.
"""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.pumping import superlinear
from tests.support.readers import SHAPES, readers

SIZES = (2_000,)
FEW = ("blanks", "lines", "unmatched brackets", "end tokens", "files", "objects", "rests", "stubs")
FLOOR_S = 0.05
"""Processor time for 2,000 code points below which nothing is suspected. What holds up the parser
takes that long by itself, and is given up at a fixed time."""


def pumped(body: str, size: int) -> str:
    return body * (size // len(body))


@pytest.mark.timeout(300)
def test_readers_are_linear() -> None:
    slow = [
        f"{name}, {shape}: {found}"
        for name, read in readers("python")
        for shape in FEW
        if (found := superlinear(read, partial(pumped, SHAPES[shape]), name, SIZES, FLOOR_S))
    ]
    assert not slow, "\n".join(slow)


def test_what_is_quadratic_is_found() -> None:
    def restarts(text: str) -> int:
        return sum(text.count("ab", at) for at in range(len(text)))

    assert superlinear(restarts, lambda n: "ab" * 10 * n, "restarts", SIZES, FLOOR_S)
