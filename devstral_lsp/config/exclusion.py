"""What is wrong with a pattern of `privacy.exclude` that could fit no file.

Other programs know other ways to write patterns. One that fits no file here keeps none back, so it
must not pass in silence. Pure text.
"""

from __future__ import annotations

import re

_LIKE_A_SHELL = "Write it as in a shell, such as `*.sql`: it is no regular expression."
_FAULTS = tuple(
    (re.compile(pattern, re.DOTALL), advice)
    for pattern, advice in (
        (r"\s|.*\s\Z", "Leave out the blanks around it."),
        (r"!", "It can only add: what is excluded is not taken back."),
        (r"(?:re|regex|glob|file):|\^|.*\$\Z|.*\\[.]", _LIKE_A_SHELL),
        (r"~|[A-Za-z]:[\\/]", "Paths begin at the workspace folder."),
        (r"[^\[]*[,;:]", "Write one entry for each pattern."),
        (r"[^{]*+\{[^}]*+\}", "Braces are not known: write one entry for each pattern."),
        (r"\.{1,2}/|.*/\.{1,2}(?:/|\Z)", "Leave out each `.` and `..` between slashes."),
        (r"[\"'`]|.*[\"'`]\Z", "Leave out the quotes within it."),
        (r"[^\[]*\[[^\]]*\Z", "The bracket is not closed."),
    )
)


def fault_of(pattern: str) -> str:
    """How to write `pattern` so that it fits a file; "" where nothing is wrong with it."""
    return next((advice for fits, advice in _FAULTS if fits.match(pattern)), "")
