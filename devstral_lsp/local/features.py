"""Extract the features of the most probable piece for `confidence.py`."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devstral_lsp.local.cursor_context import LocalContext
from devstral_lsp.local.ngram_match import NgramContext, NgramMatch

FEATURES = (
    "log_odds", "runner_up",
    "seen", "own", "own_share", "order_against", "below", "below_order", "below_against",
    "texts", "second_order", "latest", "unanimous",
    "shapes_for", "shapes_against", "shapes_agree",
    "ending_share", "typed", "length", "name", "near_name", "known_name",
    "foreign", "since_used",
    "line_end", "left_open", "closer", "unopened", "nothing_below", "repeats_below",
    "repeats_above",
)  # fmt: skip
"""The names of the features, in the order of `extract_features`."""

_BELOW = 24
"""Code points of the next line that a match's own next line must share."""

_SHORTLY = 250
"""Code points before a match in which its line's names occur."""

_NEVER_USED = 9.0
"""Greater than the logarithm of any distance around a cursor."""

_WORD = re.compile(r"\w+")
_CLOSERS = frozenset(")]}")
_QUOTES = "\"'`"
_MAX_PROBABILITY = 0.999
_TRIVIAL = 3
"""Maximum length of lines that often occur twice in a row: a closing bracket, `else:`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureInput:
    """The inputs of the features of one piece."""

    cursor: LocalContext
    context: NgramContext
    guessed: str
    """The predicted part of the line."""
    found: Sequence[NgramMatch]
    probabilities: Mapping[str, float]
    shaped: Sequence[str]
    endings: Counter[str]

    @property
    def line(self) -> str:
        """The line so far without its indentation, with its predicted part."""
        return self.cursor.body + self.guessed


def extract_features(piece: str, inputs: FeatureInput) -> tuple[float, ...]:
    """The features of `piece`, which is in `inputs.probabilities`, in the order of FEATURES."""
    mine = [s for s in inputs.found if s.piece == piece]
    best = max(mine, key=lambda s: s.order, default=None)
    return (
        *_from_probabilities(piece, inputs.probabilities),
        *_from_matches(piece, inputs.found, inputs.cursor.next_line),
        *_from_agreement(mine, inputs.found),
        *_from_shapes(piece, inputs.shaped),
        *_from_words(piece, inputs),
        *_from_use(piece, inputs, best),
        *_from_line(piece, inputs, best),
    )


def _from_probabilities(piece: str, probabilities: Mapping[str, float]) -> tuple[float, ...]:
    own = min(_MAX_PROBABILITY, max(1 - _MAX_PROBABILITY, probabilities[piece]))
    runner_up = max(
        (value for other, value in probabilities.items() if other != piece), default=0.0
    )
    return math.log(own / (1 - own)), runner_up


def _from_matches(piece: str, found: Sequence[NgramMatch], next_line: str) -> tuple[float, ...]:
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


def _agrees_below(match: NgramMatch, next_line: str) -> bool:
    text = match.block.text
    end = text.find("\n", match.place)
    return bool(next_line) and end >= 0 and text.startswith(next_line[:_BELOW], end + 2)


def _from_agreement(mine: Sequence[NgramMatch], found: Sequence[NgramMatch]) -> tuple[float, ...]:
    """How far the matches of the piece (`mine`) and all matches (`found`) agree."""
    orders = sorted((s.order for s in mine), reverse=True)
    return (
        math.log(1 + len({s.block.name for s in mine})),
        float(orders[1] if len(orders) > 1 else 0),
        _is_latest(mine, found),
        float(bool(mine) and len(mine) == len(found) and _have_same_ending(mine)),
    )


def _is_latest(mine: Sequence[NgramMatch], found: Sequence[NgramMatch]) -> float:
    """Whether the last match in the nearest block of the open document is in `mine`."""
    nearest = next((s.block for s in found if s.own), None)
    if nearest is None:
        return 0.5
    last = max(s.place for s in found if s.block is nearest)
    return float(any(s.place == last and s.block is nearest for s in mine))


def _have_same_ending(mine: Sequence[NgramMatch]) -> bool:
    """Whether the lines of all matches end in the same way."""
    rest = _rest_of_line(mine[0])
    return all(_rest_of_line(s) == rest for s in mine)


def _from_shapes(piece: str, shaped: Sequence[str]) -> tuple[float, ...]:
    mine = shaped.count(piece)
    speaks_for = math.log(1 + mine)
    agree = mine == len(shaped)
    return speaks_for, math.log(1 + len(shaped) - mine), speaks_for * agree


def _from_words(piece: str, inputs: FeatureInput) -> tuple[float, ...]:
    endings, partial = inputs.endings, inputs.context.partial
    word = (partial + piece).strip()
    name = not piece.isspace() and word[-1:].isidentifier()
    near = name and word in inputs.cursor.words
    return (
        endings[piece] / endings.total() if endings else 0.0,
        float(len(partial.strip())),
        float(len(piece)),
        float(name),
        float(near),
        float(near or (name and inputs.cursor.knows(word))),
    )


def _from_use(piece: str, inputs: FeatureInput, best: NgramMatch | None) -> tuple[float, ...]:
    """Whether a name is foreign to this place, and how long ago it was used here."""
    partial, flat = inputs.context.partial, inputs.cursor.flat
    word = (partial + piece).strip()
    if len(word) < 2 or not word.isidentifier():
        return 0.0, _NEVER_USED
    used = flat.rfind(word)
    since = _NEVER_USED if used < 0 else math.log(1 + len(flat) - used)
    return float(best is not None and _is_foreign(word, inputs, best)), since


def _is_foreign(word: str, inputs: FeatureInput, best: NgramMatch) -> bool:
    """Whether `word` occurs shortly before the best match, but not before the cursor."""
    partial = len(inputs.context.partial)
    end, written = best.place - partial, inputs.cursor.flat + inputs.guessed
    theirs = _WORD.findall(best.block.text, max(0, end - _SHORTLY), end)
    here = _WORD.findall(written[: len(written) - partial][-_SHORTLY:])
    return word in theirs and word not in here


def _from_line(piece: str, inputs: FeatureInput, best: NgramMatch | None) -> tuple[float, ...]:
    line, cursor, bare = inputs.line, inputs.cursor, piece.strip()
    still_open = open_brackets(line)
    whole = line + (_rest_of_line(best) if best else "")
    return (
        float(piece == "\n"),
        float(piece == "\n" and bool(still_open)),
        float(bare in _CLOSERS),
        float(bare in _CLOSERS and not still_open),
        float(not cursor.next_line),
        float(len(whole) > _TRIVIAL and whole == cursor.next_line),
        float(len(whole) > _TRIVIAL and whole == cursor.line_above),
    )


def _rest_of_line(match: NgramMatch) -> str:
    """The rest of the matched line."""
    text, place = match.block.text, match.place
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
