"""Helix for the tests. Version 25.01 sends its changes out of order, so it must be a newer one."""

from __future__ import annotations

from pathlib import Path

from tests.editors.support.debian_tree import debian_tree, wrapper

SUITE = "forky"


def install() -> Path:
    """The program. Raises Unavailable if it cannot be had."""
    root = debian_tree(SUITE, ("hx",), ("hx",))
    return wrapper(root, "hx", {"HELIX_RUNTIME": str(root / "usr/lib/hx/runtime")})
