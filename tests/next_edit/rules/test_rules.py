"""What each rule learns from one change, and what it would make of another text."""

from __future__ import annotations

import pytest

from tests.next_edit.typing import change, results

CASES = [
    ("rename", "a = size + 1", "a = width + 1", "b = size\nsizes = 2", ["b = width\nsizes = 2"]),
    ("rename", "size(size)", "width(size)", "size()", []),  # it was not given up as a name
    ("rename", "x = 1", "y = 1", "x = 2", []),  # a single letter
    ("token_swap", "f(a, None)", "f(a, ())", "g(b, None)", ["g(b, ())"]),
    ("token_swap", "x.getName()", "x.name", "y = z.getName()", ["y = z.name"]),
    ("token_swap", "if a == 'x':", "if a in 'x':", "if b != 'x':", []),
    ("insertion", "get(url, data)", "get(url, timeout, data)", "a = get(url, data)",
     ["a = get(url, timeout, data)"]),
    ("insertion", "get(url, data)", "get(url, timeout, data)", "get(url, timeout, data)", []),
    ("insertion", "return fetch(a)", "return await fetch(a)", "return fetch(b)",
     ["return await fetch(b)"]),
    ("same_block", "  if a:\n    b()", "  b(a)", "if a:\n  b()\n", ["b(a)\n"]),
    ("same_block", "import os", "", "import os\nx", ["x"]),
    ("same_block", "}", "})", "}\n", []),  # says too little
    ("generalised_line", "self.assertEqual(a, b)", "assert a == b",
     "    self.assertEqual(f(x, y), 3)", ["    assert f(x, y) == 3"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "old", "new", "document", "expected"), CASES)
def test_a_rule(rule: str, old: str, new: str, document: str, expected: list[str]) -> None:
    assert results(rule, change(old, new), document) == expected


def test_an_inserted_block_is_indented_as_its_place() -> None:
    made = change("", "    @cached", above="class A:", below="    def size(self):")
    document = "if x:\n    class A:\n        def size(self):\n            pass"
    assert results("inserted_block", made, document) == [
        "if x:\n    class A:\n        @cached\n        def size(self):\n            pass"
    ]
