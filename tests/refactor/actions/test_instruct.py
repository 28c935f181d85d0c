from __future__ import annotations

import pytest

from devstral_lsp.refactor.actions.instruct import ACTION, MAX_INSTRUCTION_LENGTH, offer_of
from devstral_lsp.refactor.types import NamePolicy, RefactorRefused
from tests.refactor.actions.marked import Files, selection, titles


@pytest.mark.parametrize(
    ("marked", "touched"),
    [
        ("x = 1\ndef f():\n    return│ 1\n", "def f():\n    return 1"),
        ("x = 1\n│y = 2\n│z = 3\n", "y = 2"),
        ("x = 1\n\ny = │2\nz = 3\n\n", "y = 2\nz = 3"),
        ("x = 1\n\n│\n\n", ""),
        ("│", ""),
    ],
)
def test_what_the_words_are_about(marked: str, touched: str) -> None:
    chosen = selection(marked)
    offer = offer_of(chosen, "  Make it faster.\nPlease. ")
    assert chosen.snapshot.text.slice(offer.span.start, offer.span.end) == touched
    assert offer.title == "Make it faster."
    model_task = ACTION.model_task(offer, chosen.snapshot, Files())
    assert model_task.instruction.startswith("Make it faster.\nPlease.\n\n")
    assert model_task.names is NamePolicy.CHANGED


@pytest.mark.parametrize("words", ["", " \n", "x" * (MAX_INSTRUCTION_LENGTH + 1)])
def test_no_words_or_too_many_are_refused(words: str) -> None:
    with pytest.raises(RefactorRefused):
        offer_of(selection("x│ = 1\n"), words)


def test_never_offered_by_itself() -> None:
    assert titles("instruct", "def f():\n    return│ 1\n") == []
