"""Searches the workspace for lines that match an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from devstral_lsp.refactor.task.overlay import ToolError
from devstral_lsp.refactor.task.tools.base import (
    Arguments,
    Tool,
    ToolContext,
    str_argument,
    truncate_result,
)

MOST_HITS = 100
_LONGEST_LINE = 200
"""Code points of a hit that are shown, and of a line that is searched: no expression of a model
may take its time over a line of a megabyte."""
_LONGEST_PATTERN = 200


def _run(desk: ToolContext, arguments: Arguments) -> str:
    pattern = str_argument(arguments, "pattern")
    if not pattern or len(pattern) > _LONGEST_PATTERN:
        raise ToolError(f"The pattern must have 1 to {_LONGEST_PATTERN} characters.")
    hits = list(islice(search(desk, re.escape(pattern)), MOST_HITS + 1))
    if not hits:
        return "No line holds that."
    return truncate_result(
        "\n".join(hits[:MOST_HITS]) + ("\n…" if len(hits) > MOST_HITS else ""),
        "there are more: search for something narrower",
    )


def search(desk: ToolContext, expression: str) -> Iterator[str]:
    """The matching lines of all files, each as `name:line: text`, lines counted from 1."""
    compiled = re.compile(expression)
    for name in desk.overlay.names():
        try:
            string = str(desk.overlay.read(name))
        except ToolError:
            continue
        if compiled.search(string) is None:
            continue
        for number, line in enumerate(re.split(r"\r\n|\r|\n", string), 1):
            if compiled.search(line):
                yield f"{name}:{number}: {line.strip()[:_LONGEST_LINE]}"


SEARCH_FILES = Tool(
    name="search_files",
    description="Find the lines that hold a text, in all files of the workspace.",
    parameters={"pattern": {"type": "string", "description": "The text, as it stands."}},
    required=("pattern",),
    run=_run,
    progress_label="searching",
)
