"""`window/workDoneProgress/cancel`: the user has clicked on the cancel button of a progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def work_done_progress_cancel(server: Server, params: types.WorkDoneProgressCancelParams) -> None:
    """Hang up on the work that has this token."""
    server.refactoring.jobs.cancel(params.token)
