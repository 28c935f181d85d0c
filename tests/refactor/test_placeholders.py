from __future__ import annotations

import pytest

from devstral_lsp.refactor.placeholders import expand_placeholders

PYTHON = """\
def load(path):
    # read it
    text = path.read_text()
    lines = text.split()

    for line in lines:
        check(line)
    return lines
"""
JAVASCRIPT = """\
function load(path) {
  const text = read(path);
  const lines = text.split();
  lines.forEach(check);
  return lines;
}
"""


@pytest.mark.parametrize(
    ("language", "original", "code"),
    [
        pytest.param(
            "python",
            PYTHON,
            "def load(path):\n    # ... rest unchanged\n",
            id="all but the first line",
        ),
        pytest.param(
            "python",
            PYTHON,
            "# ... existing code ...\n    return lines\n",
            id="all but the last line",
        ),
        pytest.param(
            "python",
            PYTHON,
            "def load(path):\n    # ...\n    lines = text.split()\n    # ...\n    return lines\n",
            id="two of them",
        ),
        pytest.param(
            "javascript",
            JAVASCRIPT,
            "function load(path) {\n  // ... existing code ...\n}\n",
            id="the body, up to a bracket that stands once",
        ),
    ],
)
def test_an_elision_between_lines_that_stand_once_is_filled_in(
    language: str, original: str, code: str
) -> None:
    assert expand_placeholders(code, original, language).split() == original.split()


def test_what_is_changed_beside_it_stays_changed() -> None:
    code = "def load(path, limit):\n    text = path.read_text()\n    # ... rest unchanged\n"
    result = expand_placeholders(code, PYTHON, "python")
    assert result == PYTHON.replace("path)", "path, limit)").replace("    # read it\n", "")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def load(path):\n    x = 1\n    # ...\n", id="after a new line"),
        pytest.param("# ...\n    x = 1\n", id="before a new line"),
        pytest.param("def load(path):\n    # ...\n    x = 1\n", id="before a changed line"),
        pytest.param("    return lines\n    # ...\ndef load(path):\n", id="in the wrong order"),
        pytest.param("def load(path):\n    pass  # same as before\n", id="not alone in its line"),
    ],
)
def test_an_elision_without_a_place_stays(code: str) -> None:
    assert expand_placeholders(code, PYTHON, "python") == code


def test_lines_that_stand_twice_do_not_say_where() -> None:
    original = "a = 1\nsame()\nb = 2\nsame()\nc = 3\n"
    unclear = "x = 0\nsame()\n# ...\nc = 3\n"
    assert expand_placeholders(unclear, original, "python") == unclear
    assert expand_placeholders("a = 1\nsame()\n# ...\nc = 3\n", original, "python") == original


def test_an_elision_of_the_original_may_stay_beside_one_of_the_model() -> None:
    original = "a()\n# ... existing code ...\nb()\nc()\nd()\n"
    code = "x()\na()\n# ... existing code ...\nb()\n# ... rest unchanged\nd()\n"
    assert expand_placeholders(code, original, "python") == "x()\n" + original
