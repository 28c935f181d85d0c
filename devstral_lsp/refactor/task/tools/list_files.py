"""Lists the files of the workspace."""

from __future__ import annotations

from fnmatch import fnmatchcase

from devstral_lsp.refactor.task.tools.base import (
    Arguments,
    Tool,
    ToolContext,
    str_argument,
    truncate_result,
)


def _run(desk: ToolContext, arguments: Arguments) -> str:
    pattern = str_argument(arguments, "pattern", "*") or "*"
    names = [name for name in desk.overlay.names() if _matches(name, pattern)]
    if not names:
        return "No file has such a name."
    return truncate_result("\n".join(names), "there are more: give a narrower pattern")


def _matches(name: str, pattern: str) -> bool:
    """By the whole name, or by the last part where the pattern has no folder."""
    return fnmatchcase(name, pattern) or (
        "/" not in pattern and fnmatchcase(name.rsplit("/", 1)[-1], pattern)
    )


LIST_FILES = Tool(
    name="list_files",
    description="List the files of the workspace, by their names from its folder.",
    parameters={
        "pattern": {
            "type": "string",
            "description": 'Only names like this, for example "*.py" or "src/*". Default: all.',
        }
    },
    required=(),
    run=_run,
    progress_label="listing files",
)
