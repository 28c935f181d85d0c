"""`devstral.cancel`: hangs up on all refactors that are under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def cancel(server: Server, _: types.ExecuteCommandParams) -> None:
    """For editors whose progress has no button to cancel, or a far-away one."""
    if not server.refactoring.jobs.cancel():
        server.notices.show(types.MessageType.Info, "devstral-lsp is not at work on anything.")
