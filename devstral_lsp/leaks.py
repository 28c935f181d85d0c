"""The shapes of what models let slip into code: tokens of their frame, keys, marks of conflicts.

Only how such things look. What to do about one, and whether the user's own code speaks of it, is
for completions and for refactorings to decide, each in their own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CONTROL_TOKEN = re.compile(
    r"(?P<bracketed>\[/?(?:PREFIX|SUFFIX|MIDDLE|INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS"
    r"|TOOL_RESULTS|TOOL_CONTENT|THINK|ARGS|CALL_ID|CONTROL_\d+)\])"
    r"|(?P<strike>(?<!\w)<s>|</s>)"
    r"|<\|[a-zA-Z][\w/-]{1,40}\|>|<\|/[a-zA-Z_]{2,24}\|>"
    r"|<｜[^｜\n]{2,40}｜>"
    r"|</?(?:fim_(?:prefix|suffix|middle|pad)|file_sep|jupyter_\w+|start_of_turn|end_of_turn)>"
    r"|(?P<plain>(?<!\w)<(?:EOT|PRE|SUF|MID|COMPLETION)>)|<\[fim-(?:prefix|suffix|middle)\]>"
    r"|</?think>|<</?SYS>>|(?<!\w)<(?:unk|bos|eos)>"
)
_CLOSING_TAG = "</PRE>"


def control_tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens by which models of every family frame a request, as they write them out.

    Their groups: `bracketed` are those of Mistral, which could be a list or an index; `strike`
    those that are tags. `<PRE>` is HTML's where it is closed.
    """
    closed = text.rfind(_CLOSING_TAG)
    for match in _CONTROL_TOKEN.finditer(text):
        if not match["plain"] or match.end() > closed:
            yield match


STRIKING = frozenset({"html", "markdown", "javascript", "typescript", "php"})
"""Languages, by name, in which `<s>` strikes text through."""

CONFLICT_MARKER = re.compile(r"^(?:<{7} .*|\|{7}(?: .*)?|>{7}(?: .*)?|={7})$", re.MULTILINE)
"""A line that git leaves where a merge was not resolved. Seven `=` may underline a heading."""

KNOWN_SECRET = (
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"|\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{20,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}|\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"
    r"|\bxox[abeoprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}"
    r"|\b(?:hf|npm|dop_v1|shpat)_[A-Za-z0-9]{30,}|\bpypi-[\w-]{40,}"
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}|\beyJ[\w-]{10,400}\.eyJ[\w-]{10,}"
)
"""An expression for keys that tell by their form what they are."""

SECRET_NAME = (
    r"(?i:api[_-]?key|secret|token|passw(?:or)?d|passphrase|private[_-]?key|access[_-]?key"
    r"|auth[_-]?key|credential)[\w-]{0,24}[\"'\]]{0,2}"
)
"""An expression for the names of what is kept secret, up to what assigns it."""

_FILLED_IN = re.compile(r"\$\{|\$\(|\{\w*\}|<[\w -]+>|\(\)|%[({s]")
"""What stands for a value that comes later."""
_FEWEST_KINDS = 8
"""Of characters in a key."""


def is_key(value: str) -> bool:
    """Whether what has the form or the name of a key is one, rather than words or a blank form."""
    if value.startswith("-----BEGIN "):
        return True
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return mixed and len(set(value)) >= _FEWEST_KINDS and not _FILLED_IN.search(value)
