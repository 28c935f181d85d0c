"""Read settings from the user file, the environment, the editor and the project file.

Each function reads one source into a `SettingsLayer` of dotted snake_case keys. Errors become a
`Problem`; nothing raises. A misnamed settings file would restrict nothing, so such files are
searched and reported.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from devstral_lsp.bounded_read import read_text
from devstral_lsp.config.merge import SettingsLayer
from devstral_lsp.config.nearest import near, plain
from devstral_lsp.config.parse_value import decode_env_value, to_snake_case
from devstral_lsp.config.problem import Effect, Problem
from devstral_lsp.config.schema import SECTIONS, SETTING_SPECS
from devstral_lsp.config.setting_spec import Layer

PROJECT_FILE = ".devstral.toml"
FOLDER_GROUP = "workspace"
"""The group in which an editor sends a folder's own settings, separate from the user's."""
TRUST = "workspace_trusted"
"""Whether the user trusts the folder, if the editor knows; not a setting."""
USER_FILE_VARIABLE = "DEVSTRAL_CONFIG"
"""Names a user file other than the one in the user's configuration folder."""

CACHE_VARIABLE = "DEVSTRAL_CACHE"
"""Names a cache folder other than the system's."""

STATE_VARIABLE = "DEVSTRAL_STATE"
"""Names a state folder other than the system's."""

TOKEN_VARIABLE = "DEVSTRAL_TOKEN"
"""Contains the token of clients of a port. Not a setting: it must not be in a file."""

_PREFIX = "DEVSTRAL_"
_ALIKE, _MAX_LETTERS = 0.85, 6
_MAX_BYTES = 256 * 1024
"""Size limit of a settings file; a project file may be hostile."""
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
"""Settings that plugins written for Copilot's language server send, which are not ours."""

_STEMS = frozenset({"config", "conf", "settings", "devstral", "devstral-lsp", "devstral_lsp"})
_SUFFIXES = frozenset(
    {"", ".toml", ".tml", ".json", ".jsonc", ".yaml", ".yml", ".ini", ".conf", ".cfg", ".txt"}
)
"""The last suffix: Notepad writes "config.toml.txt". Copies such as "config.toml.bak" are
intended."""
_OTHER_FOLDERS = ("devstral", "devstral_lsp")
_IN_PROJECTS = tuple(
    f"{name}{suffix}"
    for name in (".devstral", ".devstral-lsp", ".devstral_lsp", "devstral", "devstral-lsp")
    for suffix in (".toml", ".tml", ".json", ".yaml", ".yml", ".toml.txt")
)


def user_file_path(environ: Mapping[str, str]) -> Path:
    """The user's own settings file, whether or not it exists."""
    if named := environ.get(USER_FILE_VARIABLE):
        return Path(os.path.expanduser(named))
    from platformdirs import user_config_path

    return user_config_path("devstral-lsp", appauthor=False) / "config.toml"


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The cache folder. It need not exist."""
    if named := environ.get(CACHE_VARIABLE):
        return Path(os.path.expanduser(named))
    from platformdirs import user_cache_path

    return user_cache_path("devstral-lsp", appauthor=False)


def state_folder(environ: Mapping[str, str]) -> Path:
    """The folder for data that cannot be recreated. It need not exist."""
    if named := environ.get(STATE_VARIABLE):
        return Path(os.path.expanduser(named))
    from platformdirs import user_state_path

    return user_state_path("devstral-lsp", appauthor=False)


def read_user_file(environ: Mapping[str, str]) -> SettingsLayer:
    """Read the user's settings file, which may be missing unless the environment names it."""
    path = user_file_path(environ)
    if _may_exist(path) or environ.get(USER_FILE_VARIABLE):
        return _toml(path, Layer.USER)
    return _missing(Layer.USER, str(path), find_misnamed_user_file(path))


def read_project_file(folders: Sequence[Path]) -> SettingsLayer:
    """Read the project file of the first workspace folder that has one."""
    for folder in folders:
        path = folder / PROJECT_FILE
        if _may_exist(path):
            return _toml(path, Layer.PROJECT, within=[folder])
    misnamed = find_misnamed_project_file(folders, PROJECT_FILE)
    return _missing(Layer.PROJECT, PROJECT_FILE, misnamed)


