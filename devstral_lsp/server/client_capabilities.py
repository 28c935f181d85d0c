"""The client capabilities that change the server's behaviour.

Every decision depends on a declared capability, never on the client's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from lsprotocol import types
from pygls.capabilities import get_capability

_ENCODINGS = tuple(types.PositionEncodingKind)

_COPILOT_PLUGIN = frozenset({"editorInfo", "editorPluginInfo"})
"""Keys of initializationOptions with which Copilot's plugins introduce themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCapabilities:
    """The part about code actions, edits and progress."""

    code_action_literals: bool = False
    """It supports CodeAction objects; otherwise actions are commands."""
    resolves_edit: bool = False
    """It keeps an action's `data` and requests the edit when the user takes the action."""
    resolves_commands: bool = False
    """An action may turn out to be a command when it is resolved."""
    disabled: bool = False
    preferred: bool = False
    actions_register: bool = False
    document_changes: bool = False
    annotations: bool = False
    """It asks the user to confirm changes whose annotation demands it."""
    snippets: bool = False
    """An edit may be a snippet with placeholders."""
    creates: bool = False
    renames: bool = False
    deletes: bool = False
    progress: bool = False
    """It shows progress that the server begins."""
    shows_documents: bool = False
    hover_registers: bool = False
    diagnostic_versions: bool = False

    @classmethod
    def from_lsp(cls, can: types.ClientCapabilities) -> EditCapabilities:
        """The capabilities in `can`.

        Resource operations and annotations exist only within `documentChanges`: a client that
        declares one of them supports those, even if it does not declare them, as Neovim.
        """
        action = get_capability(can, "text_document.code_action")
        edit = get_capability(can, "workspace.workspace_edit")
        resolve = action and action.resolve_support
        properties = frozenset(resolve.properties) if resolve else frozenset()
        operations = (edit and edit.resource_operations) or ()
        annotations = bool(edit and edit.change_annotation_support is not None)
        return cls(
            code_action_literals=bool(action and action.code_action_literal_support),
            resolves_edit=bool(action and action.data_support and "edit" in properties),
            resolves_commands="command" in properties,
            disabled=bool(action and action.disabled_support),
            preferred=bool(action and action.is_preferred_support),
            actions_register=bool(action and action.dynamic_registration),
            document_changes=bool((edit and edit.document_changes) or operations or annotations),
            annotations=annotations,
            snippets=bool(edit and edit.snippet_edit_support),
            creates=types.ResourceOperationKind.Create in operations,
            renames=types.ResourceOperationKind.Rename in operations,
            deletes=types.ResourceOperationKind.Delete in operations,
            progress=bool(get_capability(can, "window.work_done_progress")),
            shows_documents=bool(get_capability(can, "window.show_document.support")),
            hover_registers=bool(get_capability(can, "text_document.hover.dynamic_registration")),
            diagnostic_versions=bool(
                get_capability(can, "text_document.publish_diagnostics.version_support")
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCapabilities:
    """The capabilities of a client. The defaults are those of a client that declares nothing."""

    name: str = ""
    """Its name and version, for the log only."""
    encoding: types.PositionEncodingKind = types.PositionEncodingKind.Utf16
    inline: bool = False
    """It can show inline completions, so the menu need not."""
    inline_registers: bool = False
    menu_registers: bool = False
    snippets: bool = False
    supports_insert_as_is: bool = False
    """It supports InsertTextMode.AsIs, which does not indent further lines again."""
    ignores_text_edit: bool = False
    """It may insert an item's text and ignore its edit, as JupyterLab does."""
    label_details: bool = False
    markdown: bool = False
    answers_configuration: bool = False
    configuration_registers: bool = False
    watches_files: bool = False
    watches_anywhere: bool = False
    """It can also watch files outside of the workspace."""
    wants_status: bool = False
    """It supports `didChangeStatus`, as clients of Copilot's server do."""
    edits: EditCapabilities = field(default_factory=EditCapabilities)
    stores_keys: bool = False
    """It answers `devstral/key`."""
    answers_definitions: bool = False
    """It answers `devstral/definition`."""
    offers_remedies: bool = False
    """It shows the status with buttons that fix the problem."""
    reviews_changes: bool = False
    """It answers `devstral/review`, which replaces change annotations."""
    supports_ready_notification: bool = False
    """It times out early, and repeats the request on `devstral/inlineCompletionReady`."""

    @classmethod
    def of(cls, params: types.InitializeParams) -> ClientCapabilities:
        """The capabilities in `params`. Malformed ones count as not declared."""
        can, info = params.capabilities, params.client_info
        item = get_capability(can, "text_document.completion.completion_item")
        modes = item and item.insert_text_mode_support
        inline = get_capability(can, "text_document.inline_completion")
        reviews = _declares(params, "devstralReview")
        edits = EditCapabilities.from_lsp(can)
        is_copilot_plugin = _is_copilot_plugin(params)
        return cls(
            name=f"{info.name} {info.version or ''}".rstrip() if info else "",
            encoding=_first_known(get_capability(can, "general.position_encodings") or ()),
            inline=inline is not None or is_copilot_plugin,
            inline_registers=bool(inline and inline.dynamic_registration),
            menu_registers=bool(
                get_capability(can, "text_document.completion.dynamic_registration")
            ),
            snippets=bool(item and item.snippet_support),
            supports_insert_as_is=bool(modes and types.InsertTextMode.AsIs in modes.value_set),
            ignores_text_edit=not (item and (item.snippet_support or item.resolve_support)),
            label_details=bool(item and item.label_details_support),
            markdown=bool(item and types.MarkupKind.Markdown in (item.documentation_format or ())),
            answers_configuration=bool(get_capability(can, "workspace.configuration")),
            configuration_registers=bool(
                get_capability(can, "workspace.did_change_configuration.dynamic_registration")
            ),
            watches_files=bool(
                get_capability(can, "workspace.did_change_watched_files.dynamic_registration")
            ),
            watches_anywhere=bool(
                get_capability(can, "workspace.did_change_watched_files.relative_pattern_support")
            ),
            wants_status=is_copilot_plugin or _declares(params, "didChangeStatus"),
            edits=replace(edits, annotations=False) if reviews else edits,
            reviews_changes=reviews,
            stores_keys=_declares(params, "devstralKey"),
            answers_definitions=_declares(params, "devstralDefinition"),
            offers_remedies=_declares(params, "devstralRemedies"),
            supports_ready_notification=_declares(params, "devstralInlineCompletionReady"),
        )


def _first_known(encodings: Iterable[str]) -> types.PositionEncodingKind:
    """The first known encoding in the client's order; UTF-16, which all support, if none is."""
    known = (kind for name in encodings for kind in _ENCODINGS if kind.value == name)
    return next(known, types.PositionEncodingKind.Utf16)


def _is_copilot_plugin(params: types.InitializeParams) -> bool:
    """Copilot's plugins request inline completions without declaring them, and show no menu."""
    options = params.initialization_options
    return isinstance(options, Mapping) and not _COPILOT_PLUGIN.isdisjoint(options)


def _declares(params: types.InitializeParams, name: str) -> bool:
    """Whether an extension of LSP is declared in `experimental`."""
    experimental = params.capabilities.experimental
    return isinstance(experimental, Mapping) and experimental.get(name) is True
