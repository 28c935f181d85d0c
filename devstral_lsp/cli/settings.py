"""The settings of a command: the same layers as under an editor, and its options above them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from devstral_lsp.config import readers
from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.problem import headline, worst
from devstral_lsp.config.setting_spec import Layer


def load_settings(
    folder: Path, environ: Mapping[str, str], options: Mapping[str, object] | None = None
) -> ResolvedSettings:
    """The settings in force in `folder`. `options` are dotted settings that win over all files."""
    # A user who types options also sets the environment, so they are trusted as much.
    typed = SettingsLayer(Layer.ENVIRONMENT, "command line", options or {})
    layers = [
        readers.read_user_file(environ),
        readers.read_environment(environ),
        readers.read_project_file([folder]),
        typed,
    ]
    return resolve(layers)


def problems_of(resolved: ResolvedSettings) -> Iterator[str]:
    """What is wrong with the settings, each in a sentence, with what follows first."""
    first = headline(resolved.problems, others="")
    if first:
        yield first
    for problem in resolved.problems:
        if not first or problem is not worst(resolved.problems):
            yield problem.sentence
