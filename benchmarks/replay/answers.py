"""What the fake model answers at a place: the truth, with mistakes that belong to the place. Pure.

Two kinds of mistakes, as with a real model at a low temperature:

- *Words it cannot know.* Each word of the span is hard or not, and a hard one is guessed wrong
  until the user has typed enough of it. So the same mistake is made from every place before the
  word, asking again does not help, and a longer answer is more often wrong.
- *How far it goes.* By the line of the cursor: to where the suffix begins, to the line's end, on
  into the suffix (repeated), past the block (invented), too short (in mid line), or not at all.

Everything is drawn from the seed and the place alone: how often a server asks changes nothing.
`errors` scales both; 0 gives the truth up to where the suffix begins. The shares are assumptions,
set so that about three in four texts that the naive server shows are right; they are not measured
on a real model.

Where probabilities are asked for, each word that may be wrong has one, and so has the beginning of
what is written too much. They are calibrated: of the words that have 0.7, 7 in 10 are right.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from benchmarks.replay.places import Asked, Truth

HARD_NEW_WORD = 0.30
"""Share of the words that stand nowhere before in the file (new names) that are guessed wrong."""

HARD_SEEN_WORD = 0.11
"""The same for words that stand before in the file."""

REVEALED_CHARS = (1, 3)
"""After this many typed characters a hard word is known."""

DERAIL = 0.5
"""Share of wrong words after which the rest of the line is wrong too."""

LENGTHS = {
    "gap": 0.20,
    "line": 0.36,
    "two lines": 0.16,
    "repeats the suffix": 0.08,
    "past the block": 0.07,
    "too short": 0.05,
    "empty": 0.08,
}
"""How far answers go, as shares. The first three are faultless."""

FAULTLESS = ("gap", "line", "two lines")

SHARPNESS = 1.0
"""Of the beta distribution of probabilities, whose mean is the share of right words: the sum of its
parameters. With it, of lines with at least 0.05, 0.2 and 0.5 in all, which are 90, 78 and 59 %,
are 65, 73 and 86 % right; of 155 lines of Qwen2.5-Coder-1.5B it was 87, 72 and 46 %, and 64, 74 and
86 %."""

OVERLONG_LINES = (1, 4)
"""How many lines too many."""

_WORD = re.compile(r"[A-Za-z_]\w*|\d+")
_KEYWORDS = """and as assert await break class continue def elif else except finally for from
if import in is lambda None not or pass raise return self True False try while with yield
const let var function new this void int char static public private struct fn impl pub use"""
_KNOWN = frozenset(_KEYWORDS.split())


@dataclass(frozen=True, slots=True)
class Answers:
    """The model for one true text."""

    truth: Truth
    seed: int
    errors: float = 1.0

    def answer(self, asked: Asked) -> str:
        """The whole text that the model would write at this place."""
        return self.answer_with_probabilities(asked)[0]

    def answer_with_probabilities(self, asked: Asked) -> tuple[str, dict[int, float]]:
        """The same, and the probability of what begins at an offset of it; elsewhere it is 1."""
        if asked.slip:
            return self._after_slip(asked)
        kind = self._length(asked.at)
        if kind == "empty":
            return "", {}
        text, probabilities = self._guess(asked.at, self._end(kind, asked))
        if beyond := self._beyond(kind, asked):
            line = self.truth.text.rfind("\n", 0, asked.at)
            share = self.errors * (LENGTHS["repeats the suffix"] + LENGTHS["past the block"])
            probabilities[len(text)] = self._probability(line, share, is_right=False)
        return text + beyond, probabilities

    def first_token_s(self, at: int, median_s: float) -> float:
        """Seconds to the first token at a place."""
        return median_s * self._rng("delay", at).lognormvariate(0, 0.35)

    def _after_slip(self, asked: Asked) -> tuple[str, dict[int, float]]:
        """The model takes a slip for what was meant, or has nothing to say."""
        if self._rng("slip", asked.at).random() < 0.5:
            return "", {}
        at = min(asked.at + asked.slip, asked.until)
        return self.answer_with_probabilities(Asked(at, asked.until))

    def _length(self, at: int) -> str:
        """One of LENGTHS, the same for all places of a line."""
        line = self.truth.text.rfind("\n", 0, at)
        rng = self._rng("length", line)
        if self.errors <= 0:
            return "gap"
        shares = {
            kind: share * (1 if kind in FAULTLESS else self.errors)
            for kind, share in LENGTHS.items()
        }
        return rng.choices(list(shares), list(shares.values()))[0]

    def _end(self, kind: str, asked: Asked) -> int:
        if kind == "line":
            return self._line_end(asked.at, asked.until, 1)
        if kind == "two lines":
            return self._line_end(asked.at, asked.until, 2)
        if kind == "too short":
            return self._mid_line(asked)
        return asked.until

    def _line_end(self, at: int, until: int, lines: int) -> int:
        """End of the line `at` is on (of the next one, where nothing is left of this one)."""
        text = self.truth.text
        end = at
        while end < until and text[end].isspace():
            end += 1
        for _ in range(lines):
            found = text.find("\n", end + 1, until)
            if found < 0:
                return until
            end = found
        return end

    def _mid_line(self, asked: Asked) -> int:
        """A word's end about half way through the rest of the line."""
        end = self._line_end(asked.at, asked.until, 1)
        words = [word.end() for word in _WORD.finditer(self.truth.text, asked.at, end)]
        return words[(len(words) - 1) // 2] if words else end

    def _beyond(self, kind: str, asked: Asked) -> str:
        """What is written too much."""
        rng = self._rng("beyond", self.truth.text.rfind("\n", 0, asked.at))
        lines = rng.randint(*OVERLONG_LINES)
        if kind == "repeats the suffix":
            after = self.truth.text[asked.until :].split("\n")
            return "\n".join(after[: lines + 1])
        if kind == "past the block":
            before = self.truth.text[: self.truth.start].split("\n")
            first = rng.randrange(max(1, len(before) - lines))
            return "\n" + "\n".join(before[first : first + lines])
        return ""

    def _guess(self, at: int, end: int) -> tuple[str, dict[int, float]]:
        """The truth from `at` to `end`, with hard words guessed wrong, and their probabilities."""
        text, out, done = self.truth.text, "", at
        probabilities: dict[int, float] = {}
        for word in _WORD.finditer(text, max(0, at - 80), end):
            share = self._hard_share(word)
            revealed, is_hard = self._draw(word, at, share)
            if word.end() <= at or revealed or not share:
                continue
            out += text[done : max(done, word.start())]
            done = max(done, word.start())
            probabilities[len(out)] = self._probability(word.start(), share, is_right=not is_hard)
            if not is_hard:
                continue
            out += self._wrong(word)[max(0, at - word.start()) :]
            done = word.end()
            if self._rng("derail", word.start()).random() < DERAIL:
                return out + self._derailed(word), probabilities
        return out + text[done:end], probabilities

    def _hard_share(self, word: re.Match[str]) -> float:
        """The share of words like this one that are guessed wrong."""
        if word.group() in _KNOWN or word.end() - word.start() < 2:
            return 0.0
        seen = re.search(rf"\b{re.escape(word.group())}\b", self.truth.text[: self.truth.start])
        return min(1.0, (HARD_SEEN_WORD if seen else HARD_NEW_WORD) * self.errors)

    def _draw(self, word: re.Match[str], at: int, share: float) -> tuple[bool, bool]:
        """Whether enough of a word has been typed to know it, and whether it is hard otherwise."""
        rng = self._rng("word", word.start())
        revealed = at - word.start() >= rng.randint(*REVEALED_CHARS)
        return revealed, rng.random() < share

    def _probability(self, at: int, share: float, *, is_right: bool) -> float:
        """What the model gives to something of which `share` is wrong. Drawn for the outcome, so
        that outcomes are the same whether or not anybody asks for it."""
        right = (1 - share) * SHARPNESS + is_right
        wrong = share * SHARPNESS + (not is_right)
        return self._rng("probability", at).betavariate(max(right, 1e-9), max(wrong, 1e-9))

    def _wrong(self, word: re.Match[str]) -> str:
        """Another word of the file, or the word gone on with: never a beginning of the truth.

        It begins like the true word as far as a hard word can be typed and still be unknown.
        """
        rng = self._rng("wrong", word.start())
        head = word.group()[: REVEALED_CHARS[1] - 1]
        others = sorted({w for w in _WORD.findall(self.truth.text) if w.startswith(head)})
        others = [w for w in others if not word.group().startswith(w)]
        return rng.choice(others) if others else head + "_value"

    def _derailed(self, word: re.Match[str]) -> str:
        """The end of some other line, after a wrong word."""
        rng = self._rng("tail", word.start())
        lines = [line for line in self.truth.text[: self.truth.start].split("\n") if "(" in line]
        return rng.choice(lines)[-rng.randint(4, 24) :] if lines else "()"

    def _rng(self, what: str, at: int) -> random.Random:
        return random.Random(f"{self.seed}:{self.truth.trace}:{what}:{at}")
