"""The text around the cursor in the forms that matching and scoring need."""

from __future__ import annotations

import re
from dataclasses import dataclass

from devstral_lsp.local.normalize import flatten_open_line, normalize_text
from devstral_lsp.text import normalize_newlines

_CONTEXT = 3_000
"""Code points before the cursor that a match can reach back to."""

_NEAR_BEFORE = 6_000
_NEAR_AFTER = 3_000
"""Code points around the cursor whose words and line shapes count as near."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalContext:
    """The text around a cursor. All line ends are "\\n"."""

    above: str
    """All lines above the cursor's."""
    line: str
    """The cursor's line up to the cursor; at most _CONTEXT code points."""
    tail: str
    """The cursor's line after the cursor, stripped."""
    below: str
    """All lines below the cursor's."""
    flat: str
    """The end of `above`, and `line`, in flat form."""
    flat_near: str
    """Whole lines above and below in flat form, without the cursor's."""
    next_line: str
    """The first line below that is not blank, stripped."""
    line_above: str
    """The last line above that is not blank, stripped."""
    words: tuple[str, ...]
    """All words near the cursor, in order."""

    @classmethod
    def of(cls, prompt: str, suffix: str) -> LocalContext:
        """The cursor between `prompt` and `suffix`."""
        prompt, suffix = normalize_newlines(prompt), normalize_newlines(suffix)
        start = prompt.rfind("\n") + 1
        above, line = prompt[:start], prompt[start:][-_CONTEXT:]
        tail, _, below = suffix.partition("\n")
        before, after = _last_lines(above, _NEAR_BEFORE), below[:_NEAR_AFTER]
        flat_before, depth = normalize_text(before)
        gap = before.count("\n", len(before.rstrip())) > 1
        open_line = flatten_open_line(line, depth, gap)
        return cls(
            above=above,
            line=line,
            tail=tail[:_CONTEXT].strip(),
            below=below,
            flat=flat_before[-_CONTEXT:] + open_line,
            flat_near=flat_before + normalize_text(after)[0],
            next_line=_first_line(after.split("\n")),
            line_above=_first_line(before.split("\n")[::-1]),
            words=tuple(_WORD.findall(f"{before}{line}\n{after}")),
        )

    @property
    def body(self) -> str:
        """`line` without its indentation."""
        return self.line.lstrip(" \t")

    def knows(self, word: str) -> bool:
        """Whether the document contains `word`, also within another word."""
        return word in self.above or word in self.below


def _first_line(lines: list[str]) -> str:
    return next((line for line in map(str.strip, lines) if line), "")


def _last_lines(text: str, most: int) -> str:
    """The whole lines in the last `most` code points."""
    if len(text) <= most:
        return text
    return text[text.find("\n", len(text) - most) + 1 :]
