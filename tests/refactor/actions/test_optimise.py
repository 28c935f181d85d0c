from __future__ import annotations

from tests.refactor.actions.marked import model_task

NAME = "optimise"
FUNCTION = "def f():\n    return│ 1\n"


def test_results_and_errors_have_to_stay() -> None:
    asked = model_task(NAME, FUNCTION)
    assert "order of results" in asked.instruction
    assert asked.adds_imports
