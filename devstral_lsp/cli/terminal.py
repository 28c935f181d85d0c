"""All output of commands: results to standard output, everything else to standard error.

Text from a file, a model or an endpoint may contain characters that control a terminal or are
invisible. They are escaped here, and for output by rich in `console.py`.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from types import TracebackType
from typing import Any, NoReturn

from devstral_lsp.characters import printable


def print_result(text: str) -> None:
    """Print the result."""
    _put(printable(text))


def write_json(value: Any, indent: int | None = None) -> None:
    """Print a JSON value in ASCII, in which JSON escapes all control characters but DEL."""
    _put(json.dumps(value, indent=indent).replace("\x7f", "\\u007f"))


def write_diff(diff: str) -> None:
    """Print a unified diff: in colours, or with escapes on a terminal.

    A pipe gets it unchanged, for `git apply` and the like. Control characters in it can only come
    from the user's own file, since no edit adds any.
    """
    if wants_colour():
        from devstral_lsp.edits.unified_diff import coloured

        _put(coloured(diff))
    elif sys.stdout.isatty():
        print_result(diff.removesuffix("\n"))
    else:
        _put(diff.removesuffix("\n"))


def print_error(sentence: str) -> None:
    """Print a sentence to standard error."""
    if sys.stderr is not None:  # None if it was closed at the start
        sys.stderr.write(f"{printable(sentence)}\n")


def ask(question: str) -> str:
    """The line that the user types after `question`; "" without a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    sys.stderr.write(printable(question))
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def print_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print the traceback of a bug, escaped, because it may contain untrusted text."""
    import traceback

    print_error("".join(traceback.format_exception(kind, error, trace)).rstrip())


class ArgumentParser(argparse.ArgumentParser):
    """Prints errors, which quote the command line, by `print_error`."""

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        if message:
            print_error(message.rstrip("\n"))
        super().exit(status)


def replace_unencodable_output() -> None:
    """From now on, print a question mark for characters that the encoding lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def wrap_text(start: str, words: str) -> str:
    """`start` and `words` in one line; on a terminal, wrapped and indented by `start`."""
    shown = printable(words)
    if not sys.stdout.isatty():
        return start + shown
    import shutil
    import textwrap

    return textwrap.fill(
        shown,
        max(shutil.get_terminal_size().columns, 2 * len(start)),
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def wants_colour() -> bool:
    """Whether to print colours, as specified by no-color.org and force-color.org."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def has_light_background() -> bool:
    """Whether the background is light according to COLORFGBG, which rxvt and Konsole set."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")


def _put(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
