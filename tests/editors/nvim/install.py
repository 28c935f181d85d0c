"""Neovim for the tests: one with inline completion of its own, and one that is older than that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.editors.support.debian_tree import tree

SUITES: Mapping[str, str] = {"0.12": "forky", "0.10": "trixie"}
"""Debian's suite for each version. None has 0.11."""


PROGRAM = "usr/bin/nvim"


@dataclass(frozen=True, slots=True)
class Neovim:
    """The program, and what its environment needs."""

    program: Path
    environ: Mapping[str, str]
    confirms: bool
    """It lets its user confirm what an edit says is to be confirmed."""


def install(version: str) -> Neovim:
    """Install what is missing of a version. Raises Unavailable if it cannot be had."""
    root = tree(SUITES[version], ("neovim",), (PROGRAM,))
    runtime = root / "usr" / "share" / "nvim" / "runtime"
    return Neovim(root / PROGRAM, {"VIMRUNTIME": str(runtime)}, confirms=version == "0.12")


def install_all() -> None:
    """Every version. Raises Unavailable."""
    for version in SUITES:
        install(version)
