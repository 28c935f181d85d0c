from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task

NAME = "add_logging"


@pytest.mark.parametrize(
    ("language", "words"),
    [("python", "getLogger(__name__)"), ("go", "log/slog"), ("java", "SLF4J")],
)
def test_the_logger_is_the_language_s(language: str, words: str) -> None:
    asked = model_task(NAME, "│a = 1\nb = 2│\n", language)
    assert words in asked.instruction
    assert "Never log passwords" in asked.instruction
