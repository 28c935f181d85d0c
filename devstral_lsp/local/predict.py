"""The text that is sure to come next on the cursor's line, as far as it is sure.

Piece by piece: find where the text before has stood, take what most likely follows, go on until
the doubt that adds up is too much. Knows blocks and scenes, and no provider protocol.
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
"""Probability that all of a text is right, as the judge sees it, to show it at all, to add more
once it is long enough, and to go on from a sure start to the end of the line: a wrong end would
spoil a right start, but a finished line is worth more than a stump."""

_SHORTEST = 3
_SHORTEST_WHOLE = 2
"""Code points, blanks not counted, that are worth showing; fewer will do where they end a line."""

_LONGEST = 160
"""Code points of a line's rest."""

_OPENER_OF = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What comes next. `whole_line` says that the line ends after `text`."""

    text: str = ""
    whole_line: bool = False


@dataclass(frozen=True, slots=True)
class PredictionStep:
    """The likeliest next piece, "\\n" where the line ends, and what the judge sees of it."""

    piece: str
    clues: tuple[float, ...]
    stage: Stage


def predict(
    scene: LocalContext, blocks: Sequence[IndexedPassage], most_chars: int, budget_ms: float
) -> Prediction:
    """Continue the cursor's line by at most `most_chars` code points; empty if nothing is sure.

    No step begins after `budget_ms` of CPU time: what is sure by then is the answer.
    """
    deadline = time.thread_time() + budget_ms / 1000
    kept, text, sure, keeps = "", "", 1.0, True
    for step in steps(scene, blocks):
        sure *= confidence(step.clues, step.stage)
        if sure < _SURE_OF_LINE or len(text) + len(step.piece) > most_chars:
            break
        if _ends_line(step.piece, text, scene.tail):
            return _worth_showing(text, whole_line=not scene.tail)
        keeps = keeps and sure >= (_SURE_TO_GO_ON if _length(text) >= _SHORTEST else _SURE)
        text += step.piece
        kept = text if keeps else kept
        if not kept or time.thread_time() > deadline:
            break
    return _worth_showing(kept, whole_line=False)


def steps(scene: LocalContext, blocks: Sequence[IndexedPassage]) -> Iterator[PredictionStep]:
    """The likeliest pieces from the cursor to the end of the line, each after all before it."""
    pen = _Decoder(scene, blocks)
    piece = ""
    while piece != "\n" and len(pen.text) < _LONGEST:
        evidence = pen.evidence()
        if not evidence.odds:
            return
        piece = max(evidence.odds, key=lambda p: (evidence.odds[p], p))
        yield PredictionStep(piece, extract_features(piece, evidence), pen.stage)
        pen.write(piece)


def _worth_showing(text: str, *, whole_line: bool) -> Prediction:
    enough = _SHORTEST_WHOLE if whole_line else _SHORTEST
    return Prediction(text, whole_line) if _length(text) >= enough else Prediction()


def _length(text: str) -> int:
    """Code points without blanks."""
    return len("".join(text.split()))


class _Decoder:
    """A place on the cursor's line that moves on as pieces are written."""

    def __init__(self, scene: LocalContext, blocks: Sequence[IndexedPassage]) -> None:
        self._scene = scene
        self._blocks = blocks
        self._context = NgramContext.of(scene.flat)
        partial = self._context.partial
        self._endings = word_endings(partial, scene.words)
        self._rests = adapt_similar_lines(scene.flat, partial, scene.flat_near)
        self.stage = Stage.FINISH_WORD if partial.strip() else Stage.START
        self.text = ""

    def evidence(self) -> FeatureInput:
        found = find_matches(self._context, self._blocks)
        shaped = pieces(self._rests, self.text)
        return FeatureInput(
            scene=self._scene,
            context=self._context,
            guessed=self.text,
            found=found,
            odds=interpolate(found, prior_probabilities(self._endings, shaped)),
            shaped=shaped,
            endings=self._endings,
        )

    def write(self, piece: str) -> None:
        self.text += piece
        self._context = self._context.extend(piece)
        self._endings = Counter()
        self.stage = Stage.GO_ON


def _ends_line(piece: str, text: str, tail: str) -> bool:
    """Whether the line ends at `piece`, or `piece` closes what `tail` closes already."""
    if piece == "\n":
        return True
    mark = piece.strip()
    if not tail or mark != tail[0]:
        return False
    opener = _OPENER_OF.get(mark)
    if opener is None:
        return text.count(mark) % 2 == 0
    return text.count(opener) <= text.count(mark)
