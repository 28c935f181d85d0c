"""The registry of a task's tools. Adding one is a file in this folder and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devstral_lsp.refactor.task.tools.base import Tool
from devstral_lsp.refactor.task.tools.create_file import CREATE_FILE
from devstral_lsp.refactor.task.tools.delete_file import DELETE_FILE
from devstral_lsp.refactor.task.tools.edit_file import EDIT_FILE
from devstral_lsp.refactor.task.tools.find_references import FIND_REFERENCES
from devstral_lsp.refactor.task.tools.list_files import LIST_FILES
from devstral_lsp.refactor.task.tools.outline_file import OUTLINE_FILE
from devstral_lsp.refactor.task.tools.read_diagnostics import READ_DIAGNOSTICS
from devstral_lsp.refactor.task.tools.read_file import READ_FILE
from devstral_lsp.refactor.task.tools.rename_file import RENAME_FILE
from devstral_lsp.refactor.task.tools.search_files import SEARCH_FILES

TOOLS: Mapping[str, Tool] = MappingProxyType(
    {
        tool.name: tool
        for tool in (
            LIST_FILES,
            SEARCH_FILES,
            READ_FILE,
            OUTLINE_FILE,
            FIND_REFERENCES,
            READ_DIAGNOSTICS,
            EDIT_FILE,
            CREATE_FILE,
            RENAME_FILE,
            DELETE_FILE,
        )
    }
)
"""Every tool, by the name that the model calls it by."""
