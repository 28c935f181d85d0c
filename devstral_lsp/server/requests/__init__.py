"""Requests, one file per method. Adding one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsprotocol import types

from devstral_lsp.server.dispatch import KeystrokeHandler, RequestHandler
from devstral_lsp.server.requests import (
    code_action,
    code_action_resolve,
    completion,
    hover,
    inline_completion,
)
from devstral_lsp.server.requests.execute_command import execute_command
from devstral_lsp.server.requests.initialize import initialize
from devstral_lsp.server.requests.shutdown import shutdown

KEYSTROKES: Mapping[str, tuple[KeystrokeHandler, Any]] = {
    types.TEXT_DOCUMENT_INLINE_COMPLETION: (
        inline_completion.inline_completion,
        inline_completion.EMPTY,
    ),
    types.TEXT_DOCUMENT_COMPLETION: (completion.completion, completion.EMPTY),
    types.TEXT_DOCUMENT_CODE_ACTION: (code_action.code_action, code_action.EMPTY),
    types.TEXT_DOCUMENT_HOVER: (hover.hover, hover.EMPTY),
}
"""Asked while the user types or moves: the handler, and the answer in place of any failure."""

REQUESTS: Mapping[str, RequestHandler] = {
    types.INITIALIZE: initialize,
    types.SHUTDOWN: shutdown,
    types.WORKSPACE_EXECUTE_COMMAND: execute_command,
    types.CODE_ACTION_RESOLVE: code_action_resolve.code_action_resolve,
}

AS_JSON = frozenset({types.CODE_ACTION_RESOLVE})
"""Whose params may be another server's, and go back as they came."""
