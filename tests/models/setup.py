"""Installs the model servers that the tests talk to: `python -m tests.models.setup [SERVER...]`.

The tests install what is missing by themselves; this is for doing so beforehand, and tells how long
it took. A server that cannot be had is told loudly and is no failure: its tests are then skipped.
"""

from __future__ import annotations

import sys
from functools import partial

from tests.models.packages import environment
from tests.support.installed import prepare

SERVERS = ("llamacpp", "litellm")
"""Each by the name of its file of pins."""


if __name__ == "__main__":
    prepare({name: partial(environment, name) for name in SERVERS}, sys.argv[1:])
