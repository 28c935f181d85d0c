"""Flat text, blocks, matches and shapes: how a place is found again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.local.document_index import DocumentIndex
from devstral_lsp.local.features import open_brackets
from devstral_lsp.local.line_shapes import adapt_similar_lines
from devstral_lsp.local.ngram_index import ORDERS, SHORT, IndexedPassage, context_key
from devstral_lsp.local.ngram_match import NgramContext, find_matches
from devstral_lsp.local.normalize import TOKEN, normalize_text, split_passages
from devstral_lsp.local.probabilities import interpolate, prior_probabilities, word_endings

NO_BUDGET_MS = 0.0
MUCH_MS = 1e6


def block_of(text: str, name: str = "a") -> IndexedPassage:
    return IndexedPassage(name, "", normalize_text(text)[0])


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("if x:\n    y()\n", "    if x:\n        y()\n"),
        ("if x:\n    y()\n", "if x:   \n    y()  \n"),
        ("a\n\nb\n", "a\n\n\n  \nb"),
    ],
)
def test_what_differs_only_in_blanks_becomes_the_same_after_the_first_line(
    text: str, same: str
) -> None:
    assert normalize_text(text)[0][2:] == normalize_text(same)[0][2:]


@pytest.mark.parametrize(
    ("text", "other"),
    [("a\nb\n", "a\n  b\n"), ("a\nb\n", "a\n\nb\n"), ("  a\nb\n", "  a\n  b\n")],
)
def test_depth_and_gaps_tell_texts_apart(text: str, other: str) -> None:
    assert normalize_text(text)[0][2:] != normalize_text(other)[0][2:]


@given(st.text(alphabet="ab\n ", max_size=200), st.integers(1, 50))
def test_passages_are_the_text(text: str, longest: int) -> None:
    assert "".join(split_passages(text, longest)) == text


@given(st.lists(st.sampled_from(["x = f(y)", "if x:", "    return x", "", "g(x, y)"]), max_size=30))
def test_every_place_is_found_by_the_tokens_before_it(lines: list[str]) -> None:
    block = block_of("\n".join(lines))
    tokens = TOKEN.findall(block.text)
    place = 0
    for number, token in enumerate(tokens):
        key = context_key(tokens[:number])
        for order in (SHORT, ORDERS):
            if number >= order:
                assert block.might_contain(key, order)
                assert place in block.places(key, order, len(block.text))
        place += len(token)


@pytest.mark.parametrize(
    ("before", "learnt", "pieces"),
    [
        ("a = f(", "a = f(x)\nb = f(y)\n", {"x", "y"}),
        ("a = f(x", "a = f(x)\nb = f(xyz)\n", {")", "yz"}),
        ("a = ", "a = f(x)\n", {"f"}),
        ("a = f(x)", "a = f(x)\nb\n", {"\n"}),
        ("q(", "a = f(x)\n", set()),
        ("a", "a = f(x)\n", set()),
    ],
)
def test_sightings(before: str, learnt: str, pieces: set[str]) -> None:
    context = NgramContext.of(normalize_text(before)[0] + (" " if before.endswith(" ") else ""))
    found = find_matches(context, [block_of(learnt)])
    assert {sighting.piece for sighting in found} == pieces


def test_longer_agreement_weighs_more_than_many_places() -> None:
    block = block_of("p(a, 1)\n" * 6 + "begin\nx = y\np(a, 2)\n")
    context = NgramContext.of(normalize_text("begin\nx = y\np(a,")[0])
    probabilities = interpolate(find_matches(context, [block]), {})
    assert max(probabilities, key=lambda piece: probabilities[piece]) == " 2"
    assert sum(probabilities.values()) <= 1


def test_words_and_shapes_are_the_ground_that_sightings_build_on() -> None:
    endings = word_endings(" con", ["config", "config", "connect", "con", "other"])
    assert endings == {"fig": 2, "nect": 1, "": 1}
    probabilities = prior_probabilities(endings, ["fig", "fig", "fig"])
    assert probabilities["fig"] > probabilities["nect"] > 0
    assert "" not in probabilities


@pytest.mark.parametrize(
    ("line", "near", "expected"),
    [
        ("self.port = ", "self.host = host\n", ["port"]),
        ("self.port = p", "self.host = host\n", ["ort"]),
        ("self.port = q", "self.host = host\n", []),
        ('parser.add("--b", ', 'parser.add("--a", int)\n', ["int)"]),
        ("port.self + ", "self.host = host\n", []),
        ("(", "(a)\n", []),
    ],
)
def test_shapes(line: str, near: str, expected: list[str]) -> None:
    flat = normalize_text(line)[0] + (" " if line.endswith(" ") else "")
    assert (
        adapt_similar_lines(flat, NgramContext.of(flat).partial, normalize_text(near)[0])
        == expected
    )


@pytest.mark.parametrize(
    ("line", "left"),
    [("f(a[", "(["), ("f(a)", ""), ('f("(', "("), ("f('\\'(', (", "(("), (")", ""), ("{[}", "{")],
)
def test_open_brackets(line: str, left: str) -> None:
    assert open_brackets(line) == left


def test_typing_indexes_only_the_passage_at_the_cursor() -> None:
    document = DocumentIndex()
    lines = [f"value_{n} = compute(argument_{n})\n" for n in range(1_000)]
    first, _ = document.blocks("".join(lines[:500]), "".join(lines[500:]), MUCH_MS)
    second, complete = document.blocks(
        "".join([*lines[:500], "typed = 1\n"]), "".join(lines[500:]), NO_BUDGET_MS
    )
    assert complete
    assert len(set(map(id, second)) - set(map(id, first))) == 1


def test_a_long_document_is_indexed_from_request_to_request_nearest_first() -> None:
    document = DocumentIndex()
    lines = [f"value_{n} = compute(argument_{n})\n" for n in range(1_000)]
    above, below = "".join(lines[:500]), "".join(lines[500:])
    blocks, complete = document.blocks(above, below, NO_BUDGET_MS)
    assert not complete
    assert [block.text.endswith("argument_499)") for block in blocks] == [True]
    for _ in range(len(lines)):
        blocks, complete = document.blocks(above, below, NO_BUDGET_MS)
    assert complete
    assert "value_0 =" in blocks[-1].text or "value_999" in blocks[-1].text


def test_what_was_not_looked_at_for_long_is_dropped() -> None:
    document = DocumentIndex(max_kept=3)

    def block_after(text: str) -> IndexedPassage:
        ((block,), _) = document.blocks(text, "", MUCH_MS)
        return block

    first = block_after("a = 1\n")
    for name in ("b", "c"):
        block_after(f"{name} = 1\n")
    assert block_after("a = 1\n") is first
    for name in ("d", "e", "f"):
        block_after(f"{name} = 1\n")
    assert block_after("a = 1\n") is not first
