"""Select the snippets that fit the budget, and render them for Codestral.

The selection is stable: scores are integers, an earlier choice is kept unless another is clearly
better, and the order does not depend on scores. Each change of the snippets invalidates the
endpoint's prefix cache from there on. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devstral_lsp.context import REASONS, SOURCES
from devstral_lsp.context.base import MAX_SCORE, Snippet
from devstral_lsp.context.choice import NO_ROOM, SAID_ALREADY, Choice
from devstral_lsp.context.identifiers import identifiers, jaccard_similarity

MARKER = "+++++ "
"""The header before each file, including the current one, as in Codestral's training data."""

TOO_LIKE_THE_CURSOR = 0.5
"""Maximum similarity with the text around the cursor; above it, the model repeats the snippet. The
bound is llama.vim's."""
TOO_LIKE_ANOTHER = 0.9
MIN_SCORE = 4
"""Minimum score of a new snippet. One that was chosen before may have a lower score."""
KEPT_BONUS = 2
"""Steps of the score by which a new snippet must exceed an earlier choice."""
KEPT_LENIENCE = 0.1
SOURCE_SHARE = 0.6
"""Share of the budget for one source's snippets after its first, while other sources want room."""
MIN_WORDS = 4


def select_snippets(
    snippets: Iterable[Snippet],
    near: str,
    budget_characters: int,
    previous: Sequence[Snippet] = (),
) -> tuple[Snippet, ...]:
    """The most helpful snippets whose rendered form fits the budget, in a stable order.

    `near` is the text around the cursor, about 20 lines; `previous` is the last choice.
    """
    choices = choose_snippets(snippets, near, budget_characters, previous)
    return tuple(each.snippet for each in choices if not each.left_out)


def choose_snippets(
    snippets: Iterable[Snippet],
    near: str,
    budget_characters: int,
    previous: Sequence[Snippet] = (),
) -> tuple[Choice, ...]:
    """The choice for every snippet; the chosen ones are those of `select_snippets`."""
    kept = frozenset(map(_identity, previous))
    around = identifiers(near)
    left_out = {each: _find_objection(each, around, kept) for each in snippets}
    ranked = sorted(
        (each for each, reason in left_out.items() if not reason),
        key=lambda each: (-(each.score + KEPT_BONUS * (_identity(each) in kept)), *_place(each)),
    )
    basket = _BudgetedSelection(budget_characters)
    for share in (SOURCE_SHARE, 1.0):
        for each in ranked:
            if each not in basket.chosen:
                left_out[each] = basket.offer(each, 1.0 if _identity(each) in kept else share)
    return tuple(to_choice(each, left_out[each]) for each in sorted(left_out, key=_place))


def to_choice(each: Snippet, left_out: str = "") -> Choice:
    """The choice for a snippet, with its source's reason."""
    return Choice(each, REASONS.get(each.source, each.source), left_out)


def render_snippets(snippets: Sequence[Snippet], current_path: str) -> str:
    """Render the snippets, each below its file's name, with the name of the current file at the
    end.

    Goes right before the prompt's own text. The current file's header is there even without
    snippets: it tells the model the language and the topic.
    """
    parts: list[str] = []
    for index, each in enumerate(snippets):
        if index == 0 or snippets[index - 1].path != each.path:
            parts.append(f"{MARKER}{each.path}\n")
        parts.append(f"{each.text}\n\n")
    return "".join([*parts, f"{MARKER}{current_path}\n"])


class _BudgetedSelection:
    """The snippets chosen so far. The budget includes headers and blank lines."""

    def __init__(self, budget_characters: int) -> None:
        self.chosen: list[Snippet] = []
        self._words: list[frozenset[str]] = []
        self._budget = budget_characters
        self._spent: dict[str, int] = {}

    def offer(self, each: Snippet, share: float) -> str:
        """Add the snippet if it fits, also into its source's share, and says something new.

        Returns why it is left out; "" if it was added.
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
                len(words) >= MIN_WORDS
                and jaccard_similarity(words, other_words) > TOO_LIKE_ANOTHER
            ):
                return True
        return False


def _find_objection(
    each: Snippet, around: frozenset[str], kept: frozenset[tuple[str, str, str]]
) -> str:
    """Why a snippet cannot help, regardless of the budget; "" if it can."""
    is_kept = _identity(each) in kept
    if each.score < MIN_SCORE and not is_kept:
        return f"scores {each.score} of {MAX_SCORE}, and {MIN_SCORE} are needed"
    words = identifiers(each.text)
    if not each.text.strip():
        return "is empty"
    bound = TOO_LIKE_THE_CURSOR + KEPT_LENIENCE * is_kept
    is_comparable = min(len(words), len(around)) >= MIN_WORDS
    if is_comparable and jaccard_similarity(words, around) > bound:
        return "is too much like the lines around the cursor, which a model would repeat"
    return ""


def _identity(each: Snippet) -> tuple[str, str, str]:
    return each.source, each.path, each.text


_ORDER = {name: rank for rank, name in enumerate(SOURCES)}


def _place(each: Snippet) -> tuple[int, str, str, int, str]:
    """Sort key: the source's position in the registry, then the path."""
    rank = _ORDER.get(each.source, len(_ORDER))
    return rank, each.source, each.path, each.line, each.text
