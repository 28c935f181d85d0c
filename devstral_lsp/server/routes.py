"""Which handler takes which request, notification and command.

To add one, write the handler in `requests/`, `notifications/` or `commands.py`, and list it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from devstral_lsp.server import (
    commands,
    commit_command,
    dispatch,
    lifecycle,
    setup_commands,
    switch_commands,
    why,
)
from devstral_lsp.server.convert_completion import ACCEPTED_COMMAND
from devstral_lsp.server.convert_edit import APPLY_COMMAND
from devstral_lsp.server.explanations import hover
from devstral_lsp.server.notifications import copilot, documents, notebooks, workspace
from devstral_lsp.server.requests import (
    code_action,
    code_action_resolve,
    completion,
    inline_edit,
    panel_completion,
)

if TYPE_CHECKING:
    from devstral_lsp.server.protocol import RawHandler
    from devstral_lsp.server.server import Server

KEYSTROKES: Mapping[str, tuple[dispatch.KeystrokeHandler, Any]] = {
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

REQUESTS: Mapping[str, dispatch.RequestHandler] = {
    types.INITIALIZE: lifecycle.initialize,
    types.SHUTDOWN: lifecycle.shutdown,
    types.WORKSPACE_EXECUTE_COMMAND: commands.execute_command,
    types.CODE_ACTION_RESOLVE: code_action_resolve.code_action_resolve,
    inline_edit.INLINE_EDIT: inline_edit.inline_edit,
    panel_completion.METHOD: panel_completion.panel_completion,
}

RAW_PARAMS = frozenset({types.CODE_ACTION_RESOLVE, inline_edit.INLINE_EDIT})
"""Requests whose params may be those of another server, or are none that LSP knows."""

NOTIFICATIONS: Mapping[str, dispatch.NotificationHandler] = {
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
    types.WORKSPACE_EXECUTE_COMMAND: copilot.execute_command,
}

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
"""The commands that answer with a result: the editor waits for their work."""

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
    "devstral.why": why.why,
    "devstral.showPrompt": why.show_prompt,
    **ANSWERED,
}
"""All commands, as `initialize` declares them: editors send no others."""


def request_handlers(server: Server) -> Mapping[str, RawHandler]:
    """The handlers of requests by method, with the guarantees of `dispatch`."""
    keystrokes = {
        method: dispatch.document_request(server, method, handler, empty)
        for method, (handler, empty) in KEYSTROKES.items()
    }
    others = {
        method: dispatch.request(server, method, handler, as_json=method in RAW_PARAMS)
        for method, handler in REQUESTS.items()
    }
    return {**keystrokes, **others}


def notification_handlers(server: Server) -> Mapping[str, RawHandler]:
    """The handlers of notifications by method, with the guarantees of `dispatch`."""
    return {
        method: dispatch.notification(server, method, handler)
        for method, handler in NOTIFICATIONS.items()
    }
