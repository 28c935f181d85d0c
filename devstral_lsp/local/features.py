"""What speaks for and against the likeliest piece, as numbers for the judge.

Knows the scene and the sightings, and no weights.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devstral_lsp.local.cursor_context import LocalContext
from devstral_lsp.local.ngram_match import NgramContext, NgramMatch

CLUES = (
    "odds", "runner_up",
    "seen", "own", "own_share", "rung_against", "below", "below_rung", "below_against",
    "texts", "second_rung", "latest", "unanimous",
    "shapes_for", "shapes_against", "shapes_agree",
    "ending_share", "typed", "length", "name", "near_name", "known_name",
    "foreign", "since_used",
    "line_end", "left_open", "closer", "unopened", "nothing_below", "repeats_below",
    "repeats_above",
)  # fmt: skip
"""The names of the numbers that `extract_features` gives, in their order."""

_BELOW = 24
"""Code points of the line below that a sighting's own next line has to share to agree with it."""

_SHORTLY = 250
"""Code points before a place in which a name is one that its line is about."""

_NEVER_USED = 9.0
"""The logarithm of a distance that is longer than any in a scene."""

_WORD = re.compile(r"\w+")
_CLOSERS = frozenset(")]}")
_QUOTES = "\"'`"
_SURE_ODDS = 0.999
_TRIVIAL = 3
"""Code points of a line that may well stand twice in a row: a closing bracket, `else:`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureInput:
    """All that is known of the place where a piece is to be judged."""

    scene: LocalContext
    context: NgramContext
    guessed: str
    """What is guessed of the line already."""
    found: Sequence[NgramMatch]
    odds: Mapping[str, float]
    shaped: Sequence[str]
    endings: Counter[str]

    @property
    def line(self) -> str:
        """The line so far, without its indentation, with what is already guessed of it."""
        return self.scene.body + self.guessed


def extract_features(piece: str, evidence: FeatureInput) -> tuple[float, ...]:
    """The clues on `piece`, which is in `evidence.odds`, in the order of CLUES."""
    mine = [s for s in evidence.found if s.piece == piece]
    best = max(mine, key=lambda s: s.order, default=None)
    return (
        *_from_odds(piece, evidence.odds),
        *_from_sightings(piece, evidence.found, evidence.scene.next_line),
        *_from_agreement(mine, evidence.found),
        *_from_shapes(piece, evidence.shaped),
        *_from_words(piece, evidence),
        *_from_use(piece, evidence, best),
        *_from_line(piece, evidence, best),
    )


def _from_odds(piece: str, odds: Mapping[str, float]) -> tuple[float, ...]:
    own = min(_SURE_ODDS, max(1 - _SURE_ODDS, odds[piece]))
    runner_up = max((value for other, value in odds.items() if other != piece), default=0.0)
    return math.log(own / (1 - own)), runner_up


def _from_sightings(piece: str, found: Sequence[NgramMatch], next_line: str) -> tuple[float, ...]:
    mine = [s for s in found if s.piece == piece]
    others = [s for s in found if s.piece != piece]
    own = sum(s.own for s in mine)
    own_others = sum(s.own for s in others)
    below = max((s.order for s in mine if _agrees_below(s, next_line)), default=0)
    against = max((s.order for s in others if _agrees_below(s, next_line)), default=0)
    return (
        math.log(1 + len(mine)),
        float(own > 0),
        own / (own + own_others) if own + own_others else 0.5,
        float(max((s.order for s in others), default=0)),
        float(below > 0),
        float(below),
        float(against),
    )


def _agrees_below(sighting: NgramMatch, next_line: str) -> bool:
    text = sighting.block.text
    end = text.find("\n", sighting.place)
    return bool(next_line) and end >= 0 and text.startswith(next_line[:_BELOW], end + 2)


def _from_agreement(mine: Sequence[NgramMatch], found: Sequence[NgramMatch]) -> tuple[float, ...]:
    """How far those that show the piece, `mine` of all that were `found`, are of one mind."""
    rungs = sorted((s.order for s in mine), reverse=True)
    return (
        math.log(1 + len({s.block.name for s in mine})),
        float(rungs[1] if len(rungs) > 1 else 0),
        _latest(mine, found),
        float(bool(mine) and len(mine) == len(found) and _end_alike(mine)),
    )


def _latest(mine: Sequence[NgramMatch], found: Sequence[NgramMatch]) -> float:
    """Whether the last sighting in the nearest block of the open document is of `mine`."""
    nearest = next((s.block for s in found if s.own), None)
    if nearest is None:
        return 0.5
    last = max(s.place for s in found if s.block is nearest)
    return float(any(s.place == last and s.block is nearest for s in mine))


def _end_alike(mine: Sequence[NgramMatch]) -> bool:
    """Whether all lines in which the piece was seen go on alike, to their ends."""
    rest = _rest_of_line(mine[0])
    return all(_rest_of_line(s) == rest for s in mine)


def _from_shapes(piece: str, shaped: Sequence[str]) -> tuple[float, ...]:
    mine = shaped.count(piece)
    speaks_for = math.log(1 + mine)
    agree = mine == len(shaped)
    return speaks_for, math.log(1 + len(shaped) - mine), speaks_for * agree


def _from_words(piece: str, evidence: FeatureInput) -> tuple[float, ...]:
    endings, partial = evidence.endings, evidence.context.partial
    word = (partial + piece).strip()
    name = not piece.isspace() and word[-1:].isidentifier()
    near = name and word in evidence.scene.words
    return (
        endings[piece] / endings.total() if endings else 0.0,
        float(len(partial.strip())),
        float(len(piece)),
        float(name),
        float(near),
        float(near or (name and evidence.scene.knows(word))),
    )


def _from_use(piece: str, evidence: FeatureInput, best: NgramMatch | None) -> tuple[float, ...]:
    """Whether a name belongs to `best`'s surroundings rather than here, and its last use here."""
    partial, flat = evidence.context.partial, evidence.scene.flat
    word = (partial + piece).strip()
    if len(word) < 2 or not word.isidentifier():
        return 0.0, _NEVER_USED
    used = flat.rfind(word)
    since = _NEVER_USED if used < 0 else math.log(1 + len(flat) - used)
    return float(best is not None and _foreign(word, evidence, best)), since


