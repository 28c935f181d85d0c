"""Answers that are cut or spoilt on a line of their own, in a document that parses: what is shown
of them leaves it parsing, and what of them is whole is shown."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.config.schema import CompletionSettings, Settings
from tests.support.scripted import ManualClock, ScriptedProvider, request_at

SETTINGS = Settings(completion=CompletionSettings(debounce_ms=0, speculate=False))


_FUNCTION = "        function f() {\n            return 1;\n        }\n\n"
LONG = (
    "module.exports = {\n    create(c) {\n"
    + _FUNCTION * 400
    + "        return {\n            a() {\n                │\n            }\n        };\n"
    + "    }\n};\n"
)
"""More than is parsed at first: the object around it is cut."""


@pytest.mark.parametrize(
    ("language", "document", "said", "shown"),
    [
        ("python", "class A:\n    x = 1\n\n    │\n\n\ny = 2\n", "def __init__(s", None),
        ("python", "x = 1\n│\ny = 2\n", "z = 3\nfor each in ra", "z = 3"),
        ("javascript", "function f() {\n  │\n}\nf();\n", "if (signals)", None),
        ("javascript", "function f() {\n  │\n  g();\n}\n", "a = 1;\nb.ma(", "a = 1;"),
        ("typescript", "let a = 1;\n│\nlet b = 2;\n", "const c: Map<str", None),
        ("go", "package a\n\n│\n\nfunc g() {\n}\n", "func (m *Message) SetMet", None),
        ("rust", "impl A {\n    │\n}\n\nfn g() {}\n", "fn eq(&self, other: &Value) -> bo", None),
        ("java", "class A {\n  │\n  int a;\n}\n", "public int size(", None),
        ("java", "class A {\n  │\n  int a;\n}\n", "return new B(this.a, b);", None),
        ("c", "int a;\n\n│\n\nint b;\n", "extern API(u64)\nsize(int n)\n{\n\tg();\n}}", None),
        ("ruby", "class A\n  │\n\n  def g\n  end\nend\n", "def initialize(app, c", None),
        ("php", "<?php\nclass A\n{\n    │\n}\n\n$b = 1;\n", "public function g(A $a): void", None),
        ("shellscript", "a=1\n│\nb=2\n", 'if [ -n "$a" ', None),
        ("javascript", LONG, "if (a &", None),
        ("javascript", LONG.replace(_FUNCTION, _FUNCTION * 3), "if (a &", None),
        ("cpp", "void f() {\n  │\n  g();\n}\n", "if (c == 1) {  // avoids sig", None),
        ("javascript", LONG, "const x = (1;\nb();", None),
        ("javascript", LONG, "b(c);\nd(e;", "b(c);"),
    ],
)  # fmt: skip
async def test_nothing_that_breaks_the_document(
    language: str, document: str, said: str, shown: str | None
) -> None:
    clock = ManualClock().as_clock()
    completer = CompletionEngine(SETTINGS, fim=ScriptedProvider(said), local=None, clock=clock)
    try:
        found = await completer.complete(request_at(document, language=language))
    finally:
        await completer.close()
    assert [each.text.strip() for each in found] == ([shown] if shown else [])
