"""Asks the keyring for one key: `python keyring_child.py SERVICE USER`, as a process of its own.

A backend may wait for its user for ever, ask on a terminal, print, and raise anything at all. Here
it does so beside the server. Written to standard output is one JSON object: {"key": what is held,
or null} or {"failure": the name of what was raised}. Imports nothing of ours.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module


def main(service: str, user: str) -> None:
    """Ask, and write what came of it where nothing else is written."""
    with os.fdopen(os.dup(1), "w", encoding="ascii") as out:
        os.dup2(2, 1)
        json.dump(_asked(service, user), out)


def _asked(service: str, user: str) -> dict[str, str | None]:
    try:
        return {"key": import_module("keyring").get_password(service, user)}
    except Exception as error:  # noqa: BLE001 - backends come from anywhere
        return {"failure": type(error).__name__}


if __name__ == "__main__":
    main(*sys.argv[1:])
