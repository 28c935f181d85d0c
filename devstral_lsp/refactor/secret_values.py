"""Keys and passwords that a model recites or makes up, by their shapes.

Knows strings only. What stands in the original already is nobody's business here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log2

_KNOWN = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"|\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{20,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}|\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"
    r"|\bxox[abeoprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}"
    r"|\b(?:hf|npm|dop_v1|shpat)_[A-Za-z0-9]{30,}|\bpypi-[\w-]{40,}"
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}"
)
_NAMED = re.compile(
    r"(?i:api_?-?key|secret|token|passw(?:or)?d|passphrase|private_?-?key|access_?-?key"
    r"|auth_?-?key|credential)[\w-]{0,24}[\"'\]]{0,2}"
    r"[ \t]*(?::=|=>|[:=]|:[ \t]*[&\w]+[ \t]*=|,)[ \t]*"
    r"(?:[\"'`](?P<quoted>[^\"'`\s]{16,})[\"'`]|(?P<bare>[\w+/=-]{20,})[ \t]*$)",
    re.MULTILINE,
)
_TURN, _TURNS = re.compile(r"(?<=[A-Za-z])\d|(?<=\d)[A-Za-z]"), 6
"""From letters to digits and back: a bare word that turns so often is no name."""
_FILLED_IN = re.compile(r"\$\{|\$\(|\{\w*\}|<[\w -]+>|\(\)|%[({s]")
"""What stands for a value that comes later."""
_LOWEST_ENTROPY = 3.0
"""Bits per character of a value that was drawn at random; words and paths have less, or blanks."""


def holds_new_secret(code: str, original: str) -> bool:
    """Whether `code` holds a secret that `original` does not."""
    # Only new lines: an expression holds up every other thread until it is through a whole file.
    known = frozenset(original.split("\n"))
    lines = "\n".join(line for line in code.split("\n") if line not in known)
    return any(value not in original for value in _secrets(lines))


def _secrets(code: str) -> Iterator[str]:
    for match in _KNOWN.finditer(code):
        if "BEGIN" in match[0] or _is_mixed(match[0]):
            yield match[0]
    for match in _NAMED.finditer(code):
        value = match["quoted"] or match["bare"]
        is_drawn = _is_mixed(value) and _entropy(value) >= _LOWEST_ENTROPY
        if is_drawn and (match["quoted"] or len(_TURN.findall(value)) >= _TURNS):
            yield value


def _is_mixed(value: str) -> bool:
    """Letters and digits, varied, and nothing that is filled in later."""
    kinds = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return kinds and len(set(value)) >= 8 and not _FILLED_IN.search(value)


def _entropy(value: str) -> float:
    shares = [value.count(each) / len(value) for each in set(value)]
    return -sum(share * log2(share) for share in shares)
