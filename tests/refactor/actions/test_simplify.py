from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, titles


def test_offered_for_code_only() -> None:
    assert titles("simplify", "def f():\n    return│ 1\n") == ["Simplify `f`"]
    assert titles("simplify", "│a: 1\nb: 2│\n", "yaml") == []


@pytest.mark.parametrize(("language", "title"), [("python", "Python"), ("zig", "zig")])
def test_a_language_without_a_grammar_will_do_for_picked_lines(language: str, title: str) -> None:
    asked = model_task("simplify", "│a = 1\nb = 2│\n", language)
    assert f"this {title} code" in asked.instruction
    assert asked.adds_imports
