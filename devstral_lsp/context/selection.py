"""Which snippets fit, and how they are written down for Codestral.

The choice is stable: scores come in whole steps, what was chosen before is preferred to what is
hardly better, and what is chosen stands in an order that no score decides. Each change of the
snippets costs the endpoint's prefix cache everything behind it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devstral_lsp.context import REASONS, SOURCES
from devstral_lsp.context.base import HIGHEST_SCORE, Snippet
from devstral_lsp.context.choice import NO_ROOM, SAID_ALREADY, Choice
from devstral_lsp.context.identifiers import identifiers, jaccard_similarity

MARKER = "+++++ "
"""Before the name of each file, the current one too: how Codestral was shown several files."""

TOO_LIKE_THE_CURSOR = 0.5
"""A snippet that is more like the text around the cursor makes the model repeat it: llama.vim found
that bound."""
TOO_LIKE_ANOTHER = 0.9
LOWEST = 4
"""Score of what is worth sending. What is there already may stay with a lower one."""
KEPT_BONUS = 2
"""Steps of the score by which something new must be better than what was chosen before."""
KEPT_LENIENCE = 0.1
SOURCE_SHARE = 0.6
"""Of the budget, for the snippets of one source after its first, as long as others want some."""
FEWEST_WORDS = 4


def select_snippets(
    snippets: Iterable[Snippet],
    near: str,
    budget_characters: int,
    previous: Sequence[Snippet] = (),
) -> tuple[Snippet, ...]:
    """The most helpful snippets whose rendered form fits the budget, in a stable order.

    `near` is the text around the cursor, about 20 lines; `previous` is what was chosen before.
    """
    choices = choose_snippets(snippets, near, budget_characters, previous)
    return tuple(each.snippet for each in choices if not each.left_out)


def choose_snippets(
    snippets: Iterable[Snippet],
    near: str,
    budget_characters: int,
    previous: Sequence[Snippet] = (),
) -> tuple[Choice, ...]:
    """What becomes of every snippet; those chosen are as `select_snippets` returns them."""
    kept = frozenset(map(_identity, previous))
    around = identifiers(near)
    left_out = {each: _useless(each, around, kept) for each in snippets}
    ranked = sorted(
        (each for each, reason in left_out.items() if not reason),
        key=lambda each: (-(each.score + KEPT_BONUS * (_identity(each) in kept)), *_place(each)),
    )
    basket = _BudgetedSelection(budget_characters)
    for share in (SOURCE_SHARE, 1.0):
        for each in ranked:
            if each not in basket.chosen:
                left_out[each] = basket.offer(each, 1.0 if _identity(each) in kept else share)
    return tuple(choice_of(each, left_out[each]) for each in sorted(left_out, key=_place))


def choice_of(each: Snippet, left_out: str = "") -> Choice:
    """What became of a snippet, with what those of its source serve."""
    return Choice(each, REASONS.get(each.source, each.source), left_out)


def render_snippets(snippets: Sequence[Snippet], current_path: str) -> str:
    """The snippets, each below its file's name, and the name of the current file at the end.

    Goes right before the prompt's own text. The header of the current file is there without any
    snippet, too: it tells the model the language and the subject.
    """
    parts: list[str] = []
    for index, each in enumerate(snippets):
        if index == 0 or snippets[index - 1].path != each.path:
            parts.append(f"{MARKER}{each.path}\n")
        parts.append(f"{each.text}\n\n")
    return "".join([*parts, f"{MARKER}{current_path}\n"])


class _BudgetedSelection:
    """What has been chosen so far. The budget counts headers and blank lines, too."""

    def __init__(self, budget_characters: int) -> None:
        self.chosen: list[Snippet] = []
        self._words: list[frozenset[str]] = []
        self._budget = budget_characters
        self._spent: dict[str, int] = {}

    def offer(self, each: Snippet, share: float) -> str:
        """Take it if it fits, also into the share of its source, and says something new.

        Returns why it is left out, "" if it is taken.
        """
        cost = len(MARKER) + len(each.path) + len(each.text) + 3
        spent = self._spent.get(each.source, 0)
        if spent and spent + cost > share * self._budget:
            return NO_ROOM
        if sum(self._spent.values()) + cost > self._budget:
            return NO_ROOM
        words = identifiers(each.text)
        if self._holds(each, words):
            return SAID_ALREADY
        self.chosen.append(each)
        self._words.append(words)
        self._spent[each.source] = spent + cost
        return ""

    def _holds(self, each: Snippet, words: frozenset[str]) -> bool:
        for other, other_words in zip(self.chosen, self._words, strict=True):
            if each.text in other.text or other.text in each.text:
                return True
            if (
                len(words) >= FEWEST_WORDS
                and jaccard_similarity(words, other_words) > TOO_LIKE_ANOTHER
            ):
                return True
        return False


def _useless(each: Snippet, around: frozenset[str], kept: frozenset[tuple[str, str, str]]) -> str:
    """Why a snippet cannot help, whatever room there is; "" if it can."""
    is_kept = _identity(each) in kept
    if each.score < LOWEST and not is_kept:
        return f"scores {each.score} of {HIGHEST_SCORE}, and {LOWEST} are needed"
    words = identifiers(each.text)
    if not each.text.strip():
        return "is empty"
    bound = TOO_LIKE_THE_CURSOR + KEPT_LENIENCE * is_kept
    is_comparable = min(len(words), len(around)) >= FEWEST_WORDS
    if is_comparable and jaccard_similarity(words, around) > bound:
        return "is too much like the lines around the cursor, which a model would repeat"
    return ""


def _identity(each: Snippet) -> tuple[str, str, str]:
    return each.source, each.path, each.text


_ORDER = {name: rank for rank, name in enumerate(SOURCES)}


def _place(each: Snippet) -> tuple[int, str, str, int, str]:
    """Where a snippet stands among others: the source's place in the registry, then the path."""
    rank = _ORDER.get(each.source, len(_ORDER))
    return rank, each.source, each.path, each.line, each.text
