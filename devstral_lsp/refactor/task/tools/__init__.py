"""The tools of a task. A new one is a function and a line in `reading.py` or `editing.py`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devstral_lsp.refactor.task.tools.base import Tool
from devstral_lsp.refactor.task.tools.editing import EDITING_TOOLS
from devstral_lsp.refactor.task.tools.reading import READING_TOOLS

TOOLS: Mapping[str, Tool] = MappingProxyType(
    {tool.name: tool for tool in (*READING_TOOLS, *EDITING_TOOLS)}
)
"""All tools by name."""
