"""After a keyword, some models omit the space that their tokens begin with."""

from __future__ import annotations

import re
from dataclasses import replace

from devstral_lsp.completion.extent.standing import is_better
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.identifiers import KEYWORDS
from devstral_lsp.completion.types import CursorContext, Draft

_KEYWORD = re.compile(
    r"(?<![\w.$@#-])(?:await|return|import|func|function|const|let|def|class|from|yield|throw|raise"
    r"|export|elif|package|lambda|struct|impl|typeof|async)$"
)
_NEW = re.compile(r"(?<![\w.$@#-])new$")
_WORD = re.compile(r"(?<![\w.$@#-])[a-z]++$")
_NAME = re.compile(r"[a-z_]\w*|[A-Z]\w*(?=\()")
_CONSTRUCTED = re.compile(r"[A-Z]\w*[(<\[.]")
_ENDINGS = frozenset(
    [
        "ed",
        "s",
        "er",
        "ers",
        "ing",
        "able",
        "ant",
        "ance",
        "ault",
        "ter",
        "ally",
        "ity",
        "name",
        "ize",
        "ify",
        "d",
        "ly",
        "less",
        "al",
        "ion",
        "ions",
        "ed_at",
        "ant_factory",
        "inel",
        "ary",
        "es",
        "ified",
        "late",
        "ic",
    ]
)
"""Suffixes that turn a keyword into another word."""


def add_missing_blank(draft: Draft, place: CursorContext) -> Draft | None:
    """Insert a space between a keyword before the cursor and a name at the draft's start.

    Where both together are a name of the document, or an English word, that is meant.

    Before (javascript): `  await│` + `fetch(url);`
    After:  `␣fetch(url);`

    Before (javascript): `const importantOnes = 1;⏎import│` + `antOnes()`
    After:  `antOnes()`
    """
    line = place.line_before[-200:]
    keyword, name = _KEYWORD.search(line), _NAME.match(draft.text)
    if keyword is None:
        keyword, name = _NEW.search(line), _CONSTRUCTED.match(draft.text)
    if keyword is None or name is None or name.group() in _ENDINGS:
        return _where_it_parses(draft, place)
    if brackets.aside_at_cursor(place) or place.language.name in ("markdown", "plain"):
        return draft
    word = re.escape(keyword.group()) + re.escape(name.group().rstrip("(<[."))
    known = re.compile(rf"\b{word}")
    if known.search(reading.before(place)) or known.search(reading.after(place)):
        return draft
    return reading.rewrite(draft, " " + draft.text)


def _where_it_parses(draft: Draft, place: CursorContext) -> Draft:
    """The draft with a space after any keyword, if more parses so: `for x in│` + `range(3):`."""
    word = _WORD.search(place.line_before[-200:])
    if word is None or word.group() not in KEYWORDS or not draft.text[:1].isalnum():
        return draft
    spaced = replace(draft, text=" " + draft.text)
    return spaced if is_better(spaced, draft, place) else draft
