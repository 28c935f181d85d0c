"""What a client said about itself in `initialize`, reduced to what changes our answers.

Decisions go by capability and never by a client's name. Knows no settings and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lsprotocol import types
from pygls.capabilities import get_capability

_ENCODINGS = tuple(types.PositionEncodingKind)

_COPILOT_PLUGIN = frozenset({"editorInfo", "editorPluginInfo"})
"""Keys of initializationOptions with which Copilot's plugins introduce themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCapabilities:
    """The part about code actions, edits and progress."""

    code_action_literals: bool = False
    """It takes code actions as such; otherwise they are commands."""
    resolves_edit: bool = False
    """It keeps an action's `data` and asks for the edit when the action is taken."""
    resolves_commands: bool = False
    """An action may turn out to be a command when it is resolved."""
    disabled: bool = False
    preferred: bool = False
    actions_register: bool = False
    document_changes: bool = False
    annotations: bool = False
    """It lets the user confirm what an edit says is to be confirmed."""
    annotated_actions: bool = False
    """It does so for the edits of code actions, too."""
    snippets: bool = False
    """An edit may be a snippet, in which the user goes from one placeholder to the next."""
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
        """What `can` declares.

        Resource operations and annotations exist only within `documentChanges`: who declares one
        of them takes those, as Neovim does without saying so.
        """
        action = get_capability(can, "text_document.code_action")
        edit = get_capability(can, "workspace.workspace_edit")
        properties = _resolved_properties(action)
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
            annotated_actions=bool(action and action.honors_change_annotations),
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
    """A client's abilities. The defaults are those of a client that declares nothing."""

    name: str = ""
    """For the log alone: its own name and version."""
    encoding: types.PositionEncodingKind = types.PositionEncodingKind.Utf16
    inline: bool = False
    """It can show inline completions, so the menu need not."""
    inline_registers: bool = False
    menu_registers: bool = False
    snippets: bool = False
    supports_insert_as_is: bool = False
    """It obeys InsertTextMode.AsIs: further lines are not indented again."""
    ignores_text_edit: bool = False
    """It may look at an item's text alone, and not at its edit, as JupyterLab does."""
    label_details: bool = False
    markdown: bool = False
    answers_configuration: bool = False
    configuration_registers: bool = False
    watches_files: bool = False
    watches_anywhere: bool = False
    """It watches files outside of the workspace, too."""
    wants_status: bool = False
    """It listens to `didChangeStatus`, as clients of Copilot's server do."""
    edits: EditCapabilities = field(default_factory=EditCapabilities)
    """What it can do with code actions and edits."""
    stores_keys: bool = False
    """It answers `devstral/key`."""
    supports_ready_notification: bool = False
    """It gives up soon, and asks again at `devstral/inlineCompletionReady`."""

    @classmethod
    def of(cls, params: types.InitializeParams) -> ClientCapabilities:
        """What `params` declare. Anything malformed counts as not declared."""
        can = params.capabilities
        item = get_capability(can, "text_document.completion.completion_item")
        inline = get_capability(can, "text_document.inline_completion")
        return cls(
            name=_name(params.client_info),
            encoding=_first_known(get_capability(can, "general.position_encodings") or ()),
            inline=inline is not None or _is_copilot_plugin(params),
            inline_registers=bool(inline and inline.dynamic_registration),
            menu_registers=bool(
                get_capability(can, "text_document.completion.dynamic_registration")
            ),
            snippets=bool(item and item.snippet_support),
            supports_insert_as_is=_obeys_as_is(item),
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
            wants_status=_wants_status(params),
            edits=EditCapabilities.from_lsp(can),
            stores_keys=_declares(params, "devstralKey"),
            supports_ready_notification=_declares(params, "devstralInlineCompletionReady"),
        )


def _name(info: types.ClientInfo | None) -> str:
    return f"{info.name} {info.version or ''}".rstrip() if info else ""


def _first_known(encodings: Iterable[str]) -> types.PositionEncodingKind:
    """The client's first choice among the encodings that there are; UTF-16 is what all speak."""
    known = (kind for name in encodings for kind in _ENCODINGS if kind.value == name)
    return next(known, types.PositionEncodingKind.Utf16)


def _obeys_as_is(item: types.ClientCompletionItemOptions | None) -> bool:
    modes = item and item.insert_text_mode_support
    return bool(modes and types.InsertTextMode.AsIs in modes.value_set)


def _is_copilot_plugin(params: types.InitializeParams) -> bool:
    """Such plugins ask for inline completions without declaring so, and have no use for a menu."""
    options = params.initialization_options
    return isinstance(options, Mapping) and not _COPILOT_PLUGIN.isdisjoint(options)


def _wants_status(params: types.InitializeParams) -> bool:
    return _declares(params, "didChangeStatus") or _is_copilot_plugin(params)


def _declares(params: types.InitializeParams, ability: str) -> bool:
    """Whether an ability beyond LSP is declared where LSP leaves room for such."""
    experimental = params.capabilities.experimental
    return isinstance(experimental, Mapping) and experimental.get(ability) is True


def _resolved_properties(action: types.CodeActionClientCapabilities | None) -> frozenset[str]:
    """What may be filled in when an action is taken."""
    resolve = action and action.resolve_support
    return frozenset(resolve.properties) if resolve else frozenset()
