"""Markdown around code: the fences of chat models, and the prose between them.

Works on text with "\\n". Knows no document beyond the code that was asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devstral_lsp.languages import get_language, grammar_of
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.syntax.outline import outline

_FENCE = re.compile(
    r"^(?:[ \t]*+(?=`)| {0,3}(?=~))(?P<ticks>`{3,}+|~{3,4}+(?!~))[ \t]*+(?P<info>[^`\n]*+)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two fences, and the first word after the opening one."""

    info: str
    text: str


def _info(fence: re.Match[str]) -> str:
    """What stands behind the ticks."""
    return fence["info"].rstrip(" \t")


def _names_markdown(fence: re.Match[str]) -> bool:
    return get_language(_info(fence)).has_fences


def has_fence(text: str) -> bool:
    """Whether any line of `text` is a fence."""
    return _FENCE.search(text) is not None


def unwrap_fence(text: str, original: str, language: str = "") -> str:
    """`text` without the fence around all of it; itself where there is none."""
    lines = text.strip().split("\n")
    opening, closing = _FENCE.fullmatch(lines[0]), _FENCE.fullmatch(lines[-1])
    if opening is None or _starts_with_fence(original):
        return text
    is_closed = len(lines) > 1 and closing is not None and not _info(closing)
    if get_language(language).has_fences and not (is_closed and _names_markdown(opening)):
        return text
    if not is_closed:
        raise UnusableReply("The reply stops before the end of its code block.")
    return "\n".join(lines[1:-1])


def extract_code_block(text: str, original: str, language: str) -> str:
    """The code in a reply that has fences.

    Raises UnusableReply where it is not clear which it is.
    """
    blocks = _wanted(_blocks(text, original, language), original, language)
    if len(blocks) != 1:
        raise UnusableReply(
            "The reply holds several blocks of code, and does not say which one is meant."
        )
    return blocks[0].text


def _starts_with_fence(original: str) -> bool:
    return _FENCE.match(original.lstrip("\n")) is not None


def _blocks(text: str, original: str, language: str) -> list[Block]:
    if get_language(language).has_fences:
        return [_widest(text)] if _opens_markdown(text) else [Block("", text)]
    if has_fence(original):
        return [_widest(text)]
    return [inner for block in _nested(text) for inner in _inside(block)]


def _opens_markdown(text: str) -> bool:
    first = _FENCE.search(text)
    return first is not None and _names_markdown(first)


def _inside(block: Block) -> list[Block]:
    """The blocks in a block of Markdown; the block itself where it is none."""
    is_prose = get_language(block.info).has_fences and has_fence(block.text)
    return list(_nested(block.text)) if is_prose else [block]


def _widest(text: str) -> Block:
    """From the first fence to the last: those between belong to the code."""
    fences = list(_FENCE.finditer(text))
    if len(fences) < 2 or _info(fences[-1]):
        raise UnusableReply("The reply stops before the end of its code block.")
    inner = text[fences[0].end() + 1 : fences[-1].start()]
    return Block(_info(fences[0]), inner.removesuffix("\n"))


def _nested(text: str) -> Iterator[Block]:
    """The outermost blocks: a fence with a language inside one opens a further one."""
    open_: list[re.Match[str]] = []
    for fence in _FENCE.finditer(text):
        if not open_ or (_info(fence) and _is_as_long(fence, open_[-1])):
            open_.append(fence)
        elif not _info(fence) and _is_as_long(fence, open_[-1]):
            opening = open_.pop()
            if not open_:
                inner = text[opening.end() + 1 : fence.start()]
                yield Block(_info(opening).partition(" ")[0], inner.removesuffix("\n"))
    if open_:
        raise UnusableReply("The reply stops before the end of its code block.")


def _is_as_long(fence: re.Match[str], opening: re.Match[str]) -> bool:
    ticks, opened = fence["ticks"], opening["ticks"]
    return ticks[0] == opened[0] and len(ticks) >= len(opened)


def _wanted(blocks: list[Block], original: str, language: str) -> list[Block]:
    """The blocks that may be the answer, fewer by one rule after the other while more than one."""
    ours = [block for block in blocks if _fits(block, language)]
    if not ours and blocks:
        raise UnusableReply("The reply is in another programming language.")
    names = {each.name for each in outline(original, language)}
    for rule in (
        lambda block: block.text.strip() != original.strip(),
        lambda block: bool(names) and names <= {x.name for x in outline(block.text, language)},
    ):
        fewer = [block for block in ours if rule(block)]
        ours = fewer if len(ours) > 1 and fewer else ours
    return _distinct(ours)


def _distinct(blocks: Sequence[Block]) -> list[Block]:
    return list({block.text.strip(): block for block in blocks}.values())


def _fits(block: Block, language: str) -> bool:
    """Whether a block says to be in the document's language, or says nothing of it."""
    if grammar_of(block.info) is None or grammar_of(language) is None:
        return True
    theirs, ours = get_language(block.info), get_language(language)
    return theirs is ours or theirs.name in ours.confused_with or ours.name in theirs.confused_with
