"""Reads settings: from the user file, the environment, the editor and the project file.

Each function reads one place into a `SettingsLayer` of dotted snake_case keys. Whatever goes wrong
becomes a `Problem`; nothing here raises. Files that were meant as ours and have another name would
restrict nothing, so they are looked for by name and reported.
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
"""The group in which an editor sends what a folder's own settings say, apart from the user's."""
TRUST = "workspace_trusted"
"""Whether the user trusts the folder, where an editor knows that; no setting."""
USER_FILE_VARIABLE = "DEVSTRAL_CONFIG"
"""Names another user file than the one in the user's configuration folder."""

CACHE_VARIABLE = "DEVSTRAL_CACHE"
"""Names another folder for what is kept between sessions than the one for that in the system."""

STATE_VARIABLE = "DEVSTRAL_STATE"
"""Names another folder for the ledger than the one for state in the system."""

TOKEN_VARIABLE = "DEVSTRAL_TOKEN"
"""Holds the token that clients of a port present. It is no setting: no file may hold it."""

_PREFIX = "DEVSTRAL_"
_ALIKE, _MOST_LETTERS = 0.85, 6
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

_STEMS = frozenset({"config", "conf", "settings", "devstral", "devstral-lsp", "devstral_lsp"})
_SUFFIXES = frozenset(
    {"", ".toml", ".tml", ".json", ".jsonc", ".yaml", ".yml", ".ini", ".conf", ".cfg", ".txt"}
)
"""The last suffix: "config.toml.txt" is the Notepad's. Copies as "config.toml.bak" are no slips."""
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
    """Where that is kept which can be found anew. The folder need not exist."""
    if named := environ.get(CACHE_VARIABLE):
        return Path(os.path.expanduser(named))
    from platformdirs import user_cache_path

    return user_cache_path("devstral-lsp", appauthor=False)


def state_folder(environ: Mapping[str, str]) -> Path:
    """Where that is kept which cannot be found anew. The folder need not exist."""
    if named := environ.get(STATE_VARIABLE):
        return Path(os.path.expanduser(named))
    from platformdirs import user_state_path

    return user_state_path("devstral-lsp", appauthor=False)


def read_user_file(environ: Mapping[str, str]) -> SettingsLayer:
    """The user's own settings file, which need not be there unless the environment names it."""
    path = user_file_path(environ)
    if _is_there(path) or environ.get(USER_FILE_VARIABLE):
        return _toml(path, Layer.USER)
    return _not_there(Layer.USER, str(path), instead_of_user_file(path))


def read_project_file(folders: Sequence[Path]) -> SettingsLayer:
    """The project file in the first of the workspace `folders` that has one."""
    for folder in folders:
        path = folder / PROJECT_FILE
        if _is_there(path):
            return _toml(path, Layer.PROJECT, within=[folder])
    meant = instead_of_project_file(folders, PROJECT_FILE)
    return _not_there(Layer.PROJECT, PROJECT_FILE, meant)


def instead_of_user_file(path: Path) -> Path | None:
    """The file that was meant as the user file `path`, which is not there; None if there is none.

    A folder that cannot be listed counts as empty.
    """
    try:
        with os.scandir(path.parent) as entries:
            found = sorted(each.name for each in entries if _is_meant(each.name) and each.is_file())
    except OSError:
        found = []
    others = (path.parent.parent / folder / path.name for folder in _OTHER_FOLDERS)
    return _first([*(path.parent / name for name in found), *others])


def instead_of_project_file(folders: Iterable[Path], right: str) -> Path | None:
    """The same for project files, of which none of `folders` has one that is called `right`."""
    return _first(folder / name for folder in folders for name in _IN_PROJECTS if name != right)


def _is_meant(name: str) -> bool:
    stem, *_ = name.lower().split(".")
    return stem in _STEMS and os.path.splitext(name.lower())[1] in _SUFFIXES


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if _is_file_or_link(path)), None)


