"""Requests, one file per method. Adding one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsprotocol import types

from devstral_lsp.server.dispatch import KeystrokeHandler, RequestHandler
from devstral_lsp.server.requests import completion, inline_completion
from devstral_lsp.server.requests.execute_command import execute_command
from devstral_lsp.server.requests.initialize import initialize
from devstral_lsp.server.requests.shutdown import shutdown

KEYSTROKES: Mapping[str, tuple[KeystrokeHandler, Any]] = {
    types.TEXT_DOCUMENT_INLINE_COMPLETION: (
        inline_completion.inline_completion,
        inline_completion.EMPTY,
    ),
    types.TEXT_DOCUMENT_COMPLETION: (completion.completion, completion.EMPTY),
}
"""Asked while the user types: the handler, and the answer in place of any failure."""

REQUESTS: Mapping[str, RequestHandler] = {
    types.INITIALIZE: initialize,
    types.SHUTDOWN: shutdown,
    types.WORKSPACE_EXECUTE_COMMAND: execute_command,
}
