"""Keep the last readable settings of a session while a source cannot be read.

A source that cannot be read, or has a bad value for a restricting setting, keeps the settings that
it had when it was last valid in this session. Without such settings, nothing is sent. A file that
was deleted or emptied also keeps its settings until the server restarts: editors replace a file by
deleting it first, and its restrictions must not be lifted meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.problem import Effect, Problem
from devstral_lsp.config.schema import CompletionSettings
from devstral_lsp.config.setting_spec import Layer

_FILES = (Layer.USER, Layer.PROJECT)


class LastGood:
    """The last valid settings of each source in a session."""

    def __init__(self) -> None:
        self._good: dict[str, SettingsLayer] = {}

    def resolve(
        self, read: Mapping[str, SettingsLayer], folders: Sequence[Path]
    ) -> ResolvedSettings:
        """Merge the sources in `read`, in order, or what they contained when they were last valid.

        `folders` are the workspace folders: a project file counts while its folder is one of them.
        """
        self._forget_other_folders(folders)
        there = {place: self._or_earlier(place, source) for place, source in read.items()}
        resolved = resolve(there.values())
        bad = {each.source for each in resolved.problems if each.effect is Effect.NARROWS}
        kept = {}
        for place, source in there.items():
            if source.name not in bad:
                if source is read[place]:
                    self._good[place] = source
            elif (good := self._good.get(place)) is not None and good.values:
                kept[place] = _instead(good, source.name, resolved.problems)
        in_force = {**there, **kept}
        if kept:
            resolved = resolve(in_force.values())
        if len(folders) > 1:
            resolved = replace(resolved, completion_by_folder=_by_folder(in_force, folders))
        return resolved

    def _or_earlier(self, place: str, source: SettingsLayer) -> SettingsLayer:
        """The source, or the earlier content of a file that was deleted or emptied."""
        good = self._good.get(place)
        if not source.is_blank or good is None or not good.values or source.layer not in _FILES:
            return source
        state = "is empty" if os.path.exists(good.name) else "is gone"
        sentence = (
            f"{good.name} {state}. Its settings from before stay in force until the server starts "
            "anew, or there are settings in it again."
        )
        problem = Problem(source.layer, "", sentence, Effect.KEEPS, good.name)
        return replace(good, problems=(problem,))

    def _forget_other_folders(self, folders: Sequence[Path]) -> None:
        """Forget project files of folders that left the workspace."""
        gone = [
            place
            for place, source in self._good.items()
            if source.layer is Layer.PROJECT
            and Path(source.name).is_absolute()  # otherwise the editor's settings for a folder
            and Path(source.name).parent not in folders
        ]
        for place in gone:
            del self._good[place]


def _by_folder(
    layers: Mapping[str, SettingsLayer], folders: Sequence[Path]
) -> dict[PurePath, CompletionSettings]:
    """The settings of each folder: the project files of those that contain it."""
    completion = {}
    for folder in folders:
        outside = {str(each) for each in folders if not folder.is_relative_to(each)}
        inside = (layer for place, layer in layers.items() if place not in outside)
        completion[PurePath(folder)] = resolve(inside).settings.completion
    return completion


def _instead(good: SettingsLayer, name: str, problems: Sequence[Problem]) -> SettingsLayer:
    """The valid source, with the problems of the current one called `name`."""
    wrong = [each for each in problems if each.source == name]
    kept = [
        replace(each, effect=Effect.KEEPS) if each.effect is Effect.NARROWS else each
        for each in wrong
    ]
    return replace(good, problems=tuple(kept))
