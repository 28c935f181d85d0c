"""`devstral.undoLast`: takes back the edit of ours that was made last."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def undo_last(server: Server, _: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """Have the editor make the inverse edit, unless its lines have been edited since."""
    return server.refactoring.delivery.undo()
