"""Real keyrings for the tests: the packages that keep keys, and GNOME's Secret Service of Debian.

The packages lie apart from the project's own environment, which has no `keyring`, in a folder for
PYTHONPATH. The service and its message bus run where they are unpacked; no desktop is needed.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tests.editors.support.debian_tree import tree
from tests.support.installed import fetch, installed

BUS, SEND, DAEMON = "usr/bin/dbus-daemon", "usr/bin/dbus-send", "usr/bin/gnome-keyring-daemon"
_SUITE = "trixie"
_PINS = Path(__file__).with_name("pins.txt")


def packages() -> Path:
    """The folder of the packages. Raises Unavailable if one cannot be had."""

    def install(folder: Path) -> None:
        pip = (sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check")
        to = ("--no-deps", "--target", str(folder), "-r", str(_PINS))
        fetch((*pip, *to), f"pip install -r {_PINS.name}")

    release = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(_PINS.read_bytes()).hexdigest()[:16]
    return installed(f"keyrings-{release}-{digest}", install)


def secret_service() -> Path:
    """The root of a folder with BUS, SEND and DAEMON. Raises Unavailable likewise."""
    return tree(_SUITE, ("gnome-keyring", "dbus-bin", "dbus-daemon"), (BUS, SEND, DAEMON))
