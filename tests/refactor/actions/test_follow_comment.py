from __future__ import annotations

import pytest

from devstral_lsp.refactor.registry import collect_offers
from devstral_lsp.refactor.types import NamePolicy
from tests.refactor.actions.marked import model_task, selection, titles, touched

NAME = "follow_comment"


@pytest.mark.parametrize(
    ("language", "marked", "title"),
    [
        ("python", "# devstral: make │this iterative\ndef f(n):\n    return f(n)\n",
         "Follow comment: make this iterative"),
        ("python", "# devstral: make this iterative\n│def f(n):\n    return f(n)\n",
         "Follow comment: make this iterative"),
        ("javascript", "/* Devstral : shorten │*/\nf()\n", "Follow comment: shorten"),
        ("go", "func f() {\n\t// @devstral: wrap│ all\n\tg()\n}\n", "Follow comment: wrap all"),
        ("html", "<!-- devstral: use│ a table -->\n<p>\n", "Follow comment: use a table"),
        ("yaml", "# devstral: sort│ keys\nb: 1\na: 2\n", "Follow comment: sort keys"),
        ("sql", "-- devstral: use│ a join\nselect 1;\n", "Follow comment: use a join"),
    ],
)  # fmt: skip
def test_a_marked_comment(language: str, marked: str, title: str) -> None:
    assert titles(NAME, marked, language) == [title]
    automatic = collect_offers(selection(marked, language, automatic=True))
    assert [each.title for each in automatic] == [title]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "# make │this iterative\ndef f(n):\n    return f(n)\n"),
        ("rust", "│// use an iterator\nfor x in y { g(x); }│\n"),
    ],
)
def test_any_comment_if_the_user_asks(language: str, marked: str) -> None:
    assert len(titles(NAME, marked, language)) == 1
    automatic = collect_offers(selection(marked, language, automatic=True))
    assert NAME not in [each.action for each in automatic]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "# TODO: make │this iterative\nx = 1\n"),
        ("python", "# noqa: E501│ and more\nx = 1\n"),
        ("python", "#!/usr/bin/env │python\nx = 1\n"),
        ("python", "# one│\nx = 1\n"),
        ("python", "# make this iterative\n│x = 1\n"),
        ("python", "# devstral:│\nx = 1\n"),
        ("rust", "/// Adds two │numbers.\nfn f() {}\n"),
        ("java", "/**\n * Adds two │numbers.\n */\nint f() { return 1; }\n"),
        ("javascript", "// eslint-disable-next-line │no-alert\nf()\n"),
        ("rust", "#[derive(Debug, │Clone)]\nstruct A;\n"),
    ],
)
def test_not_offered_for_other_comments(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == []


@pytest.mark.parametrize(
    ("marked", "lines"),
    [
        ("x = 1\n# devstral: do│ it\ndef f(n):\n    return n\n\ny = 2\n", (1, 3)),
        ("def f(n):\n    # devstral: do│ it\n    g()\n    return n\n\ny = 2\n", (0, 3)),
        ("x = 1\n\n# devstral: do│ it\na = 1\nb = 2\n\ny = 2\n", (2, 4)),
        ("│# devstral: do it\na = 1\n\nb = 2│\ny = 2\n", (0, 3)),
        ("# devstral: do it\n│a = 1\n\nb = 2│\ny = 2\n", (0, 3)),
    ],
)
def test_what_may_change(marked: str, lines: tuple[int, int]) -> None:
    all_lines = selection(marked).snapshot.text
    found = touched(NAME, marked)
    assert found == all_lines.slice(all_lines.line_start(lines[0]), all_lines.line_end(lines[1]))


def test_a_comment_of_several_lines() -> None:
    marked = "# first\n# devstral: make this\n#   iterative, please│\n# devstral: and that\nx = 1\n"
    asked = model_task(NAME, marked)
    assert "\n\nmake this\niterative, please\n\n" in asked.instruction
    assert "Remove the comment" in asked.instruction
    assert asked.names is NamePolicy.CHANGED
