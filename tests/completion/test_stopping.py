"""When a stream has said enough, and what of it is one suggestion."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.extent.unit import SHOWN_LINES
from devstral_lsp.completion.request_kind import infer_kind
from devstral_lsp.completion.stopping import (
    first_suggestion,
    should_stop,
    stop_sequences,
    truncate_at_stop,
)
from devstral_lsp.completion.types import CompletionKind, CursorContext

# marked place, language, what streams in, the unit
UNITS = [
    # The rest of a line ends with the line.
    ("x = foo(│, 1)", "python", "a, b\n", "a, b"),
    ("x = │", "python", "compute(1)\ny = 2\n", "compute(1)"),
    ("x = │", "python", "compute(\n    1,\n)\ny = 2\n", "compute(\n    1,\n)"),
    # A first line that opens a block turns a statement into the block.
    (
        "def f(x):\n    │",
        "python",
        "if x:\n        return 1\n    return 2\n\n\ndef g():\n",
        "if x:\n        return 1\n    return 2",
    ),
    (
        "def f(x):\n    y = 1\n    │",
        "python",
        "if x:\n        y = 2\n    return y\n",
        "if x:\n        y = 2",
    ),
    ("def f(x│", "python", "):\n    return x\n\n\ndef g():\n", "):\n    return x"),
    # A block ends where its scope ends.
    ("def f(x):│", "python", "\n    y = x\n    return y\n\n\nf(1)\n", "\n    y = x\n    return y"),
    ("def f(x):\n    │", "python", "y = x\n    return y\nf(1)\n", "y = x\n    return y"),
    (
        "function f(x) {\n  │",
        "javascript",
        "if (x) {\n    return 1;\n  }\n  return 2;\n}\n",
        "if (x) {\n    return 1;\n  }\n  return 2;\n}",
    ),
    ("function f() {│", "javascript", "\n  return 1;\n}\n\nf();\n", "\n  return 1;\n}"),
    ("def f\n  │", "ruby", "if x\n    y\n  end\nend\n", "if x\n    y\n  end\nend"),
    # After a finished line the next statement is meant.
    ("x = 1│", "python", "\ny = 2\nz = 3\n", "\ny = 2"),
    # Where a body stands below, only the line that opens it is missing.
    ("\tif │\n\t\tbr = 1\n\t}\n", "go", "!ok {\n\t\treturn\n\t}\n\tx()\n", "!ok {"),
    ("if (a│\n  b()\n}\n", "javascript", ") {\n  c()\n}\nd()\n", ") {"),
    ("def f():\n    │\n        x()\n", "python", "if y:\n        z()\n    w()\n", "if y:"),
    ("if (a) {│\n  b();\n}\n", "javascript", "\n  c();\n  d();\n}\n", "\n  c();"),
    # The first line counts as it will be shown, whatever the model indents it by.
    (
        "    f()\n    │\n    x = 1\n",
        "python",
        "    if y:\n        g()\n\n    x = 1\n",
        "    if y:\n        g()",
    ),
    (
        "\tf()\n\t│\n\tx()\n",
        "go",
        "\tif y {\n\t\t\tg()\n\t\t}\n\tx()\n",
        "\tif y {\n\t\t\tg()\n\t\t}",
    ),
    (
        "        f()\n        │\n        x = 1\n",
        "python",
        "if y:\n    g()\n    h()\nx = 1\n",
        "if y:\n    g()\n    h()",
    ),
    # A fence and what introduces it are no code.
    ("def f(x):\n    x()\n    │", "python", "```python\ny = 2\n```\n", "```python\ny = 2"),
    (
        "def f(x):│",
        "python",
        "Sure! Here is the code:\n```python\n    y = x\n    return y\n```\nIt works.\n",
        "Sure! Here is the code:\n```python\n    y = x\n    return y",
    ),
    ("# Title\n\n│", "markdown", "```\nx\n```\n", "```\nx\n```"),
    # A comment goes with the code below it.
    (
        "  a: 1;\n  │\n}\n",
        "typescript",
        "// b\n  // c\n  d: 2;\n  e: 3;\n",
        "// b\n  // c\n  d: 2;",
    ),
    ("def f\n    │", "ruby", "# b\n\n    c\nend\nd\n", "# b\n\n    c\nend"),
    # A body goes on behind a blank line, whatever stands in its strings.
    (
        "def f():\n    │",
        "python",
        "x = 1\n\n    return x\n\n\ng()\n",
        "x = 1\n\n    return x",
    ),
    (
        "def f():\n    │",
        "python",
        'x = """\na\n\nb\n"""\n    return x\ng()\n',
        'x = """\na\n\nb\n"""\n    return x',
    ),
    ("func f() {\n\t│", "go", "x := `\na`\n\tg(x)\n}\nh()\n", "x := `\na`\n\tg(x)\n}"),
    (
        "    if (a &&\n        b) {\n        │\n",
        "javascript",
        "c();\n        d();\n    }\n    e();\n",
        "c();\n        d();\n    }",
    ),
    # Of what has members, one is enough.
    (
        "class A:\n    │",
        "python",
        "def f(self):\n        pass\n\n    def g(self):\n        pass\n",
        "def f(self):\n        pass",
    ),
    ("x = 1\n│", "python", "# b\n\nc = 1\n", "# b"),
    ("def f():\n    x()\n    │", "python", "# b\ny()\n", "# b"),
    ("x = 1\n# a│", "python", " b\nc = 1\n", " b"),
    # A statement goes on after its first block.
    (
        "f();\n│\n",
        "javascript",
        "if (a) {\n  b();\n} else {\n  c();\n}\nd();\n",
        "if (a) {\n  b();\n} else {\n  c();\n}",
    ),
    (
        "x = 1\n│\n",
        "python",
        "try:\n    a()\nexcept OSError:\n    b()\nc()\n",
        "try:\n    a()\nexcept OSError:\n    b()",
    ),
    (
        "\tf()\n\t│\n",
        "go",
        "switch x {\n\tcase 1:\n\t\ta()\n\tdefault:\n\t\tb()\n\t}\n\tc()\n",
        "switch x {\n\tcase 1:\n\t\ta()\n\tdefault:\n\t\tb()\n\t}",
    ),
    # What is too long ends where nothing is left open.
    (
        "def f(x):\n    │",
        "python",
        "a = (\n        1\n    )\n"
        + "    b()\n" * (SHOWN_LINES - 4)
        + "    c = (\n        2\n    )\n    return c\n",
        "a = (\n        1\n    )\n" + "    b()\n" * (SHOWN_LINES - 5) + "    b()",
    ),
    # Blanks at which a stream was cut are no blank line: the tail stays as doubtful as it is.
    ("f();\n│\n", "javascript", "if (a) {\n  b(\n  ", "if (a) {\n  b(\n  "),
    # Between braces that an editor has closed, a block is asked for.
    (
        "  if (a) {│}\n",
        "javascript",
        "\n    b();\n    c();\n  }\n  d();\n",
        "\n    b();\n    c();\n  }",
    ),
]


@pytest.mark.parametrize(("marked", "language", "text", "expected"), UNITS)
def test_unit(marked: str, language: str, text: str, expected: str) -> None:
    place = CursorContext.from_marked(marked, language)
    assert first_suggestion(text, place, infer_kind(place), ended=True) == expected


@pytest.mark.parametrize(("marked", "language", "text", "expected"), UNITS)
def test_unit_is_the_same_however_it_streams_in(
    marked: str, language: str, text: str, expected: str
) -> None:
    place = CursorContext.from_marked(marked, language)
    kind = infer_kind(place)
    for end in range(len(text) + 1):
        early = first_suggestion(text[:end], place, kind, ended=False)
        assert early in (None, expected)
    assert first_suggestion(text, place, kind, ended=False) in (None, expected)


def test_nothing_is_shown_before_its_line_is_complete() -> None:
    place = CursorContext.from_marked("x = │", "python")
    assert first_suggestion("compute(1)", place, CompletionKind.STATEMENT, ended=False) is None
    assert (
        first_suggestion("compute(1)", place, CompletionKind.STATEMENT, ended=True) == "compute(1)"
    )


def test_an_answer_that_starts_over_above_is_waited_for() -> None:
    before = "def f(xs):\n    total = 0\n    for x in xs:\n        │\n"
    place = CursorContext.from_marked(before, "python")
    said = "    total = 0\n    for x in xs:\n        total += x"
    kind = infer_kind(place)
    for end in range(len(said)):
        assert first_suggestion(said[:end], place, kind, ended=False) is None


def test_blank_text_has_no_unit() -> None:
    place = CursorContext.from_marked("x = │", "python")
    assert first_suggestion("\n\n", place, CompletionKind.STATEMENT, ended=False) is None


@pytest.mark.parametrize(
    ("marked", "language", "text", "done"),
    [
        ("foo(│, 1)", "python", "a", False),
        ("foo(│, 1)", "python", "a\n", True),
        # Lines beyond the unit are worth hearing, but not many.
        ("x = │", "python", "1\ny = 2\n", False),
        ("x = │", "python", "1\n" + "".join(f"y{i} = 2\n" for i in range(4)), True),
        # Out of the scope there is nothing to wait for.
        ("def f():\n    a = 1\n    │", "python", "x = 1\n    return x\n\n\ndef g", True),
        ("def f() {\n    │", "javascript", "x = 1;\n    }\n", False),
        # A fence is not what was asked for, and what it holds may stand at column 0.
        ("def f():\n    a = 1\n    │", "python", "```python\n", False),
        ("def f():\n    a = 1\n    │", "python", "```python\nx = 1\ny = 2\n```\nIt", True),
        # A model that loops is not listened to.
        ("x = │", "python", "a\n" + "a\n" * 3, True),
    ],
)
def test_enough(marked: str, language: str, text: str, done: bool) -> None:
    place = CursorContext.from_marked(marked, language)
    assert should_stop(text, place, infer_kind(place)) is done


def test_stops_of_a_line_begin_with_the_users_own() -> None:
    assert stop_sequences(CompletionKind.REST_OF_LINE, ["//"]) == ("//", "\n")


@pytest.mark.parametrize("kind", [CompletionKind.STATEMENT, CompletionKind.BLOCK])
def test_nothing_stops_what_may_have_several_lines_but_the_users_own(kind: CompletionKind) -> None:
    assert stop_sequences(kind, ["//"]) == ("//",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", ("abc", False)),
        ("ab\n\n\nc", ("ab", True)),
        ("a;b\n\n\n", ("a", True)),
        ("", ("", False)),
    ],
)
def test_cut_at_stop(text: str, expected: tuple[str, bool]) -> None:
    assert truncate_at_stop(text, ("\n\n\n", ";", "")) == expected
