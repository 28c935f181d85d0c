"""Where settings are written down: the user file, the environment, the editor, the project file.

Each function brings one place into a `Source` of dotted snake_case keys. Whatever goes wrong while
reading becomes a `Problem`: nothing here raises, and nothing decides whether an entry is right.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from devstral_lsp.bounded_read import read_text
from devstral_lsp.config.layers import Problem, Source
from devstral_lsp.config.schema import SECTIONS, SETTINGS
from devstral_lsp.config.setting import Layer
from devstral_lsp.config.values import raw_of_text, snake

PROJECT_FILE = ".devstral.toml"
USER_FILE_VARIABLE = "DEVSTRAL_CONFIG"
"""Names another user file than the one in the user's configuration folder."""

CACHE_VARIABLE = "DEVSTRAL_CACHE"
"""Names another folder for what is kept between sessions than the one for that in the system."""

TOKEN_VARIABLE = "DEVSTRAL_TOKEN"
"""Holds the token that clients of a port present. It is no setting: no file may hold it."""

_PREFIX = "DEVSTRAL_"
_MOST_BYTES = 256 * 1024
"""Of a settings file; a project file may come from a stranger."""
_DEEPEST = 8
_OWN_GROUPS = ("devstral", "devstral_lsp")
_OF_COPILOT = (
    "editor_info",
    "editor_plugin_info",
    "copilot_integration_id",
    "editor_configuration",
    "http",
    "telemetry",
    "github",
    "github_enterprise",
)
"""What plugins written for Copilot's language server send on their own: not meant for us."""


def user_file_path(environ: Mapping[str, str]) -> Path:
    """The user's own settings file, whether or not it exists."""
    if named := environ.get(USER_FILE_VARIABLE):
        return Path(os.path.expanduser(named))
    from platformdirs import user_config_path

    return user_config_path("devstral-lsp", appauthor=False) / "config.toml"


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where that is kept which can be found anew. The folder need not exist."""
    if named := environ.get(CACHE_VARIABLE):
        return Path(os.path.expanduser(named))
    from platformdirs import user_cache_path

    return user_cache_path("devstral-lsp", appauthor=False)


def user_file(environ: Mapping[str, str]) -> Source:
    """The user's own settings file, which need not be there unless the environment names it."""
    path = user_file_path(environ)
    if os.path.exists(path) or environ.get(USER_FILE_VARIABLE):
        return _toml(path, Layer.USER)
    return Source(Layer.USER, str(path))


def project_file(folders: Iterable[Path]) -> Source:
    """The project file in the first of the workspace `folders` that has one."""
    for folder in folders:
        path = folder / PROJECT_FILE
        if os.path.lexists(path):
            return _toml(path, Layer.PROJECT, within=[folder])
    return Source(Layer.PROJECT, PROJECT_FILE)


def environment(environ: Mapping[str, str]) -> Source:
    """The variables that start with DEVSTRAL_. An empty one counts as not set.

    The known ones come first, so that a variable that one of them names is known as such.
    """
    known = {
        key: raw_of_text(setting, environ[setting.variable])
        for key, setting in SETTINGS.items()
        if environ.get(setting.variable)
    }
    names = {
        USER_FILE_VARIABLE,
        CACHE_VARIABLE,
        TOKEN_VARIABLE,
        *(setting.variable for setting in SETTINGS.values()),
    }
    unknown = {name: text for name, text in environ.items() if name.startswith(_PREFIX) and text}
    rest = {name: text for name, text in unknown.items() if name not in names}
    return Source(Layer.ENVIRONMENT, "environment", {**known, **rest})


def editor(settings: object, name: str = "editor") -> Source:
    """Settings as an editor sends them, in any of the forms that editors have.

    Nested or dotted, snake_case or camelCase, bare or within "devstral" or "devstral-lsp". Where
    such a group is there, everything beside it that is not ours belongs to other programs.
    """
    if settings is None:
        return Source(Layer.EDITOR, name)
    if not isinstance(settings, Mapping):
        problem = Problem(Layer.EDITOR, "", f"{name}: the settings must be an object.")
        return Source(Layer.EDITOR, name, problems=(problem,))
    flat = dict(_flat(settings))
    grouped = any(key.partition(".")[0] in _OWN_GROUPS for key in flat)
    values = {_bare(key): raw for key, raw in flat.items() if not _of_others(key, grouped)}
    return Source(Layer.EDITOR, name, values)


def _of_others(key: str, grouped: bool) -> bool:
    head = key.partition(".")[0]
    return head in _OF_COPILOT or (grouped and head not in (*SECTIONS, *_OWN_GROUPS))


def _bare(key: str) -> str:
    head, _, rest = key.partition(".")
    return rest if rest and head in _OWN_GROUPS else key


def _flat(group: Mapping[Any, object], above: Sequence[str] = ()) -> Iterator[tuple[str, object]]:
    """The leaves of nested groups by their dotted names."""
    for name, raw in group.items():
        path = (*above, snake(str(name)))
        if isinstance(raw, Mapping) and len(path) < _DEEPEST:
            yield from _flat(raw, path)
        else:
            yield ".".join(path), raw


def _toml(path: Path, layer: Layer, within: Sequence[Path] | None = None) -> Source:
    import tomllib

    name = str(path)
    try:
        text = read_text(
            path, max_bytes=_MOST_BYTES, within=within, encoding="utf-8-sig", errors="strict"
        )
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        trouble = "this is not TOML" + _line_of(str(error))
    except UnicodeDecodeError:
        trouble = "the file is not UTF-8"
    except (RecursionError, ValueError):
        trouble = "the file is nested too deeply, or holds a number that is too long"
    except OSError as error:
        trouble = f"the file cannot be read ({error.strerror or 'not a file'})"
    else:
        return Source(layer, name, dict(_flat(values)))
    problem = Problem(layer, "", f"{name}: {trouble}. None of its settings apply.")
    return Source(layer, name, problems=(problem,))


def _line_of(message: str) -> str:
    """Where tomllib says it stumbled; the rest of its message may repeat the file's text."""
    at = re.search(r"\(at (line \d+)|\(at (end of document)", message)
    return f", {at[1] or 'at the ' + at[2]}" if at else ""
