"""The shapes of what models let slip into code: tokens of their frame, marks of conflicts.

Only how such things look. What to do about one, and whether the user's own code speaks of it, is
for completions and for refactorings to decide, each in their own way.
"""

from __future__ import annotations

import re

CONTROL_TOKEN = re.compile(
    r"(?P<bracketed>\[/?(?:PREFIX|SUFFIX|MIDDLE|INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS"
    r"|TOOL_RESULTS|TOOL_CONTENT|THINK|ARGS|CALL_ID|CONTROL_\d+)\])"
    r"|(?P<strike>(?<!\w)<s>|</s>)"
    r"|<\|[a-zA-Z][\w/-]{1,40}\|>|<\|/[a-zA-Z_]{2,24}\|>"
    r"|<｜[^｜\n]{2,40}｜>"
    r"|</?(?:fim_(?:prefix|suffix|middle|pad)|file_sep|jupyter_\w+|start_of_turn|end_of_turn)>"
    r"|(?<!\w)<(?:EOT|PRE|SUF|MID|COMPLETION)>(?!.*</PRE>)|<\[fim-(?:prefix|suffix|middle)\]>"
    r"|</?think>|<</?SYS>>|(?<!\w)<(?:unk|bos|eos)>",
    re.DOTALL,
)
"""The tokens by which models of every family frame a request, as they write them out.

`bracketed` are those of Mistral, which could be a list or an index; `strike` those that are tags.
"""

STRIKING = frozenset({"html", "markdown", "javascript", "typescript", "php"})
"""Languages, by name, in which `<s>` strikes text through."""

CONFLICT_MARKER = re.compile(r"^(?:<{7} .*|\|{7}(?: .*)?|>{7}(?: .*)?|={7})$", re.MULTILINE)
"""A line that git leaves where a merge was not resolved. Seven `=` may underline a heading."""
