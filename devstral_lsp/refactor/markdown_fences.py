r"""Markdown fences in a reply: the code between them, and which of several blocks is meant.

Line ends are "\n".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from devstral_lsp.languages import get_language, grammar_of
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.syntax.outline import outline

_FENCE = re.compile(
    r"^(?:[ \t]*+(?=`)| {0,3}(?=~))(?P<ticks>`{3,}+|~{3,4}+(?!~))[ \t]*+(?P<info>[^`\n]*+)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class _CodeBlock:
    """The text between two fences, and the first word after the opening one."""

    info: str
    text: str


def _info(fence: re.Match[str]) -> str:
    return fence["info"].rstrip(" \t")


def _names_markdown(fence: re.Match[str]) -> bool:
    return get_language(_info(fence)).has_fences


def has_fence(text: str) -> bool:
    """Whether any line of `text` is a fence."""
    return _FENCE.search(text) is not None


def is_wrapped(text: str, original: str, language: str) -> bool:
    """Whether a document with fences of its own is given within one more, which says so."""
    first = _FENCE.search(text)
    return (
        get_language(language).has_fences
        and first is not None
        and _names_markdown(first)
        and first[0] not in original.split("\n")
    )


def unwrap_fence(text: str, original: str, language: str = "") -> str:
    """`text` without the fence around all of it; itself where there is none.

    Raises UnusableReply where the fence is not closed.
    """
    lines = text.strip().split("\n")
    opening, closing = _FENCE.fullmatch(lines[0]), _FENCE.fullmatch(lines[-1])
    if opening is None or _FENCE.match(original.lstrip("\n")):
        return text
    is_closed = len(lines) > 1 and closing is not None and not _info(closing)
    if get_language(language).has_fences and not (is_closed and _names_markdown(opening)):
        return text
    if not is_closed:
        raise _unclosed()
    return "\n".join(lines[1:-1])


def extract_code_block(text: str, original: str, language: str) -> str:
    """The code in a reply that has fences.

    Raises UnusableReply where no block or several may be the answer.
    """
    blocks = _likely_blocks(_blocks(text, original, language), original, language)
    if len(blocks) != 1:
        raise UnusableReply(
            "The reply holds several blocks of code, and does not say which one is meant."
        )
    return blocks.pop()


def _unclosed() -> UnusableReply:
    return UnusableReply("The reply stops before the end of its code block.")


def _blocks(text: str, original: str, language: str) -> list[_CodeBlock]:
    if get_language(language).has_fences:
        first = _FENCE.search(text)
        is_wrapped = first is not None and _names_markdown(first)
        return [_widest(text)] if is_wrapped else [_CodeBlock("", text)]
    if has_fence(original):
        return [_widest(text)]
    blocks: list[_CodeBlock] = []
    for block in _outermost(text):
        is_prose = get_language(block.info).has_fences and has_fence(block.text)
        blocks += _outermost(block.text) if is_prose else [block]
    return blocks


def _widest(text: str) -> _CodeBlock:
    """From the first fence to the last: those between belong to the code."""
    fences = list(_FENCE.finditer(text))
    if len(fences) < 2 or _info(fences[-1]):
        raise _unclosed()
    return _CodeBlock(_info(fences[0]), _between(text, fences[0], fences[-1]))


def _outermost(text: str) -> Iterator[_CodeBlock]:
    """The outermost blocks: a fence with a language inside one opens a further one."""
    open_: list[re.Match[str]] = []
    for fence in _FENCE.finditer(text):
        if not open_ or (_info(fence) and _is_as_long(fence, open_[-1])):
            open_.append(fence)
        elif not _info(fence) and _is_as_long(fence, open_[-1]):
            opening = open_.pop()
            if not open_:
                info = _info(opening).partition(" ")[0]
                yield _CodeBlock(info, _between(text, opening, fence))
    if open_:
        raise _unclosed()


def _between(text: str, opening: re.Match[str], closing: re.Match[str]) -> str:
    return text[opening.end() + 1 : closing.start()].removesuffix("\n")


def _is_as_long(fence: re.Match[str], opening: re.Match[str]) -> bool:
    ticks, opened = fence["ticks"], opening["ticks"]
    return ticks[0] == opened[0] and len(ticks) >= len(opened)


def _likely_blocks(blocks: list[_CodeBlock], original: str, language: str) -> list[str]:
    """The distinct blocks that may be the answer, fewer with each rule that leaves any."""
    texts = [block.text for block in blocks if _may_be_in(language, block.info)]
    if blocks and not texts:
        raise UnusableReply("The reply is in another programming language.")
    names = {each.name for each in outline(original, language)}
    for rule in (
        lambda text: text.strip() != original.strip(),
        lambda text: bool(names) and names <= {each.name for each in outline(text, language)},
    ):
        fewer = [text for text in texts if rule(text)] if len(texts) > 1 else []
        texts = fewer or texts
    return list({text.strip(): text for text in texts}.values())


def _may_be_in(language: str, info: str) -> bool:
    """Whether a block with this `info` is in the document's language, or does not say so."""
    if grammar_of(info) is None or grammar_of(language) is None:
        return True
    theirs, ours = get_language(info), get_language(language)
    return theirs is ours or theirs.name in ours.confused_with or ours.name in theirs.confused_with
