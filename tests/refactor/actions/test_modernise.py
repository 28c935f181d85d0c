from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, titles

NAME = "modernise"


@pytest.mark.parametrize(
    ("language", "version", "replaced"),
    [
        ("python", "`requires-python`", "f-strings"),
        ("typescript", "`target` of tsconfig.json", "`unknown`"),
        ("go", "go.mod", "`any`"),
        ("rust", "`edition`", "`LazyLock`"),
        ("java", "Maven or Gradle", "records"),
        ("shellscript", "first line", "globs"),
    ],
)
def test_a_version_means_what_it_means_in_the_language(
    language: str, version: str, replaced: str
) -> None:
    asked = model_task(NAME, "│a = 1\nb = 2│\n", language)
    assert version in asked.instruction
    assert replaced in asked.instruction


@pytest.mark.parametrize("language", ["yaml", "markdown", "sql", "zig"])
def test_not_offered_where_no_versions_are_known(language: str) -> None:
    assert titles(NAME, "│a = 1\nb = 2│\n", language) == []


def test_offered_for_a_function() -> None:
    assert titles(NAME, "def f():\n    return│ 1\n") == ["Modernise `f`"]
