"""Comments that stand for code which the model did not care to repeat.

`# ... rest unchanged` is filled in from the original where the lines around it say which lines it
stands for, and is an error otherwise: it never comes through. What looks like one and stands in
the original is the author's. Works on lines with "\\n"; knows no document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from devstral_lsp.context.syntax import Inside, Syntax
from devstral_lsp.languages import Language, language_of
from devstral_lsp.refactor.bad_edit import BadEdit
from devstral_lsp.refactor.indentation import indent_of

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
_LONE_DOTS = re.compile(rf"[\[({{]?\s*{_DOTS}\s*[\])}}]?[,;]?")
_INLINE = re.compile(rf"\{{\s*+(?:{_DOTS}|/\*(?=[^*\n]*{_DOTS})[^*\n]*+\*/)\s*+\}}")


def expanded(code: str, original: str, language: str) -> str:
    """`code` with what its elisions stand for; itself where it has none.

    Raises BadEdit where the lines around one do not say what it stands for.
    """
    found = elisions(code, original, language)
    if not found:
        return code
    lines, old = code.split("\n"), original.split("\n")
    filled: list[str] = []
    for number, line in enumerate(lines):
        filled += _stretch(lines, number, found, old) if number in found else [line]
    result = "\n".join(filled)
    if elisions(result, original, language):
        raise _refusal()
    return result


def elisions(code: str, original: str, language: str) -> frozenset[int]:
    """The lines of `code` (from 0) that stand for others."""
    kind = language_of(language)
    lines, old = code.split("\n"), original.split("\n")
    own = Counter(line.strip() for line in old)
    found = set()
    syntax: Syntax | None = None
    for number, line in enumerate(lines):
        text = line.strip()
        if not _may_be_one(text, kind):
            continue
        own[text] -= 1
        if own[text] >= 0:
            continue
        syntax = syntax or Syntax.of(code, language)
        start = sum(len(each) + 1 for each in lines[:number]) + len(indent_of(line))
        if _is_one(lines, number, old, kind, _in_string(syntax, start)):
            found.add(number)
    return frozenset(found)


def _may_be_one(text: str, kind: Language) -> bool:
    if _LONE_DOTS.fullmatch(text) or _INLINE.search(text) or _stub_header(text, kind):
        return True
    comment = _comment_of(text, kind)
    return comment is not None and _speaks_of_rest(comment)


def _is_one(
    lines: Sequence[str], number: int, old: Sequence[str], kind: Language, in_string: bool
) -> bool:
    text = lines[number].strip()
    if in_string:
        above = lines[number - 1].strip() if number else ""
        return not above.startswith((">>>", "...")) and _LONE_DOTS.fullmatch(text) is not None
    header = _stub_header(text, kind)
    if header:
        return any(line.strip() == header for line in old)
    if _LONE_DOTS.fullmatch(text) and kind.name == "python":
        return not _is_new_stub(lines, number, old)
    return True


def _in_string(syntax: Syntax | None, offset: int) -> bool:
    return syntax is not None and syntax.inside(offset) is Inside.STRING


def _stub_header(text: str, kind: Language) -> str:
    """`def f():` of `def f(): ...`, "" for any other line."""
    if kind.name != "python" or not text.startswith(("def ", "class ", "async def ")):
        return ""
    header, dots, rest = text.rpartition("...")
    return header.rstrip() if dots and not rest.strip() and header.rstrip().endswith(":") else ""


def _is_new_stub(lines: Sequence[str], number: int, old: Sequence[str]) -> bool:
    """Whether Python's `...` is the whole body of something that the original does not have."""
    above = next((line for line in reversed(lines[:number]) if line.strip()), "")
    if not above.rstrip().endswith((":", '"""')):
        return False
    below = next((line for line in lines[number + 1 :] if line.strip()), "")
    is_whole = len(indent_of(below)) < len(indent_of(lines[number]))
    return is_whole and all(line.strip() != above.strip() for line in old)


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
    lines: Sequence[str], number: int, found: frozenset[int], old: Sequence[str]
) -> list[str]:
    """The original's lines that the elision in this line stands for."""
    if not _stands_alone(lines[number]):
        raise _refusal()
    start = _place(_run(lines, number, found, -1), old, -1)
    end = _place(_run(lines, number, found, 1), old, 1)
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


def _place(run: Sequence[str], old: Sequence[str], step: int) -> int | None:
    """Where in the original the stretch begins (`step` -1) or ends (1); None if that is not sure.

    As many lines as it takes to find one place only; at least one that says something.
    """
    told = [(at, line.strip()) for at, line in enumerate(old) if line.strip()]
    told = [(-1, _TOP), *told, (len(old), _BOTTOM)]
    places = list(range(len(told)))
    for reach, line in enumerate(run):
        places = [
            at
            for at in places
            if 0 <= at + step * reach < len(told) and told[at + step * reach][1] == line
        ]
        if not places:
            return None
        says = any(
            each in (_TOP, _BOTTOM) or len(re.findall(r"\w", each)) >= 2
            for each in run[: reach + 1]
        )
        if len(places) == 1 and says:
            at = told[places[0]][0]
            return at + 1 if step < 0 else at
    return None


def _refusal() -> BadEdit:
    return BadEdit(
        "The reply leaves code out (a comment or dots stand for it), and does not show for which "
        "lines. It has to be given in full."
    )
