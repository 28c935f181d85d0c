"""The server's capabilities, in the answer to `initialize` or registered later.

They depend on the client's capabilities and the settings alone. A capability that the client lets
the server register is left out of `initialize`, so that nothing is requested twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from devstral_lsp.config.readers import PROJECT_FILE
from devstral_lsp.config.schema import Settings
from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.settings_layers import SECTION

TRIGGER_CHARACTERS = (".", "(", "=", "[", "{")
"""Characters that open the menu. No space: a menu after every word is in the way."""


CODE_ACTION_KINDS = (
    types.CodeActionKind.QuickFix,
    types.CodeActionKind.Refactor,
    types.CodeActionKind.RefactorExtract,
    types.CodeActionKind.RefactorInline,
    types.CodeActionKind.RefactorRewrite,
    types.CodeActionKind.Source,
)
"""Each includes all kinds below it, also those of custom actions."""


def wants_menu(client: ClientCapabilities, settings: Settings) -> bool:
    """Whether to offer completions in the menu: with `auto`, if the client shows none inline."""
    menu = settings.completion.menu
    return menu == "always" or (menu == "auto" and not client.inline)


def server_capabilities(
    client: ClientCapabilities, settings: Settings, commands: Iterable[str]
) -> types.ServerCapabilities:
    """The answer to `initialize`."""
    edits, menu = client.edits, wants_menu(client, settings) and not client.menu_registers
    hovers = not edits.shows_documents  # explanations must be shown as hover text
    # Options only for clients with CodeAction objects (LSP 3.17, "Code Action Request").
    actions = not edits.code_action_literals or types.CodeActionOptions(
        code_action_kinds=CODE_ACTION_KINDS, resolve_provider=edits.resolves_edit
    )
    return types.ServerCapabilities(
        position_encoding=client.encoding,
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True,
            change=types.TextDocumentSyncKind.Incremental,
            save=types.SaveOptions(include_text=False),
        ),
        notebook_document_sync=types.NotebookDocumentSyncOptions(
            notebook_selector=[
                types.NotebookDocumentFilterWithNotebook(
                    notebook="*", cells=[types.NotebookCellLanguage(language="*")]
                )
            ],
            save=False,
        ),
        inline_completion_provider=(
            None if client.inline_registers else types.InlineCompletionOptions()
        ),
        completion_provider=(
            types.CompletionOptions(trigger_characters=TRIGGER_CHARACTERS) if menu else None
        ),
        code_action_provider=None if edits.actions_register else actions,
        hover_provider=True if hovers and not edits.hover_registers else None,
        execute_command_provider=types.ExecuteCommandOptions(
            commands=tuple(commands), work_done_progress=True
        ),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(
                supported=True, change_notifications=True
            )
        ),
    )


def registrations(
    client: ClientCapabilities, settings: Settings, user_file: Path
) -> dict[str, types.Registration]:
    """The registrations after `initialized`, by method, which is also their id.

    The document selector is null, so that the client uses its own: it sends requests for every
    document that it synchronizes, be it a file, an untitled buffer or a notebook's cell.
    """
    options: dict[str, object] = {}
    if client.inline_registers:
        options[types.TEXT_DOCUMENT_INLINE_COMPLETION] = types.InlineCompletionRegistrationOptions()
    if client.menu_registers and wants_menu(client, settings):
        options[types.TEXT_DOCUMENT_COMPLETION] = types.CompletionRegistrationOptions(
            trigger_characters=TRIGGER_CHARACTERS
        )
    if client.edits.actions_register:
        options[types.TEXT_DOCUMENT_CODE_ACTION] = types.CodeActionRegistrationOptions(
            code_action_kinds=CODE_ACTION_KINDS, resolve_provider=client.edits.resolves_edit
        )
    if client.edits.hover_registers and not client.edits.shows_documents:
        options[types.TEXT_DOCUMENT_HOVER] = types.HoverRegistrationOptions()
    if client.configuration_registers:
        options[types.WORKSPACE_DID_CHANGE_CONFIGURATION] = (
            types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        )
    if client.watches_files:
        options[types.WORKSPACE_DID_CHANGE_WATCHED_FILES] = (
            types.DidChangeWatchedFilesRegistrationOptions(_watchers(client, user_file))
        )
    return {
        method: types.Registration(id=method, method=method, register_options=option)
        for method, option in options.items()
    }


def _watchers(client: ClientCapabilities, user_file: Path) -> list[types.FileSystemWatcher]:
    """Watchers of the settings files. Some clients fail on a folder that does not exist."""
    patterns: list[types.GlobPattern] = [f"**/{PROJECT_FILE}"]
    folder = user_file.absolute().parent
    if client.watches_anywhere and folder.is_dir():
        patterns.append(types.RelativePattern(base_uri=folder.as_uri(), pattern=user_file.name))
    return [types.FileSystemWatcher(glob_pattern=pattern) for pattern in patterns]
