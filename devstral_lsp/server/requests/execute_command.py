"""`workspace/executeCommand`: what an editor tells us through a command of ours.

Answered at once: Emacs gives a command ten seconds, and then shows an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.convert import ACCEPTED_COMMAND

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def execute_command(server: Server, params: types.ExecuteCommandParams) -> None:
    """Run the command. Raises JsonRpcInvalidParams if it is not ours."""
    command = COMMANDS.get(params.command)
    if command is None:
        raise JsonRpcInvalidParams("This command is not one of devstral-lsp's")
    command(server, params.arguments or ())


def accepted(server: Server, arguments: Sequence[Any]) -> None:
    """An item was accepted whole. Its id is the first argument."""
    match arguments:
        case [str(completion_id), *_]:
            server.accepted(completion_id)
        case _:
            raise JsonRpcInvalidParams(f"{ACCEPTED_COMMAND} takes the id of a completion")


COMMANDS: Mapping[str, Callable[[Server, Sequence[Any]], None]] = {ACCEPTED_COMMAND: accepted}
"""All commands, which `initialize` declares: editors send no others."""