def _foreign(word: str, evidence: FeatureInput, best: NgramMatch) -> bool:
    """Whether `word` stands shortly before `best`'s place, and not before this one."""
    partial = len(evidence.context.partial)
    end, written = best.place - partial, evidence.scene.flat + evidence.guessed
    theirs = _WORD.findall(best.block.text, max(0, end - _SHORTLY), end)
    here = _WORD.findall(written[: len(written) - partial][-_SHORTLY:])
    return word in theirs and word not in here


def _from_line(piece: str, evidence: FeatureInput, best: NgramMatch | None) -> tuple[float, ...]:
    line, scene, bare = evidence.line, evidence.scene, piece.strip()
    still_open = open_brackets(line)
    whole = line + (_rest_of_line(best) if best else "")
    return (
        float(piece == "\n"),
        float(piece == "\n" and bool(still_open)),
        float(bare in _CLOSERS),
        float(bare in _CLOSERS and not still_open),
        float(not scene.next_line),
        float(len(whole) > _TRIVIAL and whole == scene.next_line),
        float(len(whole) > _TRIVIAL and whole == scene.line_above),
    )


def _rest_of_line(sighting: NgramMatch) -> str:
    """How the line goes on where it was seen."""
    text, place = sighting.block.text, sighting.place
    end = text.find("\n", place)
    return text[place : end if end >= 0 else len(text)]


def open_brackets(line: str) -> str:
    """The brackets that `line` opens and does not close, outside of quotes."""
    stack: list[str] = []
    quote = ""
    previous = ""
    for character in line:
        if quote:
            quote = "" if character == quote and previous != "\\" else quote
        elif character in _QUOTES:
            quote = character
        elif character in "([{":
            stack.append(character)
        elif stack and character in _CLOSERS:
            stack.pop()
        previous = character
    return "".join(stack)
