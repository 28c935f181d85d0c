"""Keeps the last readable settings of a session in force while a place cannot be read.

A place that cannot be read, or holds a bad value of a setting that restricts, keeps the settings
that it had when it was last read whole in this session. One that had none narrows: there is nothing
to go by. A file that was there and is gone, or empty, keeps its settings, too, until the server
starts anew: editors replace a file by deleting it first, and what it restricts must not be lifted
for that moment.
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
    """What each place of a session said when it was last read whole."""

    def __init__(self) -> None:
        self._good: dict[str, SettingsLayer] = {}

    def resolve(
        self, read: Mapping[str, SettingsLayer], folders: Sequence[Path]
    ) -> ResolvedSettings:
        """Merge what was `read` of each place, in order, or what it held before in its place.

        `folders` are the workspace's: a project file counts as long as its folder is one of them.
        """
        self._forget_other_folders(folders)
        there = {place: self._or_before(place, source) for place, source in read.items()}
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

    def _or_before(self, place: str, source: SettingsLayer) -> SettingsLayer:
        """What a file said that is gone, or empty, since."""
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
        """A project file of another folder than the workspace's has no say."""
        gone = [
            place
            for place, source in self._good.items()
            if source.layer is Layer.PROJECT
            and Path(source.name).is_absolute()  # else the editor's settings for a folder
            and Path(source.name).parent not in folders
        ]
        for place in gone:
            del self._good[place]


def _by_folder(
    layers: Mapping[str, SettingsLayer], folders: Sequence[Path]
) -> dict[PurePath, CompletionSettings]:
    """What holds in each folder: the project files of those that contain it, and no others."""
    completion = {}
    for folder in folders:
        outside = {str(each) for each in folders if not folder.is_relative_to(each)}
        inside = (layer for place, layer in layers.items() if place not in outside)
        completion[PurePath(folder)] = resolve(inside).settings.completion
    return completion


def _instead(good: SettingsLayer, name: str, problems: Sequence[Problem]) -> SettingsLayer:
    """The good one, with what is wrong with that of the same place which is called `name` now."""
    wrong = [each for each in problems if each.source == name]
    kept = [
        replace(each, effect=Effect.KEEPS) if each.effect is Effect.NARROWS else each
        for each in wrong
    ]
    return replace(good, problems=tuple(kept))
