"""Helix for the tests. Version 25.01 sends its changes out of order, so it must be a newer one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.editors.support.debian_tree import tree

SUITE = "forky"
PROGRAM = "usr/bin/hx"


@dataclass(frozen=True, slots=True)
class Helix:
    """The program, and what its environment needs."""

    program: Path
    environ: Mapping[str, str]


def install() -> Helix:
    """Install what is missing. Raises Unavailable if it cannot be had."""
    root = tree(SUITE, ("hx",), (PROGRAM,))
    return Helix(root / PROGRAM, {"HELIX_RUNTIME": str(root / "usr" / "lib" / "hx" / "runtime")})
