"""Comments that stand for code which the model did not care to repeat.

`# ... rest unchanged` is filled in from the original where the lines around it say which lines it
stands for, and is an error otherwise: it never comes through. What looks like one and stands in
the original is the author's. Works on lines with "\\n"; knows no document.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate

from devstral_lsp.languages import Language, get_language
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.indentation import indent_of
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
_LONGEST = 160
"""Code points of a comment that only stands for code."""
_LETTER = re.compile(r"\w")
_LONE_DOTS = re.compile(rf"[\[({{]?\s*{_DOTS}\s*[\])}}]?[,;]?")
_INLINE = re.compile(rf"\{{\s*+(?:{_DOTS}|/\*(?=[^*\n]*{_DOTS})[^*\n]*+\*/)\s*+\}}")


def expand_placeholders(code: str, original: str, language: str) -> str:
    """`code` with what its elisions stand for; itself where it has none.

    Raises UnusableReply where the lines around one do not say what it stands for.
    """
    found = find_placeholders(code, original, language)
    if not found:
        return code
    lines, old = code.split("\n"), _Original(original)
    filled: list[str] = []
    for number, line in enumerate(lines):
        filled += _stretch(lines, number, found, old) if number in found else [line]
    result = "\n".join(filled)
    if find_placeholders(result, original, language):
        raise _refusal()
    return result


def find_placeholders(code: str, original: str, language: str) -> frozenset[int]:
    """The lines of `code` (from 0) that stand for others."""
    kind = get_language(language)
    lines, old = code.split("\n"), original.split("\n")
    own = Counter(line.strip() for line in old)
    known = frozenset(own)
    found = set()
    syntax: Callable[[], Syntax | None] = cache(lambda: Syntax.of(code, language))
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    for number, (line, begins) in enumerate(zip(lines, starts, strict=False)):
        text = line.strip()
        if not _may_be_one(text, kind):
            continue
        own[text] -= 1
        if own[text] >= 0:
            continue
        in_string = _in_string(syntax(), begins + len(indent_of(line)))
        if _is_one(lines, number, known, kind, in_string):
            found.add(number)
    return frozenset(found)


def _may_be_one(text: str, kind: Language) -> bool:
    if _LONE_DOTS.fullmatch(text) or _INLINE.search(text) or _stub_header(text, kind):
        return True
    comment = _comment_of(text, kind)
    return comment is not None and _speaks_of_rest(comment)


def _is_one(
    lines: Sequence[str], number: int, old: frozenset[str], kind: Language, in_string: bool
) -> bool:
    text = lines[number].strip()
    if in_string:
        above = lines[number - 1].strip() if number else ""
        return not above.startswith((">>>", "...")) and _LONE_DOTS.fullmatch(text) is not None
    header = _stub_header(text, kind)
    if header:
        return header in old
    if _LONE_DOTS.fullmatch(text) and kind.stub_starts:
        return not _is_new_stub(lines, number, old)
    return True


def _in_string(syntax: Syntax | None, offset: int) -> bool:
    return syntax is not None and syntax.inside(offset) is LexicalContext.STRING


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
    for marker in _markers(kind):
        _, found, words = f" {text}".rpartition(f" {marker}")
        if text.startswith(marker):
            words = text.removeprefix(marker)
        if found:
            return words.lstrip(marker[0] + "!*").strip()
    return None


_BLOCK_COMMENTS = (("/*", "*/"), ("<!--", "-->"))


def _markers(kind: Language) -> tuple[str, ...]:
    """What begins a comment to the end of the line; in a language that is not known, anything."""
    if kind.line_comment or kind.block_comment:
        return (kind.line_comment,) if kind.line_comment else ()
    return ("#", "//", "--")


def _speaks_of_rest(comment: str) -> bool:
    """Whether a comment's words do nothing but stand for code."""
    if len(comment) > _LONGEST:
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


def _stretch(
    lines: Sequence[str], number: int, found: frozenset[int], original: _Original
) -> list[str]:
    """The original's lines that the elision in this line stands for."""
    if not _stands_alone(lines[number]):
        raise _refusal()
    old = original.lines
    start = original.place(_run(lines, number, found, -1), -1)
    end = original.place(_run(lines, number, found, 1), 1)
    if start is None or end is None or start > end:
        raise _refusal()
    if number and not lines[number - 1].strip():
        start = next((at for at in range(start, end) if old[at].strip()), end)
    if not "".join(lines[number + 1 : number + 2]).strip():
        end = next((at + 1 for at in range(end - 1, start - 1, -1) if old[at].strip()), start)
    return list(old[start:end])


def _stands_alone(line: str) -> bool:
    text = line.strip()
    return bool(_LONE_DOTS.fullmatch(text)) or text.startswith(
        ("#", "//", "/*", "<!--", "--", "{/*")
    )


_TOP, _BOTTOM = "\0top", "\0bottom"
"""Stand for the start and the end of either text."""


def _run(lines: Sequence[str], number: int, found: frozenset[int], step: int) -> list[str]:
    """The lines from an elision on, away from it, up to the next one; blank lines left out."""
    run = []
    at = number + step
    while 0 <= at < len(lines) and at not in found:
        if lines[at].strip():
            run.append(lines[at].strip())
        at += step
    return run if at in found else [*run, _TOP if step < 0 else _BOTTOM]


_FARTHEST = 300
"""Lines from an elision that are read to find its place."""


class _Original:
    """The original's lines, and where each of them stands."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        told = [(at, line.strip()) for at, line in enumerate(self.lines) if line.strip()]
        self._told = [(-1, _TOP), *told, (len(self.lines), _BOTTOM)]
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, (_, line) in enumerate(self._told):
            self._numbers[line].append(number)

    def place(self, run: Sequence[str], step: int) -> int | None:
        """Where the stretch begins (`step` -1) or ends (1); None if that is not sure.

        As many lines as it takes to find one place only; at least one that says something.
        """
        places = self._numbers.get(run[0], []) if run else []
        says = False
        for reach, line in enumerate(run[:_FARTHEST]):
            places = [at for at in places if self._is(at + step * reach, line)]
            says = says or line in (_TOP, _BOTTOM) or len(_LETTER.findall(line)) >= 2
            if not places:
                return None
            if len(places) == 1 and says:
                at = self._told[places[0]][0]
                return at + 1 if step < 0 else at
        return None

    def _is(self, number: int, line: str) -> bool:
        return 0 <= number < len(self._told) and self._told[number][1] == line


def _refusal() -> UnusableReply:
    return UnusableReply(
        "The reply leaves code out (a comment or dots stand for it), and does not show for which "
        "lines. It has to be given in full."
    )
