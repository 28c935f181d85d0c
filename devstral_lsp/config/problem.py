"""The problems of the settings, their effects, and the messages for the user.

An invalid entry that restricts nothing is ignored. One that may restrict narrows: nothing is sent
until it is corrected. If the same source was valid earlier in this session, its earlier settings
stay in force. Nothing is sent either until the editor has sent its settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from devstral_lsp.config.setting_spec import Layer

DOCTOR = "`devstral-lsp doctor` lists them"
BELOW = "they stand below"
"""Where to find the problems that a headline only counts."""


class Effect(IntEnum):
    """The effect of a problem, in ascending severity."""

    LEFT_OUT = 0
    KEEPS = 1
    WAITS = 2
    NARROWS = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One ignored entry. `key` is as its author wrote it, "" if a whole source is invalid.

    `sentence` says where it is, what is wrong and what is expected; it contains no secret.
    `source` is the name of the source, "" if that does not matter.
    """

    layer: Layer
    key: str
    sentence: str
    effect: Effect = Effect.LEFT_OUT
    source: str = ""


_SAYS = {
    Effect.NARROWS: (
        "devstral-lsp sends nothing to any model, and completes from your own code alone, until "
        "its settings can be read:"
    ),
    Effect.WAITS: "devstral-lsp sends nothing to any model yet, and completes from your own code:",
    Effect.KEEPS: (
        "devstral-lsp keeps to the settings from before, until the new ones can be read:"
    ),
}


def worst(problems: Sequence[Problem]) -> Problem | None:
    """The first of the most severe problems; None if there are none."""
    return max(problems, key=lambda each: each.effect, default=None)


def headline(problems: Sequence[Problem], others: str = DOCTOR) -> str:
    """One sentence on the most severe effect, the first problem with it, and a count of the others.

    "" if entries are only ignored. `others` says where to find the rest; "" leaves out the count.
    """
    first = worst(problems)
    if first is None or first.effect is Effect.LEFT_OUT:
        return ""
    text = f"{_SAYS[first.effect]} {first.sentence}"
    more = len(problems) - 1
    if not more or not others:
        return text
    count = "is 1 more problem" if more == 1 else f"are {more} more problems"
    return f"{text} There {count}: {others}."


def narrowing(problems: Sequence[Problem]) -> str:
    """The headline if nothing may be sent; "" if it may."""
    first = worst(problems)
    return headline(problems) if first is not None and first.effect >= Effect.WAITS else ""
