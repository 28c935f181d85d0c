"""The notation of the filters' tables: a place with a marked cursor, a draft, and what is shown.

`⏎` stands for a line end, `→` for a tab, `␣` for a blank that editors would strip, `␍` for a
carriage return.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.completion.types import CURSOR, CompletionKind, CursorContext, Draft
from devstral_lsp.providers.base import FinishReason

_SIGNS = str.maketrans({"⏎": "\n", "→": "\t", "␣": " ", "␍": "\r"})
_EXAMPLE = re.compile(
    r"Before(?: \((?P<words>[^)]*)\))?: `(?P<marked>[^\n]*?)` \+ `(?P<draft>[^\n]*)`\n"
    r"\s*After:  (?:nothing|`(?P<shown>[^\n]*?)`(?: over `(?P<over>[^\n`]*)`)?)(?:\n|\s*$)"
)
_CASE = re.compile(r"^=== (?P<tag>\w+): (?P<title>[^(\n]*?)(?: \((?P<words>[^)\n]*)\))?\n", re.M)
_SHOWN = re.compile(r"^--- (?:nothing|shown(?: over `(?P<over>[^\n]*)`)?)\n?", re.M)

KEEP = "keep"
"""The tag of a case whose draft must come through as it is."""


@dataclass(frozen=True)
class Case:
    """`shown` is None where nothing may be shown; `tag` names the filter that must act, or KEEP."""

    tag: str
    title: str
    place: CursorContext
    draft: Draft
    shown: str | None
    covers: int

    def __str__(self) -> str:
        return f"{self.place.language_id}-{self.tag}-{self.title}"


def examples(docstring: str) -> list[Case]:
    """The Before/After pairs of a filter's docstring."""
    return [
        _case(
            tag="",
            title=f"example {number}",
            words=match["words"] or "",
            marked=match["marked"],
            draft=match["draft"],
            shown=match["shown"],
            over=match["over"] or "",
        )
        for number, match in enumerate(_EXAMPLE.finditer(docstring))
    ]


def golden(path: Path) -> list[Case]:
    """The cases of a golden file, whose stem is the language id."""
    pieces = list(_CASE.finditer(text := path.read_text(encoding="utf-8")))
    ends = [piece.start() for piece in pieces[1:]] + [len(text)]
    return [
        _golden_case(piece, text[piece.end() : end], path.stem)
        for piece, end in zip(pieces, ends, strict=True)
    ]


def _golden_case(head: re.Match[str], body: str, language_id: str) -> Case:
    marked, rest = body.split("\n--- draft\n")
    outcome = _SHOWN.search(rest)
    assert outcome is not None, f"no outcome: {head.group()}"
    shown = rest[outcome.end() :].rstrip("\n")
    return _case(
        tag=head["tag"],
        title=head["title"],
        words=f"{language_id}, {head['words'] or ''}",
        marked=marked,
        draft=rest[: outcome.start()].rstrip("\n"),
        shown=None if "nothing" in outcome.group() else shown,
        over=outcome["over"] or "",
    )


def _case(
    *, tag: str, title: str, words: str, marked: str, draft: str, shown: str | None, over: str
) -> Case:
    language, kind, finish, line_end = "python", CompletionKind.BLOCK, FinishReason.STOP, "\n"
    for word in filter(None, (word.strip() for word in words.split(","))):
        if word in {each.value for each in CompletionKind}:
            kind = CompletionKind(word)
        elif word in {each.value for each in FinishReason}:
            finish = FinishReason(word)
        elif word == "crlf":
            line_end = "\r\n"
        else:
            language = word
    assert CURSOR in marked, f"no cursor: {title}"
    return Case(
        tag=tag,
        title=title,
        place=CursorContext.from_marked(marked.translate(_SIGNS).replace("\n", line_end), language),
        draft=Draft(text=draft.translate(_SIGNS), kind=kind, finish=finish),
        shown=None if shown is None else shown.translate(_SIGNS).replace("\n", line_end),
        covers=len(over),
    )
