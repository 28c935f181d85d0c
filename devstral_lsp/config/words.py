"""Words that were written a little differently: in another case, with a hyphen, with a slip.

Pure text, with no knowledge of any setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 60
"""Comparing takes time with the square of the length, and no word of ours is that long."""
_JOINTS = re.compile(r"[\s._-]+")
_ALSO_SAID = {
    "none": "local", "off": "local", "no": "local", "offline": "local", "disabled": "local",
    "false": "local", "localhost": "local", "openai": "openai_compatible", "lm": "lmstudio",
    "llama": "llamacpp", "llamaserver": "llamacpp", "huggingface": "tgi", "gateway":
    "openai_compatible", "custom": "openai_compatible",
}  # fmt: skip
"""What people call some of our words elsewhere."""


def plain(word: str) -> str:
    """`word` without regard to case, blanks, dots and hyphens: "LM-Studio" is "lmstudio"."""
    return _JOINTS.sub("", word).lower()


def same(word: str, known: Iterable[str]) -> str:
    """The one of `known` that `word` is, whatever its case and hyphens; empty if none."""
    wanted = plain(word) if len(word) <= _LONGEST else ""
    return next((each for each in known if wanted and plain(each) == wanted), "")


def near(word: str, known: Iterable[str], alike: float = 0.6) -> str:
    """The one of `known` that is most like `word`, if by a ratio of `alike`; empty if none."""
    if not word or len(word) > _LONGEST:
        return ""
    from difflib import get_close_matches  # not at start-up: most people mistype nothing

    close = get_close_matches(word, list(known), n=1, cutoff=alike)
    return close[0] if close else ""


def meant(word: str, known: Iterable[str]) -> str:
    """The one of `known` that `word` was probably meant as; empty if there is none like it."""
    words = {plain(each): each for each in known}
    wanted = plain(word)
    if (other := _ALSO_SAID.get(wanted, "")) in words.values():
        return other
    return words.get(near(wanted, words), "")
