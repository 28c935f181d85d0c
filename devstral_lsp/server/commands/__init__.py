"""Commands of ours, one file per command. Adding one is a file here and a line below.

A command does at once what must be done before the next message is read, and gives what is to go
on in the background, if anything. It raises JsonRpcInvalidParams for arguments it cannot use.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from devstral_lsp.server.commands import accepted, apply, cancel, rewrite, task, undo_last
from devstral_lsp.server.convert_completion import ACCEPTED_COMMAND
from devstral_lsp.server.convert_edit import APPLY_COMMAND

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server

Work = Coroutine[Any, Any, None]
Command = Callable[["Server", types.ExecuteCommandParams], Work | None]

COMMANDS: Mapping[str, Command] = {
    ACCEPTED_COMMAND: accepted.accepted,
    APPLY_COMMAND: apply.apply,
    "devstral.rewrite": rewrite.rewrite,
    "devstral.task": task.task,
    "devstral.undoLast": undo_last.undo_last,
    "devstral.cancel": cancel.cancel,
}
"""All commands, which `initialize` declares: editors send no others."""
