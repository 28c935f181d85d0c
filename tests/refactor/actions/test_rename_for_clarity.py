from __future__ import annotations

import pytest

from devstral_lsp.refactor.types import NamePolicy
from tests.refactor.actions.marked import model_task, titles, touched

NAME = "rename_for_clarity"
PART = "def f(a):\n    b = a\n│    c = b\n    d = c│\n    return d\n"


def test_a_part_is_renamed_through_the_whole_function() -> None:
    assert titles(NAME, PART) == ["Rename for clarity in the selection"]
    assert touched(NAME, PART).splitlines()[0] == "def f(a):"
    asked = model_task(NAME, PART)
    assert "c = b\n    d = c" in asked.instruction
    assert "b = a" not in asked.instruction
    assert asked.names is NamePolicy.KEPT


def test_a_function_as_a_whole() -> None:
    asked = model_task(NAME, "def f(a):\n    return│ a\n")
    assert "following part" not in asked.instruction


@pytest.mark.parametrize("language", ["json", "markdown"])
def test_not_offered_for_what_is_no_code(language: str) -> None:
    assert titles(NAME, "│[1,\n2]│\n", language) == []
