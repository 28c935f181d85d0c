"""What an editor with an extension of ours does for us, beyond what every editor does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devstral_lsp.completion.types import CompletionRequest
from devstral_lsp.config.keys import EditorKeyLookup, no_editor_keys


@dataclass(frozen=True, slots=True)
class Companion:
    """`kept` gives the keys that it keeps, and `key_command` is the name of its command that takes
    one, "" for none; `offers_remedies` says that it shows the status with buttons that mend it, so
    that a missing key needs no message of its own; `ready` hears that there is an answer to a
    request that was answered in part, or given up, for want of time.
    """

    kept: EditorKeyLookup = no_editor_keys
    key_command: str = ""
    offers_remedies: bool = False
    ready: Callable[[CompletionRequest], None] = lambda request: None
