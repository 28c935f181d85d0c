r"""Makes a model's Markdown safe to render: nothing in it loads, runs or misleads.

A rendered image sends its address, which the model chose, to its host; a `command:` link runs a
command of the editor; the text of a link may name another address than its target; HTML can do all
of these. Headings, lists, emphasis, code, and visible addresses remain.

Renderers disagree on what is code: in tables, formulas, containers and front matter. So only text
that all of them treat as code is left unescaped; a superfluous backslash may be visible.

>>> safe_markdown("[docs](https://a.example/x) ![](https://b.example/?q=1)")
'docs <https://a.example/x> <https://b.example/?q=1>'
>>> safe_markdown("[run](command:x) <b>`a[i](x)`</b>")
'[run]\\(command:x) \\<b>`a[i](x)`\\</b>'
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devstral_lsp.characters import printable

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)")
_LANGUAGE = re.compile(r"[\w+#.-]*")
_TICKS = re.compile(r"`+")

_WEB = r"https?://[^\s<>()\[\]`\\]{1,2000}"
_PIECE = re.compile(
    rf"""
      (?P<escaped> \\ [!-/:-@\[-`{{-~] )
    | !? \[ (?P<text> [^\[\]`<\\\n]{{0,300}} ) \]
      \( [ ]? <? (?P<address> {_WEB} ) >? (?:[ ]"[^"\n`<\\]{{0,300}}")? [ ]? \)
    | (?P<shown> < {_WEB} > )
    | (?P<ticks> `+ )
    | (?P<link> \] (?=[(:\[]) )
    | (?P<tag> < (?=[A-Za-z/!?]) )
    | (?P<marks> \$\$+ | ~~~+ )
    """,
    re.VERBOSE,
)
_LOADS = re.compile(r"\]\(|<[A-Za-z][\w-]{0,40}[\s/][^<>]{0,400}=")
_LEADS = re.compile(r"[:\\&]|//")
_TABLE_ROW = re.compile(r"[-:|\s>*+.0-9]*")


def safe_markdown(text: str) -> str:
    """`text` without images, HTML, and links whose address is not seen. Lines end in "\\n"."""
    lines = printable(text).replace("\r", "\n").strip("\n").split("\n")
    has_table = any("|" in line and "-" in line and _TABLE_ROW.fullmatch(line) for line in lines)
    made = "\n".join(_lines(lines, has_table=has_table))
    # Three dashes would begin front matter, in which other rules hold.
    return f"\n{made}" if made.startswith("---") else made


def _lines(lines: list[str], *, has_table: bool) -> Iterator[str]:
    at = 0
    while at < len(lines):
        match = _FENCE.fullmatch(lines[at])
        if match is None:
            yield _inline(lines[at], has_table=has_table)
            at += 1
            continue
        end = _end_of_block(lines, at + 1, match["fence"])
        code = [line.removeprefix(match["indent"]) for line in lines[at + 1 : end]]
        if at and lines[at - 1].strip():
            yield ""
        yield from _block(code, match["info"])
        at = end + 1


def _end_of_block(lines: list[str], start: int, fence: str) -> int:
    """The line that closes the block; if none does, the one after the last."""
    for at in range(start, len(lines)):
        line = lines[at].strip()
        if len(line) >= len(fence) and not line.strip(fence[0]):
            return at
    return len(lines)


def _block(code: list[str], info: str) -> Iterator[str]:
    """At column 0, which ends every container, in a fence longer than any in the code."""
    language = _LANGUAGE.match(info.strip())
    longest = max((len(run) for line in code for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language[0] if language else ''}"
    yield from code
    yield fence


def _inline(line: str, *, has_table: bool) -> str:
    pieces, done = [], 0
    while (match := _PIECE.search(line, done)) is not None:
        pieces.append(line[done : match.start()])
        done = match.end()
        if match["ticks"] is not None:
            span = _code_span(line, match, has_table=has_table)
            done = match.start() + len(span) if span else done
            pieces.append(span or r"\`" * len(match["ticks"]))
        else:
            pieces.append(_rewritten(match))
    return "".join([*pieces, line[done:]])


def _rewritten(match: re.Match[str]) -> str:
    if match["address"] is not None:
        return f"{match['text']} <{match['address']}>".lstrip()
    if match["link"] is not None:
        return r"]" + "\\"
    if match["tag"] is not None or match["marks"] is not None:
        return "".join(f"\\{each}" for each in match[0])
    return match[0]


def _code_span(line: str, opening: re.Match[str], *, has_table: bool) -> str:
    """The code that begins here, with its backticks; "" if a renderer might not see code."""
    ticks = opening["ticks"]
    for closing in _TICKS.finditer(line, opening.end()):
        if closing[0] == ticks:
            inner = line[opening.end() : closing.start()]
            is_doubtful = _LOADS.search(inner) and _LEADS.search(inner)
            return "" if is_doubtful or (has_table and "|" in inner) else f"{ticks}{inner}{ticks}"
    return ""
