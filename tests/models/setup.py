"""Installs the model servers that the tests talk to: `python -m tests.models.setup [SERVER...]`.

The tests install what is missing by themselves; this is for doing so beforehand, and tells how long
it took. A server that cannot be had is told loudly and is no failure: its tests are then skipped.
"""

from __future__ import annotations

import sys
import time

from tests.editors.support.toolbox import Unavailable, cache
from tests.models.packages import environment

SERVERS = ("llamacpp", "litellm")
"""Each by the name of its file of pins."""


def main(names: list[str]) -> int:
    """Install the servers of these names, or all of them."""
    for name in names or list(SERVERS):
        start = time.monotonic()
        try:
            environment(name)
        except Unavailable as error:
            sys.stdout.write(f"!!! {name} IS NOT TESTED: {error}\n")
        else:
            sys.stdout.write(f"{name}: ready in {time.monotonic() - start:.0f} s ({cache()})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
