"""What is wrong with the settings, what follows from it, and the sentence for the user.

An entry that restricts nothing is ignored. One that may restrict narrows: nothing is sent until it
is corrected. Where the same place could be read before in this session, its settings from then stay
in force. While an editor has yet to answer, nothing is sent either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from devstral_lsp.config.setting_spec import Layer

DOCTOR = "`devstral-lsp doctor` lists them"
BELOW = "they stand below"
"""Where the problems are that a headline only counts."""


class Effect(IntEnum):
    """What follows from a problem; the worst is the highest."""

    LEFT_OUT = 0
    KEEPS = 1
    WAITS = 2
    NARROWS = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry that was left out. `key` is as written, empty where a whole source failed.

    `sentence` says where it stands, what is wrong and what would be right; it holds no secret.
    `source` is the name of the source, empty where that does not matter.
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
    """The first of the gravest; None if there are none."""
    return max(problems, key=lambda each: each.effect, default=None)


def headline(problems: Sequence[Problem], others: str = DOCTOR) -> str:
    """One sentence on what follows, the first problem for which it does, and a count of the others.

    Empty if all that follows is that entries are left out. `others` says where to find the rest,
    and is empty where they need not be counted.
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
    """The headline where nothing may be sent, else ""."""
    first = worst(problems)
    return headline(problems) if first is not None and first.effect >= Effect.WAITS else ""
