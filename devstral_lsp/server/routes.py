"""The handlers of requests, notifications and commands.

To add one, write the handler in `requests/`, `notifications/` or `commands.py`, and list it here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from devstral_lsp.providers.base import Secret
from devstral_lsp.server import (
    commands,
    commit_command,
    dispatch,
    lifecycle,
    setup_commands,
    switch_commands,
)
from devstral_lsp.server.convert_completion import ACCEPTED_COMMAND
from devstral_lsp.server.convert_edit import APPLY_COMMAND
from devstral_lsp.server.notifications import copilot, documents, notebooks, workspace
from devstral_lsp.server.requests import (
    code_action,
    code_action_resolve,
    completion,
    inline_edit,
    panel_completion,
)
from devstral_lsp.server.requests.hover import hover
from devstral_lsp.server.server import Server

if TYPE_CHECKING:
    pass

ANSWERED: Mapping[str, commands.Command] = {
    "devstral.toggle": switch_commands.toggle,
    "devstral.snooze": switch_commands.snooze,
    "devstral.commitMessage": commit_command.commit_message,
    "devstral.checkKey": setup_commands.check_key,
    "devstral.doctor": setup_commands.doctor,
    "devstral.status": setup_commands.status,
    "devstral.models": setup_commands.models,
    "devstral.localServers": setup_commands.local_servers,
}
"""The commands that return a result: the editor waits for it."""

COMMANDS: Mapping[str, commands.Command] = {
    ACCEPTED_COMMAND: commands.accepted,
    inline_edit.NEXT_EDIT_ACCEPTED_COMMAND: commands.next_edit_accepted,
    inline_edit.NEXT_EDIT_REFUSED_COMMAND: commands.next_edit_refused,
    inline_edit.NEXT_EDITS_APPLY_ALL_COMMAND: commands.next_edits_apply_all,
    APPLY_COMMAND: commands.apply,
    "devstral.rewrite": commands.rewrite,
    "devstral.task": commands.task,
    "devstral.undoLast": commands.undo_last,
    "devstral.showAgain": commands.show_again,
    "devstral.exportPatch": commands.export_patch,
    "devstral.showTranscript": commands.show_transcript,
    "devstral.cancel": commands.cancel,
    "devstral.why": commands.why,
    "devstral.showPrompt": commands.show_prompt,
    **ANSWERED,
}
"""All commands, as `initialize` declares them: editors send no others."""


def execute_command(
    server: Server, params: types.ExecuteCommandParams
) -> Awaitable[Any] | str | None:
    """`workspace/executeCommand`: run one of COMMANDS. Raises JsonRpcInvalidParams."""
    return commands.execute_command(server, params, COMMANDS, ANSWERED)


def notified_command(server: Server, params: types.ExecuteCommandParams) -> None:
    """The same as a notification, by which copilot.el reports acceptance."""
    params.work_done_token = None  # It is valid until the answer, and a notification has none.
    execute_command(server, params)


DOCUMENT_REQUESTS: Mapping[str, tuple[dispatch.DocumentHandler[Server], Any]] = {
    types.TEXT_DOCUMENT_INLINE_COMPLETION: (
        completion.inline_completion,
        completion.NO_INLINE_COMPLETIONS,
    ),
    types.TEXT_DOCUMENT_COMPLETION: (completion.completion, completion.NO_COMPLETIONS),
    types.TEXT_DOCUMENT_CODE_ACTION: (code_action.code_action, []),
    types.TEXT_DOCUMENT_HOVER: (hover, None),
}
"""Requests that editors send while the user types or moves the cursor: the handler, and the result
that replaces any failure."""

REQUESTS: Mapping[str, dispatch.RequestHandler[Server]] = {
    types.INITIALIZE: partial(lifecycle.initialize, commands=tuple(COMMANDS)),
    types.SHUTDOWN: lifecycle.shutdown,
    types.WORKSPACE_EXECUTE_COMMAND: execute_command,
    types.CODE_ACTION_RESOLVE: code_action_resolve.code_action_resolve,
    inline_edit.INLINE_EDIT: inline_edit.inline_edit,
    panel_completion.METHOD: panel_completion.panel_completion,
}

RAW_PARAMS = frozenset({types.CODE_ACTION_RESOLVE, inline_edit.INLINE_EDIT})
"""Requests whose params may belong to another server, or are not part of LSP."""

NOTIFICATIONS: Mapping[str, dispatch.NotificationHandler[Server]] = {
    types.INITIALIZED: lifecycle.initialized,
    types.EXIT: lifecycle.exit_,
    types.TEXT_DOCUMENT_DID_OPEN: documents.did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: documents.did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: documents.did_close,
    types.TEXT_DOCUMENT_DID_SAVE: documents.did_save,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: notebooks.notebook_did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: notebooks.notebook_did_change,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: notebooks.notebook_did_close,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: workspace.did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: workspace.did_change_watched_files,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: workspace.did_change_workspace_folders,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: workspace.work_done_progress_cancel,
    copilot.DID_FOCUS: copilot.did_focus,
    copilot.DID_SHOW_COMPLETION: copilot.did_show_completion,
    copilot.DID_PARTIALLY_ACCEPT_COMPLETION: copilot.did_partially_accept_completion,
    copilot.DID_SHOW_INLINE_EDIT: copilot.did_show_inline_edit,
    types.WORKSPACE_EXECUTE_COMMAND: notified_command,
}


def create_server(secrets: Iterable[Secret] = ()) -> Server:
    """The server for one client, with all handlers. `secrets` are kept out of the log."""
    server = Server(secrets)
    document_requests = {
        method: dispatch.document_request(server, method, handler, empty)
        for method, (handler, empty) in DOCUMENT_REQUESTS.items()
    }
    requests = {
        method: dispatch.request(server, method, handler, as_json=method in RAW_PARAMS)
        for method, handler in REQUESTS.items()
    }
    server.protocol.requests = {**document_requests, **requests}
    server.protocol.notifications = {
        method: dispatch.notification(server, method, handler)
        for method, handler in NOTIFICATIONS.items()
    }
    return server
