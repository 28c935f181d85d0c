"""The settings of a command: the same layers as in an editor, overridden by its options."""

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
    """The settings in force in `folder`. `options` are dotted settings that override all files."""
    # A user who can pass options can also set the environment, so both are trusted equally.
    from_options = SettingsLayer(Layer.ENVIRONMENT, "command line", options or {})
    layers = [
        readers.read_user_file(environ),
        readers.read_environment(environ),
        readers.read_project_file([folder]),
        from_options,
    ]
    return resolve(layers)


def problems_of(resolved: ResolvedSettings) -> Iterator[str]:
    """The problems of the settings, a sentence each, the most severe effect first."""
    first = headline(resolved.problems, others="")
    if first:
        yield first
    for problem in resolved.problems:
        if not first or problem is not worst(resolved.problems):
            yield problem.sentence
