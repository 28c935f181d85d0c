"""The tokens by which models frame a request, of every family, where they leak into code.

Knows strings only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devstral_lsp.languages import language_of

_BRACKETED = (
    r"\[/?(?:PREFIX|SUFFIX|MIDDLE|INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS"
    r"|TOOL_CONTENT|THINK|ARGS|CALL_ID|CONTROL_\d+)\]"
)
_TOKEN = re.compile(
    rf"(?P<bracketed>{_BRACKETED})"
    r"|(?P<strike>(?<!\w)<s>|</s>)"
    r"|<\|[a-zA-Z][\w/-]{1,40}\|>|<\|/[a-zA-Z_]{2,24}\|>"
    r"|<｜[^｜\n]{2,40}｜>"
    r"|</?(?:fim_(?:prefix|suffix|middle|pad)|file_sep|jupyter_\w+|start_of_turn|end_of_turn)>"
    r"|(?<!\w)<(?:EOT|PRE|SUF|MID|COMPLETION)>(?!.*</PRE>)|<\[fim-(?:prefix|suffix|middle)\]>"
    r"|</?think>|<</?SYS>>|(?<!\w)<(?:unk|bos|eos)>",
    re.DOTALL,
)
_MARKUP = frozenset({"html", "markdown", "javascript", "typescript", "php"})
"""Where `<s>` strikes text through, up to `</s>`."""


def leaks(code: str, original: str, language: str) -> bool:
    """Whether `code` holds a control token that `original`, the document, does not speak of."""
    return next(_leaked(code, original, language), None) is not None


def _leaked(code: str, original: str, language: str) -> Iterator[str]:
    is_markup = language_of(language).name in _MARKUP and "<s>" in code and "</s>" in code
    for match in _TOKEN.finditer(code):
        token = match[0]
        if token in original or (match["strike"] and is_markup):
            continue
        if match["bracketed"] and _is_a_name(token, code, original):
            continue
        yield token


def _is_a_name(token: str, code: str, original: str) -> bool:
    """`[PREFIX]` is a list, or an index, where PREFIX is a name of the code's own."""
    name = token.strip("[]/")
    alone = re.compile(rf"(?<![\[/\w]){re.escape(name)}(?![\]\w])")
    return any(alone.search(text) for text in (original, code))
