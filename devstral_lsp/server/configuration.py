"""What the editor has said about settings, and the settings that follow from all layers.

An editor may speak three times: in `initializationOptions`, by `workspace/didChangeConfiguration`,
and when asked by `workspace/configuration`. Later ones win, and each replaces what the same way
brought before. What comes with a folder only restricts; in one that the user does not trust it adds
no actions either, and git is not run. How an entry is read and judged is the business of `config/`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

from devstral_lsp.config import sources
from devstral_lsp.config.layers import Resolved, Source, resolve
from devstral_lsp.config.setting import Layer
from devstral_lsp.providers import PROVIDERS

SECTION = "devstral"
"""The name of our settings among the editor's."""


_UNTRUSTED = Source(Layer.PROJECT, "untrusted folder", {"context.git_message": False})
"""A repository's own configuration can name programs that git runs."""


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
        said = [(way.value, self._said[way]) for way in Way if way in self._said]
        layers = [
            sources.user_file(self._environ),
            sources.environment(self._environ),
            *(sources.editor(settings, name) for name, settings in said),
            *self._of_folders(folders),
        ]
        variables = {name for spec in PROVIDERS.values() for name in spec.key_variables}
        return resolve(layers, variables)

    @property
    def is_trusted(self) -> bool:
        """Whether the user trusts the folders; so they do where the editor says nothing of it."""
        said = [sources.is_trusted(self._said[way]) for way in Way if way in self._said]
        return next((each for each in reversed(said) if each is not None), True)

    def _of_folders(self, folders: Sequence[Path]) -> list[Source]:
        """What comes with the folders, in the editor's settings for them and in project files."""
        said = [sources.folder_settings(self._said[way]) for way in Way if way in self._said]
        layers = [*said, *(sources.project_file([each]) for each in folders)]
        if self.is_trusted:
            return layers
        return [*map(sources.restricting, layers), _UNTRUSTED]
