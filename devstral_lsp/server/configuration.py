"""What the editor has said about settings, and the settings that follow from all layers.

An editor may speak three times: in `initializationOptions`, by `workspace/didChangeConfiguration`,
and when asked by `workspace/configuration`. Later ones win, and each replaces what the same way
brought before. How an entry is read and judged is the business of `config/`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

from devstral_lsp.config import sources
from devstral_lsp.config.layers import Resolved, resolve
from devstral_lsp.providers import PROVIDERS

SECTION = "devstral"
"""The name of our settings among the editor's."""


class Way(Enum):
    """How settings come from an editor, in the order in which they overrule each other."""

    INITIALIZE = "initializationOptions"
    PUSHED = "editor settings"
    PULLED = "editor configuration"


class Configuration:
    """The layers of one session."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._said: dict[Way, object] = {}

    @property
    def user_file(self) -> Path:
        """The user's own settings file, whether or not it exists."""
        return sources.user_file_path(self._environ)

    def hear(self, way: Way, settings: object) -> None:
        """Keep what the editor said; None says nothing."""
        self._said[way] = settings

    def resolve(self, folders: Sequence[Path]) -> Resolved:
        """All layers merged. Reads the user file and the project file anew."""
        said = [sources.editor(self._said[way], way.value) for way in Way if way in self._said]
        layers = [
            sources.user_file(self._environ),
            sources.environment(self._environ),
            *said,
            sources.project_file(folders),
        ]
        variables = {name for spec in PROVIDERS.values() for name in spec.key_variables}
        return resolve(layers, variables)
