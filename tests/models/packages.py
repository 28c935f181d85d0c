"""Environments for the servers that are tested with, apart from the project's own.

Each is made once from a file of pins and kept in the cache of the long suites; a change of the
pins or of Python makes a new one. Knows no server.
"""

from __future__ import annotations

import hashlib
import sys
import venv
from pathlib import Path

from tests.support.installed import fetch, installed

_HERE = Path(__file__).parent


def environment(name: str) -> Path:
    """The folder of programs of the environment that `name`.txt lists.

    Raises Unavailable if a package cannot be had.
    """
    pins = _HERE / f"{name}.txt"

    def install(folder: Path) -> None:
        venv.create(folder, with_pip=True)
        pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--no-deps")
        quick = ("--no-compile", "--disable-pip-version-check", "--prefer-binary")
        fetch((*pip, *quick, "-r", str(pins)), f"pip install -r {pins.name}")

    release = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()[:16]
    return installed(f"models-{name}-{release}-{digest}", install) / "bin"
