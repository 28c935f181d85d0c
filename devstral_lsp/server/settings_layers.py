"""What the editor has said about settings, and the settings that follow from all layers.

An editor may speak three times: in `initializationOptions`, by `workspace/didChangeConfiguration`,
and when asked by `workspace/configuration`. Later ones win, and each replaces what the same way
brought before. Until an editor that can be asked has answered, nothing may be sent: what it would
forbid is not known. What comes with a folder only restricts; in one that the user does not trust it
adds no actions either, and no staged diff is read. How an entry is read and judged is the business
of `config/`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path

from devstral_lsp.config import readers
from devstral_lsp.config.last_good import LastGood
from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer
from devstral_lsp.config.problem import Effect, Problem
from devstral_lsp.config.setting_spec import Layer

SECTION = "devstral"
"""The name of our settings among the editor's."""

UNANSWERED = (
    "the editor was asked for its settings (workspace/configuration) and has not answered. If it "
    "never does, change one of its settings, or start the server anew."
)


_UNTRUSTED = SettingsLayer(Layer.PROJECT, "untrusted folder", {"context.git_message": False})
"""No objects of a repository are read in a folder that the user does not trust."""


class SettingsChannel(Enum):
    """How settings come from an editor, in the order in which they overrule each other."""

    INITIALIZE = "initializationOptions"
    PUSHED = "editor settings"
    PULLED = "editor configuration"


class EditorSettings:
    """The layers of one session. `awaits_editor` while it has been asked and has not answered."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._said: dict[SettingsChannel, object] = {}
        self._last_good = LastGood()
        self.awaits_editor = False

    @property
    def user_file(self) -> Path:
        """The user's own settings file, whether or not it exists."""
        return readers.user_file_path(self._environ)

    def set(self, way: SettingsChannel, settings: object) -> None:
        """Keep what the editor said; None says nothing."""
        self._said[way] = settings
        if way is SettingsChannel.PULLED:
            self.awaits_editor = False

    def resolve(self, folders: Sequence[Path]) -> ResolvedSettings:
        """All layers merged. Reads the user file and the project file anew."""
        read = {
            Layer.USER.value: readers.read_user_file(self._environ),
            Layer.ENVIRONMENT.value: readers.read_environment(self._environ),
            **{
                way.value: readers.read_editor_settings(self._said[way], way.value)
                for way in SettingsChannel
                if way in self._said
            },
            **self._of_folders(folders),
        }
        resolved = self._last_good.resolve(read, folders)
        if not self.awaits_editor or resolved.narrowed:
            return resolved
        waiting = Problem(Layer.EDITOR, "", UNANSWERED, Effect.WAITS)
        return replace(resolved, problems=(waiting, *resolved.problems))

    @property
    def is_trusted(self) -> bool:
        """Whether the user trusts the folders; so they do where the editor says nothing of it."""
        said = [readers.is_trusted(self._said[way]) for way in SettingsChannel if way in self._said]
        return next((each for each in reversed(said) if each is not None), True)

    def _of_folders(self, folders: Sequence[Path]) -> dict[str, SettingsLayer]:
        """What comes with the folders, in the editor's settings for them and in project files."""
        said = {
            f"folder {way.value}": readers.folder_settings(self._said[way])
            for way in SettingsChannel
            if way in self._said
        }
        files = {str(each): readers.read_project_file([each]) for each in folders}
        layers = {**said, **files}
        if self.is_trusted:
            return layers
        restricting = {place: readers.restricting(each) for place, each in layers.items()}
        return {**restricting, _UNTRUSTED.name: _UNTRUSTED}
