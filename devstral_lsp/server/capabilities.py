"""What we tell a client that we can do, in the answer to `initialize` or by registering it later.

Decided by the client's abilities and the settings alone. What a client registers at run time is
left out of the static part, so that nothing is asked twice.
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
"""After these a menu opens without a word. No blank: a menu after every word is in the way."""


CODE_ACTION_KINDS = (
    types.CodeActionKind.QuickFix,
    types.CodeActionKind.Refactor,
    types.CodeActionKind.RefactorExtract,
    types.CodeActionKind.RefactorInline,
    types.CodeActionKind.RefactorRewrite,
    types.CodeActionKind.Source,
)
"""Each stands for all kinds below it, those of the user's own actions included."""


def wants_menu(client: ClientCapabilities, settings: Settings) -> bool:
    """Whether completions go through the editor's menu: with `auto`, if nothing else shows them."""
    menu = settings.completion.menu
    return menu == "always" or (menu == "auto" and not client.inline)


def server_capabilities(
    client: ClientCapabilities, settings: Settings, commands: Iterable[str]
) -> types.ServerCapabilities:
    """The answer to `initialize`."""
    menu = wants_menu(client, settings) and not client.menu_registers
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
        code_action_provider=None if client.edits.actions_register else _code_actions(client),
        hover_provider=True if _hovers(client) and not client.edits.hover_registers else None,
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
    """What is registered after `initialized`, by method, which serves as the id too.

    The document selector is null, which means the client's own: what it sends us the text of, it
    asks us about, be it a file, an untitled buffer or a cell of a notebook.
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
    if client.edits.hover_registers and _hovers(client):
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
    """For the files that hold settings. A folder that is missing is an error to some clients."""
    patterns: list[types.GlobPattern] = [f"**/{PROJECT_FILE}"]
    folder = user_file.absolute().parent
    if client.watches_anywhere and folder.is_dir():
        patterns.append(types.RelativePattern(base_uri=folder.as_uri(), pattern=user_file.name))
    return [types.FileSystemWatcher(glob_pattern=pattern) for pattern in patterns]


def _code_actions(client: ClientCapabilities) -> types.CodeActionOptions | bool:
    """Options only for clients that know actions as such (LSP 3.17, "Code Action Request")."""
    if not client.edits.code_action_literals:
        return True
    return types.CodeActionOptions(
        code_action_kinds=CODE_ACTION_KINDS, resolve_provider=client.edits.resolves_edit
    )


def _hovers(client: ClientCapabilities) -> bool:
    """Whether explanations have to be read as hover text."""
    return not client.edits.shows_documents
