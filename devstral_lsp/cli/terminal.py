"""Where a command's words go: the result to standard output, everything beside it to the other."""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap


def write(text: str) -> None:
    """Print the result."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def question_marks() -> None:
    """From now on, what standard output cannot hold in its encoding is a question mark there."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def tell(sentence: str) -> None:
    """Say something beside the result."""
    sys.stderr.write(f"{sentence}\n")


def filled(start: str, words: str) -> str:
    """`start` and `words` in a line; on a terminal in as many as it needs, `start` in front."""
    if not sys.stdout.isatty():
        return start + words
    return textwrap.fill(
        words,
        max(shutil.get_terminal_size().columns, 2 * len(start)),
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def wants_colour() -> bool:
    """As no-color.org and force-color.org have it; a dumb terminal shows none."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def is_light() -> bool:
    """Whether the terminal says in COLORFGBG, as rxvt and Konsole do, that its ground is light."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
