"""What a client said about code actions, edits and progress, reduced to what changes our answers.

The part of `Client` that refactoring looks at. Knows no settings and sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types
from pygls.capabilities import get_capability


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCapabilities:
    """A client's abilities. The defaults are those of a client that declares nothing."""

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


def _resolved_properties(action: types.CodeActionClientCapabilities | None) -> frozenset[str]:
    """What may be filled in when an action is taken."""
    resolve = action and action.resolve_support
    return frozenset(resolve.properties) if resolve else frozenset()
