"""Control words that are gone from between lines that stay."""

from __future__ import annotations

import pytest

from devstral_lsp.refactor.losses import Comparison

IF = "def f(a):\n    if a:\n        x = g(a)\n    else:\n        x = h(a)\n    return x\n"
SWITCH = (
    "void f() {\n  switch (a) {\n  case 1:\n    g();\n    break;\n  case 2:\n    h();\n  }\n}\n"
)
BRACES = "void f() {\n  if (a) {\n    g();\n  } else {\n    // no\n    h();\n  }\n}\n"
LOOP = "fn f() {\n    loop {\n        g();\n        h();\n    }\n}\n"


@pytest.mark.parametrize(
    ("language", "old", "reply"),
    [
        ("python", IF, IF.replace("    else:\n", "")),
        ("python", IF, IF.replace("    else:\n    ", "")),
        ("c", BRACES, BRACES.replace("  } else {\n", "")),
        ("c", BRACES, BRACES.replace("  } else {\n    // no\n", "  // ... as above\n")),
        (
            "c",
            BRACES.replace("g();", "return;"),
            "void f() {\n  if (a) {\n    return;\n    h();\n  }\n}\n",
        ),
        (
            "python",
            "def f(a):\n    try:\n        g(a)\n    finally:\n        h(a)\n",
            "def f(a):\n    g(a)\n    h(a)\n",
        ),
        (
            "python",
            "def f(a):\n    try:\n        g(a)\n    except OSError:\n        h(a)\n",
            "def f(a):\n    g(a)\n    h(a)\n",
        ),
        ("ruby", "begin\n  g\nrescue => e\n  h\nend\n", "g\nh\n"),
    ],
)
def test_a_clause_is_lost_whatever_may_be_removed(language: str, old: str, reply: str) -> None:
    assert Comparison(old, reply, language).loss() is not None
    assert Comparison(old, reply, language).loss(may_tidy=True) is not None


@pytest.mark.parametrize(
    ("language", "old", "reply"),
    [
        ("c", SWITCH, SWITCH.replace("    break;\n", "")),
        ("rust", LOOP, "fn f() {\n    g();\n    h();\n}\n"),
    ],
)
def test_a_jump_or_a_loop_is_lost(language: str, old: str, reply: str) -> None:
    assert Comparison(old, reply, language).loss() is not None


@pytest.mark.parametrize(
    ("language", "old", "reply"),
    [
        (
            "python",
            IF.replace("x = g(a)", "return g(a)"),
            "def f(a):\n    if a:\n        return g(a)\n    x = h(a)\n    return x\n",
        ),
        ("python", IF, "def f(a):\n    return g(a) if a else h(a)\n"),
        (
            "python",
            "def f(a):\n    if a:\n        x = g(a)\n        k(x)\n    else:\n        return h(a)\n"
            "    return x\n",
            "def f(a):\n    if not a:\n        return h(a)\n    x = g(a)\n    k(x)\n    return x\n",
        ),
        (
            "python",
            "def f(p):\n    h = open(p)\n    try:\n        return h.read()\n    finally:\n"
            "        h.close()\n",
            "def f(p):\n    with open(p) as h:\n        return h.read()\n",
        ),
        (
            "c",
            "int f(int a) {\n  switch (a) {\n  case 1:\n    return 2;\n  default:\n    return 3;\n"
            "  }\n}\n",
            "int f(int a) {\n  if (a == 1)\n    return 2;\n  return 3;\n}\n",
        ),
        ("c", "void f() {\n  g();\n  return;\n}\n", "void f() {\n  g();\n}\n"),
    ],
)
def test_a_control_word_that_is_not_needed_is_not_lost(language: str, old: str, reply: str) -> None:
    assert Comparison(old, reply, language).loss() is None


def test_a_clause_may_go_where_the_user_asks_for_it() -> None:
    old = "def f(a):\n    try:\n        g(a)\n    finally:\n        h(a)\n"
    assert Comparison(old, "def f(a):\n    g(a)\n    h(a)\n", "python").loss(is_asked=True) is None


def test_a_block_without_anything_in_it_is_a_stub() -> None:
    old = "int f() {\n  a = g();\n  h(a);\n}\n"
    reply = "int f() {\n  a = g();\n  if (!a) {\n  }\n  h(a);\n}\n"
    assert Comparison(old, reply, "c").loss() is not None