def _is_file_or_link(path: Path) -> bool:
    """A link counts and is not followed: in a cloned folder it may lead to a share."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _not_there(layer: Layer, name: str, meant: Path | None) -> SettingsLayer:
    """No file, or another in its place, `meant` as ours, of which nothing counts: that narrows."""
    if meant is None:
        return SettingsLayer(layer, name, is_blank=True)
    sentence = f"{meant}: the settings in it are not read. Rename it to {name}, or delete it."
    return replace(unreadable(layer, name, sentence), is_blank=True)


def read_environment(environ: Mapping[str, str]) -> SettingsLayer:
    """The variables that start with DEVSTRAL_. An empty one counts as not set.

    The known ones come first, so that a variable that one of them names is known as such.
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
    """Whether a variable's name begins with our prefix, or with a slip of it."""
    if plain(name).startswith("devstral"):
        return True
    head = name.partition("_")[0]
    # Comparing letters first is cheaper than comparing whole names.
    letters = {*_PREFIX} & {*head.upper()}
    return len(letters) >= _MOST_LETTERS and bool(near(head.upper(), [_PREFIX[:-1]], _ALIKE))


def read_editor_settings(settings: object, name: str = "editor") -> SettingsLayer:
    """Settings as an editor sends them, in any of the forms that editors have.

    Nested or dotted, snake_case or camelCase, bare or within "devstral" or "devstral-lsp". Where
    such a group is there, everything beside it that is not ours belongs to other programs.
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
    """What a folder's own settings say in an editor that sends them apart, as VS Code does.

    They come with the folder, like a project file, and count as one.
    """
    entries = _own_entries(settings).items() if isinstance(settings, Mapping) else ()
    values = {key.partition(".")[2]: raw for key, raw in entries if _is_of_folder(key)}
    return SettingsLayer(Layer.PROJECT, name, values)


def is_trusted(settings: object) -> bool | None:
    """Whether the editor says that the user trusts the folder; None where it does not say.

    What cannot be read as a yes is a no.
    """
    said = _own_entries(settings).get(TRUST) if isinstance(settings, Mapping) else None
    return None if said is None else said is True


def restricting(source: SettingsLayer) -> SettingsLayer:
    """The same without what adds something: for a folder that the user does not trust."""
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
    """All that is ours, by dotted names."""
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
    """The leaves of nested groups by their dotted names."""
    for name, raw in group.items():
        path = (*above, to_snake_case(str(name)))
        if isinstance(raw, Mapping) and len(path) < _DEEPEST:
            yield from _flat(raw, path)
        else:
            yield ".".join(path), raw


def unreadable(layer: Layer, name: str, sentence: str) -> SettingsLayer:
    """A source of which nothing can be used, which narrows: what it restricts is not known."""
    return SettingsLayer(
        layer, name, problems=(Problem(layer, "", sentence, Effect.NARROWS, name),)
    )


def _is_there(path: Path) -> bool:
    """Whether something has that name, or that cannot be ruled out.

    A link that leads nowhere, and a folder that may not be searched, hide a file that may restrict.
    """
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
            path, max_bytes=_MOST_BYTES, within=within, encoding="utf-8-sig", errors="strict"
        )
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        from devstral_lsp.config.toml_text import trouble_of  # not at start-up

        trouble, line = trouble_of(str(error), text)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        trouble = "the file is not UTF-8: save it as UTF-8"
    except (RecursionError, ValueError):
        trouble = "the file is nested too deeply, or holds a number that is too long"
    except OSError as error:
        trouble = (
            f"the file cannot be read ({error.strerror or 'not a file'}){_advice(error, layer)}"
        )
    else:
        blank = not text.strip()
        return SettingsLayer(layer, name, dict(_flat(values)), text=text, is_blank=blank)
    place = f"{name}, line {line}" if line else name
    return unreadable(layer, name, f"{place}: {trouble}.")


def _advice(error: OSError, layer: Layer) -> str:
    if isinstance(error, FileNotFoundError) and layer is Layer.USER:
        return f": write the file, or correct {USER_FILE_VARIABLE}"
    if isinstance(error, PermissionError):
        return ": let yourself read it"
    return ""
