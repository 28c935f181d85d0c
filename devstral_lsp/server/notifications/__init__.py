"""Notifications, one file per method. Adding one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol import types

from devstral_lsp.server import protocol_extensions
from devstral_lsp.server.dispatch import NotificationHandler
from devstral_lsp.server.notifications.did_change import did_change
from devstral_lsp.server.notifications.did_change_configuration import did_change_configuration
from devstral_lsp.server.notifications.did_change_watched_files import did_change_watched_files
from devstral_lsp.server.notifications.did_change_workspace_folders import (
    did_change_workspace_folders,
)
from devstral_lsp.server.notifications.did_close import did_close
from devstral_lsp.server.notifications.did_focus import did_focus
from devstral_lsp.server.notifications.did_open import did_open
from devstral_lsp.server.notifications.did_partially_accept_completion import (
    did_partially_accept_completion,
)
from devstral_lsp.server.notifications.did_save import did_save
from devstral_lsp.server.notifications.did_show_completion import did_show_completion
from devstral_lsp.server.notifications.exit import exit_
from devstral_lsp.server.notifications.initialized import initialized
from devstral_lsp.server.notifications.notebook_did_change import notebook_did_change
from devstral_lsp.server.notifications.notebook_did_close import notebook_did_close
from devstral_lsp.server.notifications.notebook_did_open import notebook_did_open
from devstral_lsp.server.notifications.work_done_progress_cancel import work_done_progress_cancel

NOTIFICATIONS: Mapping[str, NotificationHandler] = {
    types.INITIALIZED: initialized,
    types.EXIT: exit_,
    types.TEXT_DOCUMENT_DID_OPEN: did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: did_close,
    types.TEXT_DOCUMENT_DID_SAVE: did_save,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: notebook_did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: notebook_did_change,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: notebook_did_close,
    protocol_extensions.DID_FOCUS: did_focus,
    protocol_extensions.DID_SHOW_COMPLETION: did_show_completion,
    protocol_extensions.DID_PARTIALLY_ACCEPT_COMPLETION: did_partially_accept_completion,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: work_done_progress_cancel,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: did_change_watched_files,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: did_change_workspace_folders,
}
