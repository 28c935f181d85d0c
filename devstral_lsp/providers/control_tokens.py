"""Control tokens: what models frame a request with, and at times write into code.

Completions and refactorings each decide what to do about one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CONTROL_TOKEN = re.compile(
    r"(?P<bracketed>\[/?(?:PREFIX|SUFFIX|MIDDLE|INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS"
    r"|TOOL_RESULTS|TOOL_CONTENT|THINK|ARGS|CODE|PYTHON|CALL_ID|CONTROL_\d+)\])"
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