def find_misnamed_user_file(path: Path) -> Path | None:
    """The misnamed file that was meant as the missing user file `path`; None if there is none.

    A folder that cannot be listed counts as empty.
    """
    try:
        with os.scandir(path.parent) as entries:
            found = sorted(
                each.name for each in entries if _is_misnamed(each.name) and each.is_file()
            )
    except OSError:
        found = []
    others = (path.parent.parent / folder / path.name for folder in _OTHER_FOLDERS)
    return _first([*(path.parent / name for name in found), *others])


def find_misnamed_project_file(folders: Iterable[Path], right: str) -> Path | None:
    """The same for project files, if no folder has one called `right`."""
    return _first(folder / name for folder in folders for name in _IN_PROJECTS if name != right)


def _is_misnamed(name: str) -> bool:
    stem, *_ = name.lower().split(".")
    return stem in _STEMS and os.path.splitext(name.lower())[1] in _SUFFIXES


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if _is_file_or_link(path)), None)


def _is_file_or_link(path: Path) -> bool:
    """Whether it is a file or a link. Links are not followed: in a cloned folder they may lead
    to a share."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _missing(layer: Layer, name: str, misnamed: Path | None) -> SettingsLayer:
    """A missing file; or a misnamed one, whose settings are not used: nothing is sent."""
    if misnamed is None:
        return SettingsLayer(layer, name, is_blank=True)
    sentence = f"{misnamed}: the settings in it are not read. Rename it to {name}, or delete it."
    return replace(unreadable(layer, name, sentence), is_blank=True)


def read_environment(environ: Mapping[str, str]) -> SettingsLayer:
    """The variables that start with DEVSTRAL_. An empty one counts as not set.

    Known settings come first, so that a variable which one of them names is recognised.
    """
    known = {
        key: decode_env_value(setting, environ[setting.variable])
        for key, setting in SETTING_SPECS.items()
        if environ.get(setting.variable)
    }
    names = {
        USER_FILE_VARIABLE,
        CACHE_VARIABLE,
        STATE_VARIABLE,
        TOKEN_VARIABLE,
        *(setting.variable for setting in SETTING_SPECS.values()),
    }
    rest = {
        name: text
        for name, text in environ.items()
        if text and name not in names and _is_about_us(name)
    }
    return SettingsLayer(Layer.ENVIRONMENT, "environment", {**known, **rest})


def _is_about_us(name: str) -> bool:
    """Whether a variable's name begins with our prefix, or with a misspelling of it."""
    if plain(name).startswith("devstral"):
        return True
    head = name.partition("_")[0]
    # Comparing letters first is faster than comparing whole names.
    letters = {*_PREFIX} & {*head.upper()}
    return len(letters) >= _MAX_LETTERS and bool(near(head.upper(), [_PREFIX[:-1]], _ALIKE))


def read_editor_settings(settings: object, name: str = "editor") -> SettingsLayer:
    """Parse an editor's settings, in any of the forms that editors use.

    Nested or dotted, snake_case or camelCase, bare or within "devstral" or "devstral-lsp". Beside
    such a group, everything else belongs to other programs.
    """
    if settings is None:
        return SettingsLayer(Layer.EDITOR, name)
    if not isinstance(settings, Mapping):
        return unreadable(Layer.EDITOR, name, f"{name}: the settings must be an object.")
    flat = dict(_flat(settings))
    if lone := [group for group in _OWN_GROUPS if flat.get(group) is not None]:
        return unreadable(Layer.EDITOR, name, f'{name}: "{lone[0]}" must be an object.')
    values = {
        key: raw
        for key, raw in _own_entries(settings).items()
        if key != TRUST and not _is_of_folder(key)
    }
    return SettingsLayer(Layer.EDITOR, name, values)


