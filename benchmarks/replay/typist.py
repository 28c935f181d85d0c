"""The user, as constants and seeded draws by place. Pure; no clock, no server.

Each draw depends on the seed, the trace and the place only, never on what happened before. So two
servers meet the same typist: the same pauses, the same slips, the same looks at the same places.
Constants without a source are assumptions. Burst, hesitation and line pauses were settled so that
the naive server of this package comes near earlier measurements of such a server; no other server
was looked at for them but tabby-agent.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchmarks.replay.corpus import Trace

PAUSE_S = 0.6
"""An interval longer than this is a pause: about four keys' worth of not typing."""

BURST_S = (0.175, 0.45)
"""Median and spread (log-normal) of the interval inside a burst. The mean, 0.19 s, is
a brisk typist's: 136 million keystrokes (Dhakal et al., CHI 2018) average 0.24 s with pauses."""

HESITATION = 0.55
"""Share of words (of code, where a name is chosen) that begin after a hesitation."""

WORD_END_HESITATION = 0.20
"""Share of word ends followed by one: which operator, which bracket."""

HESITATION_S = (0.60, 0.35)
"""Median and spread of a hesitation: half of them are pauses, and most of those are short ones, as
intervals between keys thin out the longer they are."""

LINE_PAUSE = 0.25
"""Share of line ends where one thinks before Enter, and of line starts where one thinks after."""

LINE_PAUSE_S = (1.0, 2.0)
"""Thinking: evenly between these."""

SLIP = 0.02
"""Share of letters that go wrong and are noticed. An assumption."""

SLIP_UNNOTICED = 0.4
"""Share of slips that are noticed only one key later."""

SLIP_NOTICED_S = 0.32
"""From a wrong key to the first backspace: one reaction."""

BACKSPACE_S = 0.14
"""Between backspaces and back to the right key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperament:
    """What a typist makes of ghost texts."""

    reaction_s: tuple[float, float]
    """From the moment a ghost text is looked at to the press of the accepting key: it is read, and
    compared with what was meant. Simple reactions take 0.2 to 0.25 s."""
    glance: float
    """Share of the ghost texts coming up within a burst that are looked at while typing goes on.
    Most typists do not: that is why only what stands long enough is read."""
    min_gain_keys: int
    """Fewer keys than this are typed, not accepted."""


USUAL = Temperament(reaction_s=(0.25, 0.40), glance=0.25, min_gain_keys=4)
EAGER = Temperament(reaction_s=(0.20, 0.30), glance=0.60, min_gain_keys=2)
WARY = Temperament(reaction_s=(0.45, 0.80), glance=0.05, min_gain_keys=10)
TEMPERAMENTS = {"usual": USUAL, "eager": EAGER, "wary": WARY}

READ_LINE_S = 0.10
"""For each further line of it."""

SETTLE_S = 0.10
"""After the last key of a burst, until the eyes are on the ghost text."""

LOOK_WAIT_S = 0.35
"""An interval longer than this is long enough to look at what is shown."""

AFTER_ACCEPT_S = 0.3
"""After accepting, at least this long until the next key: one looks at what came."""

START_S = 0.5
"""From opening a file to the first key."""

_NEAR_KEYS = {
    "q": "wa", "w": "qe", "e": "wr", "r": "et", "t": "ry", "y": "tu", "u": "yi", "i": "uo",
    "o": "ip", "p": "ol", "a": "sq", "s": "ad", "d": "sf", "f": "dg", "g": "fh", "h": "gj",
    "j": "hk", "k": "jl", "l": "kp", "z": "xa", "x": "zc", "c": "xv", "v": "cb", "b": "vn",
    "n": "bm", "m": "nj",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong key and how many right ones follow before it is noticed."""

    wrong: str
    unnoticed: int


@dataclass(frozen=True, slots=True)
class Typist:
    """What the user does at each place of a trace. Offsets are code points of the true text."""

    seed: int
    trace: Trace
    temperament: Temperament = USUAL

    def interval_s(self, offset: int) -> float:
        """The wait before the key at `offset`, counted from the key before."""
        rng = self._rng("interval", offset)
        burst = rng.lognormvariate(0, BURST_S[1]) * BURST_S[0]
        if rng.random() < self._line_pause(offset):
            return rng.uniform(*LINE_PAUSE_S)
        if rng.random() < self._hesitation(offset):
            return max(burst, HESITATION_S[0] * rng.lognormvariate(0, HESITATION_S[1]))
        return burst

    def slip(self, offset: int) -> Slip | None:
        """A slip at `offset`, only inside words, with their next letter still of the word."""
        text, rng = self.trace.text, self._rng("slip", offset)
        near = _NEAR_KEYS.get(text[offset])
        if not near or not text[offset - 1].isalpha() or rng.random() >= SLIP:
            return None
        follows = text[offset + 1 : offset + 2].isalpha() and offset + 1 < self.trace.end
        unnoticed = int(follows and rng.random() < SLIP_UNNOTICED)
        return Slip(rng.choice(near), unnoticed)

    def reaction_s(self, offset: int, text: str) -> float:
        """From looking at a ghost text that came up at `offset` to the accepting key."""
        lines = text.strip().count("\n")
        reaction_s = self._rng("reaction", offset).uniform(*self.temperament.reaction_s)
        return reaction_s + READ_LINE_S * lines

    def glances(self, offset: int) -> bool:
        """Whether a ghost text that comes up at `offset` within a burst is looked at."""
        return self._rng("glance", offset).random() < self.temperament.glance

    def _line_pause(self, offset: int) -> float:
        text = self.trace.text
        at_line_end = text[offset] == "\n"
        at_line_start = not text[text.rfind("\n", 0, offset) + 1 : offset].strip()
        return LINE_PAUSE if at_line_end or at_line_start else 0.0

    def _hesitation(self, offset: int) -> float:
        before, here = (_in_word(self.trace.text[i]) for i in (offset - 1, offset))
        if here and not before:
            return HESITATION
        return WORD_END_HESITATION if before and not here else 0.0

    def _rng(self, what: str, offset: int) -> random.Random:
        return random.Random(f"{self.seed}:{self.trace.number}:{what}:{offset}")


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
