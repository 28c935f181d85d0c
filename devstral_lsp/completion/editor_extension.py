"""The services of an editor that runs our extension, beyond LSP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devstral_lsp.completion.types import CompletionRequest
from devstral_lsp.config.keys import EditorKeyLookup, no_editor_keys
from devstral_lsp.context.members.editor import AskEditor


@dataclass(frozen=True, slots=True)
class EditorExtension:
    """The defaults are those of an editor without the extension."""

    editor_keys: EditorKeyLookup = no_editor_keys
    """Returns the stored key of an origin."""
    key_command: str = ""
    """The name of the command that stores a key."""
    offers_remedies: bool = False
    """It shows the status with buttons that fix the problem, so a missing key needs no message."""
    ready: Callable[[CompletionRequest], None] = lambda request: None
    """Called once there is a completion for a request that timed out, or a longer one."""
    definition: AskEditor | None = None
    """Asks where a name is defined."""
