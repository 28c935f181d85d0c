from __future__ import annotations

import pytest

from devstral_lsp.refactor.types import ReplyKind
from tests.refactor.actions.marked import model_task, titles

NAME = "review"


@pytest.mark.parametrize(
    ("marked", "title"),
    [
        ("def f():\n    return│ 1\n", "Review `f`"),
        ("│a = 1\nb = 2│\n", "Review the selection"),
        ("a = 1\n│\nb = 2\n", "Review this file"),
    ],
)
def test_what_is_reviewed(marked: str, title: str) -> None:
    assert titles(NAME, marked) == [title]


def test_neither_an_empty_file_nor_a_huge_one() -> None:
    assert titles(NAME, "│\n") == []
    assert titles(NAME, "│" + "a = 1\n" * 2000) == []


def test_findings_are_asked_for() -> None:
    assert model_task(NAME, "│a = 1\nb = 2│\n").answer is ReplyKind.FINDINGS
