"""Registers the server with jupyter-lsp, by the entry point `jupyter_lsp_spec_v1`.

jupyter-lsp imports this module in the process of JupyterLab, so it imports nothing of the server.
The format is version 2 of its schema for language servers.
"""

from __future__ import annotations

import sys
from typing import Any

NAME = "devstral-lsp"

LANGUAGES = (
    "python",
    "r",
    "julia",
    "javascript",
    "typescript",
    "java",
    "c",
    "cpp",
    "rust",
    "go",
    "ruby",
    "bash",
    "sql",
)
"""Names of languages as kernels and JupyterLab use them."""

_MIME_TYPES = {
    "python": ["text/python", "text/x-python", "text/x-ipython"],
    "r": ["text/x-rsrc"],
    "c": ["text/x-csrc", "text/x-c"],
    "cpp": ["text/x-c++src", "text/x-c++"],
    "bash": ["text/x-sh", "application/x-sh"],
    "javascript": ["text/javascript", "application/javascript"],
    "typescript": ["text/typescript", "application/typescript"],
    "rust": ["text/x-rustsrc", "text/x-rust"],
}
"""MIME types that differ from text/x-LANGUAGE."""


def server_specs(_: Any) -> dict[str, dict[str, Any]]:
    """The specification of the server. The argument, jupyter-lsp's manager, is ignored.

    The server runs in JupyterLab's interpreter, in which it is installed.
    """
    mime_types = [each for name in LANGUAGES for each in _MIME_TYPES.get(name, [f"text/x-{name}"])]
    return {
        NAME: {
            "version": 2,
            "display_name": NAME,
            # -P: JupyterLab runs in the folder of the notebooks, which may hold modules too.
            "argv": [sys.executable, "-P", "-m", "devstral_lsp", "--stdio"],
            "languages": list(LANGUAGES),
            "mime_types": mime_types,
            "requires_documents_on_disk": False,
        }
    }
