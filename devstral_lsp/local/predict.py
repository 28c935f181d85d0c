"""Predict the rest of the cursor's line, as far as it is probable.

Works piece by piece: find earlier occurrences of the text before, append what most probably
follows, and stop when the product of the probabilities becomes too small.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devstral_lsp.local.confidence import Stage, confidence
from devstral_lsp.local.cursor_context import LocalContext
from devstral_lsp.local.features import FeatureInput, extract_features
from devstral_lsp.local.line_shapes import adapt_similar_lines, pieces
from devstral_lsp.local.ngram_index import IndexedPassage
from devstral_lsp.local.ngram_match import NgramContext, find_matches
from devstral_lsp.local.probabilities import interpolate, prior_probabilities, word_endings

_SURE = 0.86
_SURE_TO_GO_ON = 0.90
_SURE_OF_LINE = 0.78
"""Minimum probability that the whole text is right: to show it at all, to extend one that is long
enough, and to complete the line after a confident start. A wrong end spoils a right start, but a
complete line is worth more than a part."""

_MIN_LENGTH = 3
_MIN_WHOLE_LINE = 2
"""Minimum code points without whitespace; fewer are enough at the end of a line."""

_MAX_LENGTH = 160
"""Maximum code points."""

_OPENER_OF = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Prediction:
    """The predicted text. `whole_line` says that the line ends after it."""

    text: str = ""
    whole_line: bool = False


@dataclass(frozen=True, slots=True)
class PredictionStep:
    """The most probable next piece, "\\n" for the end of the line, with its features."""

    piece: str
    features: tuple[float, ...]
    stage: Stage


def predict(
    cursor: LocalContext, blocks: Sequence[IndexedPassage], most_chars: int, budget_ms: float
) -> Prediction:
    """Continue the cursor's line by at most `most_chars` code points; empty if nothing is probable.

    No step starts after `budget_ms` of CPU time; the prediction so far is returned.
    """
    deadline = time.thread_time() + budget_ms / 1000
    kept, text, sure, keeps = "", "", 1.0, True
    for step in steps(cursor, blocks):
        sure *= confidence(step.features, step.stage)
        if sure < _SURE_OF_LINE or len(text) + len(step.piece) > most_chars:
            break
        if _ends_line(step.piece, text, cursor.tail):
            return _trim_prediction(text, whole_line=not cursor.tail)
        keeps = keeps and sure >= (_SURE_TO_GO_ON if _length(text) >= _MIN_LENGTH else _SURE)
        text += step.piece
        kept = text if keeps else kept
        if not kept or time.thread_time() > deadline:
            break
    return _trim_prediction(kept, whole_line=False)


def steps(cursor: LocalContext, blocks: Sequence[IndexedPassage]) -> Iterator[PredictionStep]:
    """Yield the most probable pieces from the cursor to the end of the line, in order."""
    decoder = _Decoder(cursor, blocks)
    piece = ""
    while piece != "\n" and len(decoder.text) < _MAX_LENGTH:
        inputs = decoder.inputs()
        if not inputs.probabilities:
            return
        piece = max(inputs.probabilities, key=lambda p: (inputs.probabilities[p], p))
        yield PredictionStep(piece, extract_features(piece, inputs), decoder.stage)
        decoder.write(piece)


def _trim_prediction(text: str, *, whole_line: bool) -> Prediction:
    enough = _MIN_WHOLE_LINE if whole_line else _MIN_LENGTH
    return Prediction(text, whole_line) if _length(text) >= enough else Prediction()


def _length(text: str) -> int:
    """Code points without whitespace."""
    return len("".join(text.split()))


class _Decoder:
    """The position on the cursor's line, which advances as pieces are appended."""

    def __init__(self, cursor: LocalContext, blocks: Sequence[IndexedPassage]) -> None:
        self._cursor = cursor
        self._blocks = blocks
        self._context = NgramContext.of(cursor.flat)
        partial = self._context.partial
        self._endings = word_endings(partial, cursor.words)
        self._rests = adapt_similar_lines(cursor.flat, partial, cursor.flat_near)
        self.stage = Stage.FINISH_WORD if partial.strip() else Stage.START
        self.text = ""

    def inputs(self) -> FeatureInput:
        found = find_matches(self._context, self._blocks)
        shaped = pieces(self._rests, self.text)
        return FeatureInput(
            cursor=self._cursor,
            context=self._context,
            guessed=self.text,
            found=found,
            probabilities=interpolate(found, prior_probabilities(self._endings, shaped)),
            shaped=shaped,
            endings=self._endings,
        )

    def write(self, piece: str) -> None:
        self.text += piece
        self._context = self._context.extend(piece)
        self._endings = Counter()
        self.stage = Stage.GO_ON


def _ends_line(piece: str, text: str, tail: str) -> bool:
    """Whether the line ends at `piece`, or `piece` closes what `tail` already closes."""
    if piece == "\n":
        return True
    mark = piece.strip()
    if not tail or mark != tail[0]:
        return False
    opener = _OPENER_OF.get(mark)
    if opener is None:
        return text.count(mark) % 2 == 0
    return text.count(opener) <= text.count(mark)
