"""The setup of each editor, read from `setups.toml` and the files that it names.

In a wheel they are in the package, in a checkout in `editors/`. The same files are pasted,
documented and tested.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from devstral_lsp.errors import DevstralError

Kind = Literal["copy", "block", "json"]
KINDS: tuple[Kind, ...] = ("copy", "block", "json")

PROGRAM = "devstral-lsp"
_COMMANDS = {
    "nvim": "neovim",
    "code": "vscode",
    "codium": "vscode",
    "hx": "helix",
    "kak": "kakoune",
}
"""Commands with another name than their editor."""
_PACKAGE = Path(__file__).parents[2]


class UnknownEditor(DevstralError):
    """There is no setup for this editor."""


@dataclass(frozen=True, slots=True)
class SetupStep:
    """A change of one of the user's files.

    "copy" replaces it; "block" puts our lines between two comments that start with `comment`;
    "json" adds members to the object in it. `syntax` is the syntax of the result, to check it.
    """

    kind: Kind
    content: bytes
    target: Path
    comment: str = "#"
    syntax: str = ""


@dataclass(frozen=True, slots=True)
class EditorSetup:
    """The setup of an editor. `then` are sentences about what `init` cannot do."""

    title: str
    steps: tuple[SetupStep, ...]
    then: tuple[str, ...]


def folder() -> Path:
    """The folder of the files."""
    packaged = _PACKAGE / "setups"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "editors"


def editors() -> tuple[str, ...]:
    """The names of the editors with a setup."""
    return tuple(_read())


def setup_of(editor: str, environ: Mapping[str, str]) -> EditorSetup:
    """The setup of an editor for the home folder of `environ`. Raises UnknownEditor."""
    table = _read().get(editor)
    if table is None:
        raise UnknownEditor(
            f"there is no setup for `{editor}`.{_near(editor)} "
            f"The editors are: {', '.join(editors())}."
        )
    places = _places(environ, table.get("bases", ()))
    steps = (step for each in table.get("step", ()) for step in _steps(each, places))
    return EditorSetup(table["title"], tuple(steps), tuple(table.get("then", ())))


def _near(editor: str) -> str:
    from difflib import get_close_matches

    word = editor.lower()
    close = [_COMMANDS[word]] if word in _COMMANDS else get_close_matches(word, editors(), n=1)
    return f" Did you mean `{close[0]}`?" if close else ""


def _read() -> dict[str, Any]:
    import tomllib

    return tomllib.loads((folder() / "setups.toml").read_text(encoding="utf-8"))


def _places(environ: Mapping[str, str], bases: list[str]) -> dict[str, str]:
    """The folders that paths in the table refer to: {home}, {config}, {data} and {base}."""
    home = Path(environ.get("HOME") or Path.home())
    places = {
        "home": str(home),
        "config": environ.get("XDG_CONFIG_HOME") or str(home / ".config"),
        "data": environ.get("XDG_DATA_HOME") or str(home / ".local" / "share"),
    }
    filled = [each.format(**places) for each in bases]
    there = [each for each in filled if Path(each).is_dir()]
    return {**places, "base": next(iter(there or filled), "")}


def _steps(table: dict[str, Any], places: Mapping[str, str]) -> list[SetupStep]:
    target = _target(table["to"], places)
    if "lines" in table:
        return [SetupStep("block", table["lines"].encode(), target, table["comment"])]
    kind = next(each for each in KINDS if each in table)
    source = folder() / table[kind]
    if source.is_dir():
        inner = sorted(path for path in source.rglob("*") if path.is_file())
        return [
            SetupStep(kind, each.read_bytes(), target / each.relative_to(source)) for each in inner
        ]
    further = {key: table[key] for key in ("comment", "syntax") if key in table}
    return [SetupStep(kind, source.read_bytes(), target, **further)]


def _target(written: Any, places: Mapping[str, str]) -> Path:
    """A path; of several, the first that exists or else the last; or one for each system."""
    if isinstance(written, dict):
        written = written.get(sys.platform, written["linux"])
    several = [written] if isinstance(written, str) else written
    paths = [Path(each.format(**places)) for each in several]
    return next((path for path in paths if path.exists()), paths[-1])


def path_hint() -> str:
    """What to do if the program is not on this shell's PATH, as a sentence; "" if it is.

    Only a hint, because an editor may have another PATH.
    """
    if shutil.which(PROGRAM):
        return ""
    own = shutil.which(PROGRAM, path=sysconfig.get_path("scripts"))
    instead = f", or give your editor the whole path, {own}" if own else ""
    return (
        f"`{PROGRAM}` is not on the PATH here: "
        f"run `pipx install .` in a clone of it and `pipx ensurepath`{instead}."
    )
