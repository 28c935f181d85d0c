"""`textDocument/didPartiallyAcceptCompletion`, of Copilot's dialect: a word or a line was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devstral_lsp.server import protocol_extensions

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_partially_accept_completion(server: Server, params: Any) -> None:
    """A part is as welcome as the whole; which part it was is told by the edit that follows."""
    completion_id = protocol_extensions.completion_id(params)
    if protocol_extensions.accepted_units(params):
        server.accepted(completion_id)
