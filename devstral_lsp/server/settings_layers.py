"""Holds the editor's settings and merges all layers.

An editor has three channels: `initializationOptions`, `workspace/didChangeConfiguration` and the
answer to `workspace/configuration`. Later ones win, and new settings replace earlier ones of the
same channel. Until an editor that supports `workspace/configuration` has answered, no code may be
sent, since its settings may forbid it. The settings of a folder only restrict; in a folder that the
user does not trust they add no actions either, and no staged diff is read.
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
"""The section of the editor's settings."""

UNANSWERED = (
    "the editor has not answered the request for its settings (workspace/configuration) yet. If it "
    "never does, change one of its settings, or restart the server."
)


_UNTRUSTED = SettingsLayer(Layer.PROJECT, "untrusted folder", {"context.git_message": False})
"""Prevents reading the objects of an untrusted repository."""


class SettingsChannel(Enum):
    """The ways in which an editor sends settings; later ones override earlier ones."""

    INITIALIZE = "initializationOptions"
    PUSHED = "editor settings"
    PULLED = "editor configuration"


class EditorSettings:
    """The layers of one session. `awaits_editor` until a request for settings is answered."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._raw: dict[SettingsChannel, object] = {}
        self._last_good = LastGood()
        self.awaits_editor = False

    @property
    def user_file(self) -> Path:
        """The user's own settings file, whether or not it exists."""
        return readers.user_file_path(self._environ)

    def set(self, channel: SettingsChannel, settings: object) -> None:
        """Store the settings of a channel; None means none."""
        self._raw[channel] = settings
        if channel is SettingsChannel.PULLED:
            self.awaits_editor = False

    def resolve(self, folders: Sequence[Path]) -> ResolvedSettings:
        """Merge all layers. Reads the user file and the project files again."""
        read = {
            Layer.USER.value: readers.read_user_file(self._environ),
            Layer.ENVIRONMENT.value: readers.read_environment(self._environ),
            **{
                channel.value: readers.read_editor_settings(self._raw[channel], channel.value)
                for channel in SettingsChannel
                if channel in self._raw
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
        """Whether the user trusts the folders; True if the editor does not know."""
        trust = [
            readers.is_trusted(self._raw[each]) for each in SettingsChannel if each in self._raw
        ]
        return next((each for each in reversed(trust) if each is not None), True)

    def _of_folders(self, folders: Sequence[Path]) -> dict[str, SettingsLayer]:
        """The folders' layers: the editor's settings for them, and project files."""
        from_editor = {
            f"folder {channel.value}": readers.folder_settings(self._raw[channel])
            for channel in SettingsChannel
            if channel in self._raw
        }
        files = {str(each): readers.read_project_file([each]) for each in folders}
        layers = {**from_editor, **files}
        if self.is_trusted:
            return layers
        restricting = {place: readers.restricting(each) for place, each in layers.items()}
        return {**restricting, _UNTRUSTED.name: _UNTRUSTED}
