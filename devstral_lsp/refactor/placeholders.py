r"""Placeholders: comments or dots that stand for code which the model left out.

`# ... rest unchanged` is replaced by the lines of the original that the lines around it identify,
and is an error where they do not: no placeholder gets through. One that the original has too is the
author's. Line ends are "\n".
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate

from devstral_lsp.languages import Language, get_language
from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.syntax.tree import LexicalContext, Syntax

_THING = (
    r"(?:code|file|files?|function|method|methods|functions|class|classes|module|implementation"
    r"|body|logic|contents?|definitions?|lines?|parts?|stuff|script|document|block|section|imports?"
    r"|cases|fields|members|properties|tests|statements|branches|struct|impl|program)"
)
_SAME = (
    r"(?:unchanged|unmodified|untouched|as before|as is|as-is|the same|same as (?:before|above"
    r"|original|the original)|same|omitted|elided|not shown|stays?(?: the same| unchanged)?"
    r"|remains?(?: the same| unchanged| as is)?|no changes?(?: here| needed)?|for brevity|here"
    r"|goes here|continues?(?: here| below)?|below|above|etc)"
)
_WHICH = (
    r"(?:rest|remainder|remaining|existing|previous|original|other|same|unchanged|unmodified|more)"
)
_STRICT = re.compile(
    rf"(?:keep |and |with )*(?:the |all |your |of |other )*{_WHICH} (?:\w+ ){{0,3}}?{_THING}"
    rf"(?: (?:of|in|from) (?:the |your |this )?(?:\w+ ){{0,2}}{_THING})?"
    rf"(?: (?:is |are |was )?{_SAME}){{0,3}}"
    rf"|(?:the |and )*(?:rest|remainder)"
    rf"(?: of (?:it|(?:the |your |this )?(?:\w+ ){{0,2}}{_THING}))?"
    rf"(?: (?:is |are )?{_SAME}){{0,3}}"
    rf"|(?:all |the |your )*(?:{_THING} )?(?:is |are )?(?:unchanged|unmodified|same as before"
    rf"|same as above|same as original|omitted|omitted for brevity|remains? (?:the same|unchanged)"
    rf"|as before|no changes?(?: here| needed)?)"
    rf"|(?:{_THING} )?(?:remains?|stays?) (?:the same|unchanged|as is)"
    rf"|(?:add |put |insert )?your {_THING}(?: goes)?(?: here)?|{_THING} (?:goes )?here"
    rf"|(?:end|start) of (?:file|code|snippet)",
    re.IGNORECASE,
)
_LOOSE = re.compile(rf"\b(?:{_WHICH}|{_THING}|{_SAME})\b", re.IGNORECASE)
_DOTS = r"(?:\.{3,}+|…)"
MAX_COMMENT = 160
"""Code points of a comment that only stands for code."""
MAX_DISTANCE = 300
"""Lines from a placeholder that are read to find its place."""
_LETTER = re.compile(r"\w")
_LONE_DOTS = re.compile(rf"[\[({{]?\s*{_DOTS}\s*[\])}}]?[,;]?")
_BLOCK_COMMENTS = (("/*", "*/"), ("<!--", "-->"))
_TOP, _BOTTOM = "\0top", "\0bottom"
"""Stand for the start and the end of either text."""
_INLINE = re.compile(rf"\{{\s*+(?:{_DOTS}|/\*(?=[^*\n]*{_DOTS})[^*\n]*+\*/)\s*+\}}")


def expand_placeholders(code: str, original: str, language: str) -> str:
    """`code` with the lines that its placeholders stand for; itself where it has none.

    Raises UnusableReply where the lines around one do not identify them.
    """
    found = find_placeholders(code, original, language)
    if not found:
        return code
    lines, old = code.split("\n"), _OriginalLines(original)
    filled: list[str] = []
    for number, line in enumerate(lines):
        filled += _replaced(lines, number, found, old) if number in found else [line]
    result = "\n".join(filled)
    if find_placeholders(result, original, language):
        raise _refusal()
    return result


def find_placeholders(code: str, original: str, language: str) -> frozenset[int]:
    """The lines of `code` (from 0) that stand for others."""
    kind = get_language(language)
    lines = code.split("\n")
    left = Counter(line.strip() for line in original.split("\n"))
    known = frozenset(left)
    found = set()
    syntax: Callable[[], Syntax | None] = cache(lambda: Syntax.of(code, language))
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    for number, (line, start) in enumerate(zip(lines, starts, strict=False)):
        text = line.strip()
        if not _may_be_one(text, kind):
            continue
        left[text] -= 1
        if left[text] >= 0:
            continue
        tree, at = syntax(), start + len(indent_of(line))
        is_quoted = tree is not None and tree.inside(at) is LexicalContext.STRING
        if _is_one(lines, number, known, kind, is_quoted):
            found.add(number)
    return frozenset(found)


def _may_be_one(text: str, kind: Language) -> bool:
    if _LONE_DOTS.fullmatch(text) or _INLINE.search(text) or _stub_header(text, kind):
        return True
    comment = _comment_of(text, kind)
    return comment is not None and _stands_for_code(comment)


def _is_one(
    lines: Sequence[str], number: int, old: frozenset[str], kind: Language, is_quoted: bool
) -> bool:
    text = lines[number].strip()
    if is_quoted:
        above = lines[number - 1].strip() if number else ""
        return not above.startswith((">>>", "...")) and _LONE_DOTS.fullmatch(text) is not None
    if header := _stub_header(text, kind):
        return header in old
    if _LONE_DOTS.fullmatch(text) and kind.stub_starts:
        return not _is_new_stub(lines, number, old)
    return True


def _stub_header(text: str, kind: Language) -> str:
    """`def f():` of `def f(): ...`, "" for any other line."""
    if not text.startswith(kind.stub_starts):
        return ""
    header, dots, rest = text.rpartition("...")
    return header.rstrip() if dots and not rest.strip() and header.rstrip().endswith(":") else ""


def _is_new_stub(lines: Sequence[str], number: int, old: frozenset[str]) -> bool:
    """Whether Python's `...` is the whole body of something that the original does not have."""
    above = next((lines[at] for at in range(number - 1, -1, -1) if lines[at].strip()), "")
    if not above.rstrip().endswith((":", '"""')):
        return False
    below = next((lines[at] for at in range(number + 1, len(lines)) if lines[at].strip()), "")
    is_whole = len(indent_of(below)) < len(indent_of(lines[number]))
    return is_whole and above.strip() not in old


