"""Neovim for the tests: one with inline completion of its own, and one that is older than that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.editors.support.debian_tree import debian_tree, wrapper

SUITES: Mapping[str, str] = {"0.12": "forky", "0.10": "trixie"}
"""Debian's suite for each version. None has 0.11."""


def install(version: str) -> Path:
    """The program. Raises Unavailable if it cannot be had."""
    root = debian_tree(SUITES[version], ("neovim",), ("nvim",))
    return wrapper(root, "nvim", {"VIMRUNTIME": str(root / "usr/share/nvim/runtime")})


def install_all() -> None:
    """Every version. Raises Unavailable."""
    for version in SUITES:
        install(version)
