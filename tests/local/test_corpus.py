"""What is learnt stays within its bounds, and is indexed piece by piece."""

from __future__ import annotations

import pytest

from devstral_lsp.local.corpus import Corpus, CorpusLimits

ALL_AT_ONCE_MS = 1e6
LINES = "".join(f"value_{n} = compute(argument_{n})\n" for n in range(2_000))
"""About 70 kB: several passages."""


def names(corpus: Corpus) -> list[str]:
    return list(dict.fromkeys(block.name for block in corpus.blocks()))


def test_indexes_in_slices() -> None:
    corpus = Corpus(CorpusLimits())
    corpus.learn("a", LINES)
    slices = 1
    while corpus.index(budget_ms=0):
        slices += 1
    assert slices > 3
    assert not corpus.waiting


def test_gives_what_was_learnt_last_first() -> None:
    corpus = Corpus(CorpusLimits())
    for name in ("a", "b", "c", "a"):
        corpus.learn(name, f"text = {name}\n")
    corpus.index(ALL_AT_ONCE_MS)
    assert names(corpus) == ["a", "c", "b"]


def test_drops_what_was_learnt_longest_ago_when_there_are_too_many() -> None:
    corpus = Corpus(CorpusLimits(texts=2))
    for name in ("a", "b", "c"):
        corpus.learn(name, LINES)
    corpus.index(ALL_AT_ONCE_MS)
    assert names(corpus) == ["c", "b"]


@pytest.mark.parametrize("budget_ms", [0, ALL_AT_ONCE_MS])
def test_never_holds_more_than_it_may(budget_ms: float) -> None:
    bound = 400_000
    corpus = Corpus(CorpusLimits(bytes=bound))
    for number in range(8):
        corpus.learn(str(number), LINES)
        assert corpus.size_bytes <= bound
        while corpus.index(budget_ms):
            assert corpus.size_bytes <= bound
    assert names(corpus)[0] == "7"
    assert len(names(corpus)) < 8


def test_takes_no_text_that_is_too_long_empty_or_binary() -> None:
    corpus = Corpus(CorpusLimits(text_chars=100))
    for name, text in (("long", "x" * 101), ("empty", ""), ("binary", "a\0b")):
        corpus.learn(name, text)
    assert not corpus.waiting
    assert corpus.size_bytes == 0


@pytest.mark.parametrize("budget_ms", [0, ALL_AT_ONCE_MS])
def test_holds_nothing_of_what_is_forgotten(budget_ms: float) -> None:
    corpus = Corpus(CorpusLimits())
    corpus.learn("a", LINES)
    corpus.index(budget_ms)
    corpus.forget("a")
    assert names(corpus) == []
    assert corpus.size_bytes == 0
    assert not corpus.index(ALL_AT_ONCE_MS)