def _comment_of(text: str, kind: Language) -> str | None:
    """The words of the comment that ends a line; None where there is none."""
    bare = text.rstrip("}").rstrip()  # JSX has comments in braces
    for opener, closer in _BLOCK_COMMENTS:
        if bare.endswith(closer) and opener in bare:
            return bare.rpartition(opener)[2].removesuffix(closer).strip()
    is_known = kind.line_comment or kind.block_comment
    for marker in filter(None, (kind.line_comment,) if is_known else ("#", "//", "--")):
        _, found, words = f" {text}".rpartition(f" {marker}")
        if found:
            words = text.removeprefix(marker) if text.startswith(marker) else words
            return words.lstrip(marker[0] + "!*").strip()
    return None


def _stands_for_code(comment: str) -> bool:
    """Whether a comment's words do nothing but stand for code."""
    if len(comment) > MAX_COMMENT:
        return False
    words = comment.strip(" \t.…-=*[](){}<>:,;!#/")
    dotted = re.match(rf"[\s\[(<-]*{_DOTS}", comment) or re.search(
        rf"(?<!\.){_DOTS}[\s\])>-]*+$", comment
    )
    if not words:
        return dotted is not None
    words = re.sub(r"[\s,.;:()_-]+", " ", words).strip()
    if _STRICT.fullmatch(words):
        return True
    return dotted is not None and _LOOSE.search(words) is not None and len(words.split()) <= 12


def _replaced(
    lines: Sequence[str], number: int, found: frozenset[int], original: _OriginalLines
) -> list[str]:
    """The original's lines that the placeholder in this line stands for."""
    text, old = lines[number].strip(), original.lines
    is_alone = text.startswith(("#", "//", "/*", "<!--", "--", "{/*"))
    start = original.place(_run(lines, number, found, -1), -1)
    end = original.place(_run(lines, number, found, 1), 1)
    if not (is_alone or _LONE_DOTS.fullmatch(text)) or start is None or end is None or start > end:
        raise _refusal()
    if number and not lines[number - 1].strip():
        start = next((at for at in range(start, end) if old[at].strip()), end)
    if not "".join(lines[number + 1 : number + 2]).strip():
        end = next((at + 1 for at in range(end - 1, start - 1, -1) if old[at].strip()), start)
    return old[start:end]


def _run(lines: Sequence[str], number: int, found: frozenset[int], step: int) -> list[str]:
    """The lines from a placeholder, away from it, up to the next one; blank lines left out."""
    run = []
    at = number + step
    while 0 <= at < len(lines) and at not in found:
        if lines[at].strip():
            run.append(lines[at].strip())
        at += step
    return run if at in found else [*run, _TOP if step < 0 else _BOTTOM]


class _OriginalLines:
    """The original's lines, and where each of them stands."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        filled = [(at, line.strip()) for at, line in enumerate(self.lines) if line.strip()]
        self._filled = [(-1, _TOP), *filled, (len(self.lines), _BOTTOM)]
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, (_, line) in enumerate(self._filled):
            self._numbers[line].append(number)

    def place(self, run: Sequence[str], step: int) -> int | None:
        """Where the lines of a placeholder begin (`step` -1) or end (1); None if not certain.

        Reads as much of `run` as it takes to find a single place, with a line that has words.
        """
        places = self._numbers.get(run[0], []) if run else []
        has_words = False
        for reach, line in enumerate(run[:MAX_DISTANCE]):
            places = [at for at in places if self._is_at(at + step * reach, line)]
            has_words = has_words or line in (_TOP, _BOTTOM) or len(_LETTER.findall(line)) >= 2
            if not places:
                return None
            if len(places) == 1 and has_words:
                at = self._filled[places[0]][0]
                return at + 1 if step < 0 else at
        return None

    def _is_at(self, number: int, line: str) -> bool:
        return 0 <= number < len(self._filled) and self._filled[number][1] == line


def _refusal() -> UnusableReply:
    return UnusableReply(
        "The reply leaves code out (a comment or dots stand for it), and does not show for which "
        "lines. It has to be given in full."
    )
