"""A unified diff of two texts, as `patch` and `git apply` read it, and the same in colours.

Lines end at "\\n" alone, as for these tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import unified_diff

from devstral_lsp.characters import deceptive_characters, printable

NOWHERE = "/dev/null"
"""The name of the old file where there was none."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_COLOURS = (("+++", "1"), ("---", "1"), ("@@", "36"), ("+", "32"), ("-", "31"))
"""ANSI codes by how a line begins, as git has them."""
_NOT_IN_A_NAME = frozenset('\t\n\r"\\')
"""What git quotes a name for, beside characters that are not seen."""


def unified(old: str, new: str, name: str, *, is_new: bool = False) -> str:
    """The diff that makes `old` into `new`; "" where they are the same."""
    before = NOWHERE if is_new else _quoted(f"a/{name}")
    lines = unified_diff(_LINE.findall(old), _LINE.findall(new), before, _quoted(f"b/{name}"))
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def coloured(diff: str) -> str:
    """The diff for a terminal, with no control characters but its own."""
    return "\n".join(_painted(diff.removesuffix("\n").split("\n")))


def _quoted(name: str) -> str:
    """`name` as a string of C's where it could not stand in a line, as git writes it."""
    odd = _NOT_IN_A_NAME | deceptive_characters(name)
    if not odd & set(name):
        return name
    escapes = {
        each: "".join(f"\\{byte:03o}" for byte in each.encode("utf-8", "surrogateescape"))
        for each in odd
    }
    return '"' + "".join(escapes.get(each, each) for each in name) + '"'


def _painted(lines: list[str]) -> Iterator[str]:
    for line in lines:
        bare = printable(line.removesuffix("\r"))
        code = next((code for start, code in _COLOURS if line.startswith(start)), "")
        yield f"\x1b[{code}m{bare}\x1b[0m" if code else bare
