"""Tools that read: list, search, read and outline files, find uses of a name, read diagnostics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice

from devstral_lsp.refactor.task.overlay import ToolError
from devstral_lsp.refactor.task.tools.base import (
    PATH,
    Arguments,
    Tool,
    ToolContext,
    int_argument,
    str_argument,
    truncate_result,
)
from devstral_lsp.syntax.outline import Definition, outline

MAX_HITS = 100
"""Lines that a search returns."""
MAX_REFERENCES = 200
"""Lines that use a name."""
MAX_HIT = 200
"""Code points of a line in a result."""
MAX_PATTERN = 200
"""Code points of a search text."""
MAX_LINES = 400
"""Lines of a file that are read at once."""
_NAME = re.compile(r"[^\W\d][\w$]{0,99}")


def _list_files(context: ToolContext, arguments: Arguments) -> str:
    pattern = str_argument(arguments, "pattern", "*") or "*"
    names = [
        name
        for name in context.overlay.names()
        if fnmatchcase(name, pattern)
        or ("/" not in pattern and fnmatchcase(name.rpartition("/")[2], pattern))
    ]
    if not names:
        return "No file has such a name."
    return truncate_result("\n".join(names), "there are more: give a narrower pattern")


def _search_files(context: ToolContext, arguments: Arguments) -> str:
    pattern = str_argument(arguments, "pattern")
    if not pattern or len(pattern) > MAX_PATTERN:
        raise ToolError(f"The pattern must have 1 to {MAX_PATTERN} characters.")
    hits = list(islice(_hits(context, re.escape(pattern)), MAX_HITS + 1))
    if not hits:
        return "No line holds that."
    return truncate_result(
        "\n".join(hits[:MAX_HITS]) + ("\n…" if len(hits) > MAX_HITS else ""),
        "there are more: search for something narrower",
    )


def _find_references(context: ToolContext, arguments: Arguments) -> str:
    name = str_argument(arguments, "name")
    if not _NAME.fullmatch(name):
        raise ToolError("That is not a name: give one identifier, without dots and brackets.")
    expression = rf"(?<![\w$]){re.escape(name)}(?![\w$])"
    hits = list(islice(_hits(context, expression), MAX_REFERENCES))
    return truncate_result("\n".join(hits), "there are more") or "The name is used nowhere."


def _hits(context: ToolContext, expression: str) -> Iterator[str]:
    """The matching lines of all files, each as `name:line: text`, lines counted from 1."""
    compiled = re.compile(expression)
    for name in context.overlay.names():
        try:
            string = str(context.overlay.read(name))
        except ToolError:
            continue
        if compiled.search(string) is None:
            continue
        for number, line in enumerate(re.split(r"\r\n|\r|\n", string), 1):
            if compiled.search(line):
                yield f"{name}:{number}: {line.strip()[:MAX_HIT]}"


def _read_file(context: ToolContext, arguments: Arguments) -> str:
    content = context.overlay.read(str_argument(arguments, "path"))
    first = max(1, int_argument(arguments, "first_line", 1))
    last = int_argument(arguments, "last_line", content.line_count)
    last = min(last, content.line_count, first + MAX_LINES - 1)
    if first > content.line_count:
        raise ToolError(f"The file has {content.line_count} lines.")
    width = len(str(last))
    lines = [f"{number:{width}}│{content.line(number - 1)}" for number in range(first, last + 1)]
    if last < content.line_count:
        lines.append(f"… ({content.line_count} lines in all)")
    return truncate_result("\n".join(lines), "ask for fewer lines")


def _outline_file(context: ToolContext, arguments: Arguments) -> str:
    snapshot = context.overlay.snapshot(str_argument(arguments, "path"))
    found = "\n".join(_outlined(outline(str(snapshot.text), snapshot.language), ""))
    return truncate_result(found, "read the file for the rest") or "Nothing is defined there."


def _outlined(definitions: Sequence[Definition], indent: str) -> Iterator[str]:
    for each in definitions:
        signature = " ".join(each.signature.split())
        yield f"{indent}{each.line + 1}-{each.last_line + 1}: {signature}"
        yield from _outlined(each.members, indent + "  ")


def _read_diagnostics(context: ToolContext, arguments: Arguments) -> str:
    wanted = str_argument(arguments, "path", "")
    lines = []
    for name, found in sorted(context.diagnostics.items()):
        if wanted not in ("", name):
            continue
        try:
            before = context.overlay.read_before(name)
        except ToolError:
            continue
        for each in found:
            line = before.line_of(each.span.start) + 1
            lines.append(f"{name}:{line}: {each.severity.name.lower()}: {each.message}")
    return truncate_result("\n".join(lines), "ask for one file") or "None are known."


READING_TOOLS = (
    Tool(
        name="list_files",
        description="List the files of the workspace, by their names from its folder.",
        parameters={
            "pattern": {
                "type": "string",
                "description": 'Only names like this, for example "*.py" or "src/*". Default: all.',
            }
        },
        required=(),
        run=_list_files,
        progress_label="listing files",
    ),
    Tool(
        name="search_files",
        description="Find the lines that hold a text, in all files of the workspace.",
        parameters={"pattern": {"type": "string", "description": "The text, as it stands."}},
        required=("pattern",),
        run=_search_files,
        progress_label="searching",
    ),
    Tool(
        name="read_file",
        description=(
            f"Read a file, at most {MAX_LINES} lines at a time. Each line begins with its number "
            "and a bar, which are not part of the file."
        ),
        parameters={
            "path": PATH,
            "first_line": {"type": "integer", "description": "Counted from 1. Default: 1."},
            "last_line": {"type": "integer", "description": "Default: as far as possible."},
        },
        required=("path",),
        run=_read_file,
        progress_label="reading",
    ),
    Tool(
        name="outline_file",
        description="List what a file defines, with line numbers and signatures.",
        parameters={"path": PATH},
        required=("path",),
        run=_outline_file,
        progress_label="looking at",
    ),
    Tool(
        name="find_references",
        description=(
            "Find the lines that use a name: its definition, its uses, and what mentions it."
        ),
        parameters={"name": {"type": "string", "description": "One identifier."}},
        required=("name",),
        run=_find_references,
        progress_label="looking for uses",
    ),
    Tool(
        name="read_diagnostics",
        description=(
            "The errors and warnings that the user's editor showed when the task began. They do "
            "not change with your edits."
        ),
        parameters={"path": {"type": "string", "description": "Only of this file. Default: all."}},
        required=(),
        run=_read_diagnostics,
        progress_label="reading diagnostics",
    ),
)
"""In the order in which the request lists them."""
