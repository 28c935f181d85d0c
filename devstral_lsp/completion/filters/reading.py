"""How filters read: bounded windows around the cursor, lines, indentation, what opens a block.

Every filter looks at most at `WINDOW` code points on either side of the cursor, with "\\n" as the
only line end. Nothing here judges a draft.
"""

from __future__ import annotations

import re
from dataclasses import replace

from devstral_lsp.completion.request import Draft, Place
from devstral_lsp.languages import Language
from devstral_lsp.providers.base import Finish

WINDOW = 4_000
"""Code points on either side that a filter reads: about 100 lines, scanned in well under 1 ms."""

TAB_COLUMNS = 4
"""What a tab counts when indentations of different styles are compared."""

_WORDS_THAT_OPEN = {
    "ruby": re.compile(
        r"\b(?:do|then|else|begin|ensure)$|\bdo \|[^|]*\|$"
        r"|^\s*(?:def|class|module|if|unless|while|until|case|elsif|when|rescue|for)\b(?!.*\bend$)"
    ),
    "lua": re.compile(r"\b(?:then|do|else|repeat)$|\bfunction\b[^)]*\)$"),
    "shellscript": re.compile(r"(?:\b(?:then|do|else|in)|\w\))$"),
    "html": re.compile(r"<(?!area|br|hr|img|input|link|meta)\w[^<>]*(?<!/)>$"),
}
_CONTINUES = re.compile(
    r"(?:[\]})]+\s*)?(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|case|default|when)\b"
)
_CLOSES = re.compile(r"(?:[\]})]+|</[\w.-]*>|/>|>|`|\*/|\"\"\"|''')[\]})>;,:`\s]*")


def before(place: Place) -> str:
    """The last `WINDOW` code points before the cursor."""
    return unified(place.before[-WINDOW:])


def after(place: Place) -> str:
    """The first `WINDOW` code points after the cursor."""
    return unified(place.after[:WINDOW])


def unified(text: str) -> str:
    """`text` with "\\n" as its only line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def lines_above(place: Place) -> list[str]:
    """The lines above the cursor's line that hold something, the nearest last."""
    return [line for line in before(place).split("\n")[:-1] if line.strip()]


def lines_below(place: Place) -> list[str]:
    """The lines below the cursor's line that hold something, the nearest first."""
    return [line for line in after(place).split("\n")[1:] if line.strip()]


def indentation(line: str) -> str:
    """The blanks that a line starts with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def column(line: str) -> int:
    """Where a line's first visible character stands."""
    return len(indentation(line).expandtabs(TAB_COLUMNS))


def opens_block(line: str, language: Language) -> bool:
    """Whether the lines below `line` stand deeper because of what `line` ends with."""
    code = _without_comment(line, language).rstrip()
    if not code:
        return False
    if code[-1] in "{([" or (language.block_opener and code.endswith(language.block_opener)):
        return True
    words = _WORDS_THAT_OPEN.get(language.name)
    return words is not None and words.search(code) is not None


def only_closes(line: str, language: Language) -> bool:
    """Whether `line` holds nothing but what closes a block: `});`, `</div>`, `end`."""
    code = line.strip()
    return _CLOSES.fullmatch(code) is not None or code.rstrip(";,") in language.closers


def continues_block(line: str) -> bool:
    """Whether `line` goes on with the statement whose block ends above it: `else:`, `} catch {`."""
    return _CONTINUES.match(line.strip()) is not None


def shorten(draft: Draft, end: int) -> Draft | None:
    """`draft` up to `end`; None if nothing visible is left of it.

    What ends where a filter cut it is no longer cut by the model's length, and covers nothing.
    """
    if end >= len(draft.text):
        return draft
    kept = draft.text[:end]
    return replace(draft, text=kept, finish=Finish.STOP, covers=0) if kept.strip() else None


def rewrite(draft: Draft, text: str) -> Draft | None:
    """`draft` with another text, its end as trustworthy as before; None if nothing is visible."""
    if text == draft.text:
        return draft
    return replace(draft, text=text) if text.strip() else None


def line_starts(text: str) -> list[int]:
    """Where each line of `text` starts."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _without_comment(line: str, language: Language) -> str:
    marker = language.line_comment
    at = line.find(f" {marker}") if marker else -1
    return line[:at] if at >= 0 else line
