"""A unified diff of two texts, as `patch` and `git apply` read it, and the same in colours.

Lines end at "\\n" alone, as for these tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate

from devstral_lsp.characters import deceptive_characters, printable
from devstral_lsp.text import Edit, Span

NOWHERE = "/dev/null"
"""The name of the old file where there was none, and of the new one where none is left."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_COLOURS = (("+++", "1"), ("---", "1"), ("@@", "36"), ("+", "32"), ("-", "31"))
"""ANSI codes by how a line begins, as git has them."""
_NOT_IN_A_NAME = frozenset('\t\n\r"\\')
"""What git quotes a name for, beside characters that are not seen."""


@dataclass(frozen=True, slots=True)
class DiffHunk:
    """One place of a unified diff: its lines, and the edit of the old text that makes it."""

    text: str
    edit: Edit


def hunks(old: str, new: str) -> list[DiffHunk]:
    """The places where `new` differs from `old`, each with the lines around it."""
    before, after = _LINE.findall(old), _LINE.findall(new)
    starts = [0, *accumulate(map(len, before))]
    groups = SequenceMatcher(None, before, after).get_grouped_opcodes()
    return [_hunk(group, before, after, starts) for group in groups]


def heading(
    name: str, old_name: str = "", *, is_new: bool = False, is_deleted: bool = False
) -> str:
    """The two lines above the hunks of a file; `old_name` where that was another."""
    before = NOWHERE if is_new else _quoted(f"a/{old_name or name}")
    after = NOWHERE if is_deleted else _quoted(f"b/{name}")
    return f"--- {before}\n+++ {after}\n"


def git_heading(name: str, old_name: str, *, is_new: bool, is_deleted: bool) -> str:
    """The lines that git adds above: they also describe renamed and empty files."""
    lines = [f"diff --git {_quoted(f'a/{old_name or name}')} {_quoted(f'b/{name}')}"]
    if is_new or is_deleted:
        lines.append("new file mode 100644" if is_new else "deleted file mode 100644")
    if old_name:
        lines += [f"rename from {_quoted(old_name)}", f"rename to {_quoted(name)}"]
    return "\n".join(lines) + "\n"


def unified(
    old: str,
    new: str,
    name: str,
    old_name: str = "",
    *,
    is_new: bool = False,
    is_deleted: bool = False,
) -> str:
    """The diff that makes `old` into `new`; "" where they are the same."""
    parts = "".join(hunk.text for hunk in hunks(old, new))
    return heading(name, old_name, is_new=is_new, is_deleted=is_deleted) + parts if parts else ""


def _hunk(
    group: list[tuple[str, int, int, int, int]],
    before: list[str],
    after: list[str],
    starts: list[int],
) -> DiffHunk:
    """The hunk of opcodes that stand close together; `starts` are the offsets of the old lines."""
    (_, old_from, _, new_from, _), (_, _, old_to, _, new_to) = group[0], group[-1]
    lines = [f"@@ -{_range(old_from, old_to)} +{_range(new_from, new_to)} @@\n"]
    for kind, i1, i2, j1, j2 in group:
        if kind == "equal":
            lines += [_ended(f" {line}") for line in before[i1:i2]]
            continue
        lines += [_ended(f"-{line}") for line in before[i1:i2]]
        lines += [_ended(f"+{line}") for line in after[j1:j2]]
    span = Span(starts[old_from], starts[old_to])
    return DiffHunk("".join(lines), Edit(span, "".join(after[new_from:new_to])))


def _range(start: int, stop: int) -> str:
    """Lines from `start` up to `stop`, as the head of a hunk counts them: none, after the last."""
    length = stop - start
    first = start + 1 if length else start
    return f"{first}" if length == 1 else f"{first},{length}"


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


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
