"""Finds where a name is used."""

from __future__ import annotations

import re
from itertools import islice

from devstral_lsp.refactor.task.overlay import ToolError
from devstral_lsp.refactor.task.tools.base import (
    Arguments,
    Tool,
    ToolContext,
    str_argument,
    truncate_result,
)
from devstral_lsp.refactor.task.tools.search_files import search

MOST_HITS = 200
_NAME = re.compile(r"[^\W\d][\w$]{0,99}")


def _run(desk: ToolContext, arguments: Arguments) -> str:
    name = str_argument(arguments, "name")
    if not _NAME.fullmatch(name):
        raise ToolError("That is not a name: give one identifier, without dots and brackets.")
    hits = list(islice(search(desk, rf"(?<![\w$]){re.escape(name)}(?![\w$])"), MOST_HITS + 1))
    if not hits:
        return "The name is used nowhere."
    return truncate_result("\n".join(hits[:MOST_HITS]), "there are more")


FIND_REFERENCES = Tool(
    name="find_references",
    description="Find the lines that use a name: its definition, its uses, and what mentions it.",
    parameters={"name": {"type": "string", "description": "One identifier."}},
    required=("name",),
    run=_run,
    progress_label="looking for uses",
)
