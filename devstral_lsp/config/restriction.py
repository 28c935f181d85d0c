"""How a project file may change a setting: only so that less is done, sent or paid for.

A cloned repository brings its own file, and a folder its own editor settings. Neither may widen
what the user has set, so each setting says in which direction it may be moved. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devstral_lsp.characters import deceptive_characters, describe_character
from devstral_lsp.errors import ConfigError

Narrow = Callable[[Any, Any], Any]
"""From the value in force and the one that the project gives to the value from then on.

Raises ConfigError, with the end of a sentence, where that would widen it.
"""


@dataclass(frozen=True, slots=True)
class Restriction:
    """`words` say what a project may do, for the table of settings."""

    words: str
    narrow: Narrow


def _lower(value: float, given: float) -> float:
    if given > value:
        raise ConfigError(f"may only be lowered by a project file, from {value:.12g}.")
    return given


def _off(value: bool, given: bool) -> bool:
    if given and not value:
        raise ConfigError("may only be switched off by a project file.")
    return given


def _more(value: tuple[Any, ...], given: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*value, *given)))


LOWER = Restriction("may lower it", _lower)
OFF = Restriction("may switch it off", _off)
MORE = Restriction("may add to it", _more)


def only(word: str) -> Restriction:
    """One word of several: the one with which least is done."""

    def narrow(_: str, given: str) -> str:
        if given != word:
            raise ConfigError(f'may only be "{word}" in a project file.')
        return given

    return Restriction(f'may say `"{word}"`', narrow)


def _plain_text(_: str, given: str) -> str:
    hidden = sorted(deceptive_characters(given))
    if hidden:
        name = describe_character(hidden[0])
        raise ConfigError(f"holds {name}, which is not seen: write it without that.")
    return given


def _refactor_kind(_: str, given: str) -> str:
    if given.partition(".")[0] != "refactor":
        raise ConfigError(
            'must be "refactor" or begin with "refactor." in a project file: editors offer or '
            "apply other kinds by themselves. Put such an action into the user file."
        )
    return given


PLAIN_TEXT = Restriction("", _plain_text)
"""Of an action of the project: nothing in it that a reader does not see."""
REFACTOR_KIND = Restriction("", _refactor_kind)
"""Of an action of the project. Editors apply `source.*` on save and offer `quickfix` unasked: both
would send the file and change it without a click."""
ANY = Restriction("", lambda _, given: given)
"""Of an action of the project: what widens nothing."""
EXTRA_ENTRIES = Restriction("may add to it", lambda _, given: given)
"""Of what is gathered from all layers: a project's entries stand behind the user's own."""
