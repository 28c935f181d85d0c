"""What a client said about itself in `initialize`, reduced to what changes our answers.

Decisions go by capability and never by a client's name. Knows no settings and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.protocol import default_converter

from devstral_lsp.server.edit_capabilities import EditCapabilities
from devstral_lsp.server.raw_diagnostics import register_raw_diagnostics

if TYPE_CHECKING:
    from cattrs import Converter

_ENCODINGS = tuple(types.PositionEncodingKind)

_COPILOT_PLUGIN = frozenset({"editorInfo", "editorPluginInfo"})
"""Keys of initializationOptions with which Copilot's plugins introduce themselves."""


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


def lenient_converter() -> Converter:
    """pygls' converter, except for what real clients write in another way than LSP has it."""
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    _read_null_as_ability(made)
    _read_folders_without_a_name(made)
    register_raw_diagnostics(made)
    return made


def _read_null_as_ability(converter: Converter) -> None:
    """`inlineCompletion: null` is read as `{}`.

    lsp-mode 10 writes null for the capability, which it has; lsp-mode 9, which does not have it,
    leaves the key out. Once structured, the two cannot be told apart.
    """
    plain = converter.get_structure_hook(types.TextDocumentClientCapabilities)

    def structured(raw: Any, kind: Any) -> Any:
        named = isinstance(raw, dict) and raw.get("inlineCompletion", raw) is None
        return plain({**raw, "inlineCompletion": {}} if named else raw, kind)

    converter.register_structure_hook(types.TextDocumentClientCapabilities, structured)


def _read_folders_without_a_name(converter: Converter) -> None:
    """The handshake that Copilot's README prints names its folder by the URI alone."""
    plain = converter.get_structure_hook(types.WorkspaceFolder)

    def structured(raw: Any, kind: Any) -> Any:
        return plain({"name": "", **raw} if isinstance(raw, dict) else raw, kind)

    converter.register_structure_hook(types.WorkspaceFolder, structured)


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