def folder_settings(settings: object, name: str = "workspace settings") -> SettingsLayer:
    """A folder's own settings, if the editor sends them separately, as VS Code does.

    They come with the folder and are treated like a project file.
    """
    entries = _own_entries(settings).items() if isinstance(settings, Mapping) else ()
    values = {key.partition(".")[2]: raw for key, raw in entries if _is_of_folder(key)}
    return SettingsLayer(Layer.PROJECT, name, values)


def is_trusted(settings: object) -> bool | None:
    """Whether the editor says that the user trusts the folder; None if it does not say.

    Any value except True means no.
    """
    trust = _own_entries(settings).get(TRUST) if isinstance(settings, Mapping) else None
    return None if trust is None else trust is True


def restricting(source: SettingsLayer) -> SettingsLayer:
    """Only the restricting settings, for a folder that the user does not trust."""
    added = [
        key for key in source.values if key in SETTING_SPECS and SETTING_SPECS[key].accumulates
    ]
    problems = [
        Problem(
            source.layer,
            key,
            f'{source.name}: "{key}" is left out, since this folder is not trusted in the editor.',
        )
        for key in added
    ]
    values = {key: raw for key, raw in source.values.items() if key not in added}
    return replace(source, values=values, problems=(*source.problems, *problems))


def _is_of_folder(key: str) -> bool:
    return key.partition(".")[0] == FOLDER_GROUP


def _own_entries(settings: Mapping[Any, object]) -> dict[str, object]:
    """All of our settings, by dotted names."""
    flat = dict(_flat(settings))
    grouped = any(key.partition(".")[0] in _OWN_GROUPS for key in flat)
    return {_bare(key): raw for key, raw in flat.items() if not _of_others(key, grouped)}


def _of_others(key: str, grouped: bool) -> bool:
    head = key.partition(".")[0]
    if head in _OF_COPILOT or not grouped:
        return head in _OF_COPILOT
    return head not in (*SECTIONS, *_OWN_GROUPS) and not near(head, _OWN_GROUPS, _ALIKE)


def _bare(key: str) -> str:
    head, _, rest = key.partition(".")
    return rest if rest and head in _OWN_GROUPS else key


def _flat(group: Mapping[Any, object], above: Sequence[str] = ()) -> Iterator[tuple[str, object]]:
    """The leaves of nested groups by dotted names."""
    for name, raw in group.items():
        path = (*above, to_snake_case(str(name)))
        if isinstance(raw, Mapping) and len(path) < _DEEPEST:
            yield from _flat(raw, path)
        else:
            yield ".".join(path), raw


def unreadable(layer: Layer, name: str, sentence: str) -> SettingsLayer:
    """An unreadable source. Its restrictions are unknown, so nothing is sent."""
    return SettingsLayer(
        layer, name, problems=(Problem(layer, "", sentence, Effect.NARROWS, name),)
    )


def _may_exist(path: Path) -> bool:
    """Whether the file exists, or may exist behind a broken link or in an unreadable folder."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _toml(path: Path, layer: Layer, within: Sequence[Path] | None = None) -> SettingsLayer:
    import tomllib

    name, text, line = str(path), "", 0
    try:
        text = read_text(
            path, max_bytes=_MAX_BYTES, within=within, encoding="utf-8-sig", errors="strict"
        )
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        from devstral_lsp.config.toml_text import describe_syntax_error  # not at start-up

        fault, line = describe_syntax_error(str(error), text)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        fault = "the file is not UTF-8: save it as UTF-8"
    except (RecursionError, ValueError):
        fault = "the file is nested too deeply, or holds a number that is too long"
    except OSError as error:
        fault = f"the file cannot be read ({error.strerror or 'not a file'}){_advice(error, layer)}"
    else:
        blank = not text.strip()
        return SettingsLayer(layer, name, dict(_flat(values)), text=text, is_blank=blank)
    place = f"{name}, line {line}" if line else name
    return unreadable(layer, name, f"{place}: {fault}.")


def _advice(error: OSError, layer: Layer) -> str:
    if isinstance(error, FileNotFoundError) and layer is Layer.USER:
        return f": write the file, or correct {USER_FILE_VARIABLE}"
    if isinstance(error, PermissionError):
        return ": let yourself read it"
    return ""
