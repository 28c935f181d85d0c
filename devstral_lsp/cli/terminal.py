"""Where a command's words go: the result to standard output, everything beside it to the other."""

from __future__ import annotations

import os
import sys


def write(text: str) -> None:
    """Print the result. What the stream's encoding cannot hold becomes a question mark."""
    encoding = sys.stdout.encoding
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def tell(sentence: str) -> None:
    """Say something beside the result."""
    sys.stderr.write(f"{sentence}\n")


def wants_colour() -> bool:
    """As no-color.org and force-color.org have it; a dumb terminal shows none."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
