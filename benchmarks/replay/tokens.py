"""Tokens, estimated, and a provider's prefix cache, simulated.

The estimate is a regular expression that cuts code about where byte-pair tokenizers cut it: about
3.4 characters a token on the replay's Python files. Like a real tokenizer it is local: a character
typed at the end changes the last token only. Mistral's documentation gives the cache: blocks of 64
tokens from the start of the prompt. Its FIM encoding puts the suffix before the prefix
(mistral-common's tokenizer), so that is the order here. When blocks leave the cache is not
documented: the least recently used go first.
"""

from __future__ import annotations

import re
from collections import OrderedDict

BLOCK_TOKENS = 64
"""Mistral's prompt caching counts in blocks of this many tokens."""

CACHE_BLOCKS = 4_096
"""About 262,000 tokens: a session never fills it, so that only the prompt's shape decides."""

_TOKEN = re.compile(
    r"[ \t]*\r?\n[ \t]*"  # a line end goes with the blanks around it
    r"| ?[A-Za-z]{1,5}"
    r"| ?[0-9]{1,3}"
    r"| ?[^\sA-Za-z0-9]{1,2}"
    r"|\s"
)


def tokenize(text: str) -> list[str]:
    """The text in pieces of about one token; joined they are the text."""
    return _TOKEN.findall(text)


def count_tokens(text: str) -> int:
    return len(tokenize(text))


class PrefixCache:
    """Which leading blocks of a prompt were seen before, the least recently used forgotten."""

    def __init__(self, blocks: int = CACHE_BLOCKS) -> None:
        self._capacity = blocks
        self._seen: OrderedDict[int, None] = OrderedDict()

    def serve(self, prefix: str, suffix: str) -> tuple[int, int]:
        """Tokens of the prompt and how many of them came from the cache; remembers the prompt."""
        tokens = tokenize(suffix) + tokenize(prefix)
        chain = _chain(tokens)
        served = 0
        for link in chain:
            if link not in self._seen:
                break
            served += BLOCK_TOKENS
        self._remember(chain)
        return len(tokens), served

    def _remember(self, chain: list[int]) -> None:
        for link in reversed(chain):  # the head of a prompt is the last to be forgotten
            self._seen[link] = None
            self._seen.move_to_end(link)
        while len(self._seen) > self._capacity:
            self._seen.popitem(last=False)


def _chain(tokens: list[str]) -> list[int]:
    """One hash for each whole block, made of the block and all before it."""
    links: list[int] = []
    link = 0
    for start in range(0, len(tokens) - BLOCK_TOKENS + 1, BLOCK_TOKENS):
        link = hash((link, tuple(tokens[start : start + BLOCK_TOKENS])))
        links.append(link)
    return links
