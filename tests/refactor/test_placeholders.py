from __future__ import annotations

import pytest

from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.placeholders import expand_placeholders, find_placeholders

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
    ("language", "line"),
    [
        ("python", "# ... rest unchanged"),
        ("python", "# ... existing code ..."),
        ("python", "# rest of the function remains the same"),
        ("python", "# (rest of the code)"),
        ("python", "# unchanged"),
        ("python", "# ..."),
        ("python", "# … remaining implementation …"),
        ("python", "#... same as before"),
        ("python", "# --- existing code ---"),
        ("python", "# Other methods unchanged"),
        ("python", "# [rest of the class unchanged]"),
        ("python", "# Your code here"),
        ("python", "pass  # same as before"),
        ("python", "...  # existing code"),
        ("javascript", "// ... existing code ..."),
        ("javascript", "/* unchanged */"),
        ("javascript", "/* ... rest of the function ... */"),
        ("javascript", "{/* ... rest of the component */}"),
        ("javascript", "..."),
        ("javascript", "…"),
        ("javascript", "{ ... }"),
        ("javascript", "function load(path) { /* ... */ }"),
        ("go", "// ... rest of the code"),
        ("rust", "// ..."),
        ("c", "/* ... */"),
        ("html", "<!-- rest of file -->"),
        ("markdown", "<!-- ... -->"),
        ("lua", "-- ... rest unchanged"),
        ("sql", "-- existing code"),
        ("yaml", "# ... other fields"),
        ("plaintext", "..."),
        ("unheard-of", "// rest of the file"),
    ],
)
def test_what_stands_for_code(language: str, line: str) -> None:
    code = f"one()\n{line}\ntwo()"
    assert find_placeholders(code, "one()\ntwo()", language) == {1}
    assert find_placeholders(code, code, language) == frozenset(), "the original has it too"
    with pytest.raises(UnusableReply):
        expand_placeholders(f"new()\n{line}\nnewer()", "one()\ntwo()", language)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("python", "# the rest of the arguments go to the parent"),
        ("python", "# unchanged since version 3, see the notes there"),
        ("python", "# other"),
        ("python", "# wait..."),
        ("python", "# Remaining bytes, at least 4"),
        ("python", "# existing users keep their names"),
        ("python", "x[...] = 1  # all of them"),
        ("python", "def f(self) -> int: ..."),
        ("javascript", "f(...rest);"),
        ("javascript", "const { a, ...rest } = b;"),
        ("javascript", "// same origin"),
        ("go", "args = append(args, more...)"),
        ("c", "int printf(const char *format, ...);"),
        ("shellscript", "echo ..."),
        ("markdown", "# Rest of the document"),
        ("html", "<p>...</p>"),
    ],
)
def test_what_is_the_authors_own(language: str, line: str) -> None:
    assert find_placeholders(f"one()\n{line}\ntwo()", "one()\ntwo()", language) == frozenset()


class TestDotsInPython:
    def test_a_stub_that_is_new_is_code(self) -> None:
        code = "class Reader(Protocol):\n    def read(self) -> str:\n        ...\n"
        assert find_placeholders(code, "x = 1\n", "python") == frozenset()

    def test_a_body_that_was_there_is_not(self) -> None:
        assert find_placeholders("def load(path):\n    ...\n", PYTHON, "python") == {1}
        assert find_placeholders("def load(path): ...\n", PYTHON, "python") == {0}

    def test_among_other_lines_they_are_not(self) -> None:
        assert find_placeholders(
            "def new():\n    x = 1\n    ...\n    return x\n", PYTHON, "python"
        ) == {2}

    def test_in_a_doctest_they_are(self) -> None:
        code = '"""\n>>> for x in y:\n...     f(x)\n...\n1\n"""\n'
        assert find_placeholders(code, "", "python") == frozenset()

    def test_in_other_strings_they_are_not(self) -> None:
        assert find_placeholders('"""\nText.\n...\nMore.\n"""\n', "", "python") == {2}


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
def test_an_elision_without_a_place_is_refused(code: str) -> None:
    with pytest.raises(UnusableReply, match="leaves code out"):
        expand_placeholders(code, PYTHON, "python")


def test_lines_that_stand_twice_do_not_say_where() -> None:
    original = "a = 1\nsame()\nb = 2\nsame()\nc = 3\n"
    with pytest.raises(UnusableReply):
        expand_placeholders("x = 0\nsame()\n# ...\nc = 3\n", original, "python")
    assert expand_placeholders("a = 1\nsame()\n# ...\nc = 3\n", original, "python") == original


def test_an_elision_of_the_original_may_stay_beside_one_of_the_model() -> None:
    original = "a()\n# ... existing code ...\nb()\nc()\nd()\n"
    code = "x()\na()\n# ... existing code ...\nb()\n# ... rest unchanged\nd()\n"
    assert expand_placeholders(code, original, "python") == "x()\n" + original
