"""Ask the keyring for one key in a separate process: `python keyring_child.py SERVICE USER`.

A backend may wait for its user indefinitely, ask on a terminal, print, and raise anything. The
process writes one JSON object to standard output: {"key": the key or null}, or {"failure": the
exception's name}. Imports nothing from this package.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module


def main(service: str, user: str) -> None:
    """Ask, and write the result while nothing else can write to standard output."""
    with os.fdopen(os.dup(1), "w", encoding="ascii") as out:
        os.dup2(2, 1)
        json.dump(_query(service, user), out)


def _query(service: str, user: str) -> dict[str, str | None]:
    try:
        return {"key": import_module("keyring").get_password(service, user)}
    except Exception as error:  # noqa: BLE001 - backends come from anywhere
        return {"failure": type(error).__name__}


if __name__ == "__main__":
    main(*sys.argv[1:])
