"""Which names of the user's own code make sense at a place."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.sensible import finished_part, is_in_scope
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft


def _in_scope(marked: str, text: str, language: str = "python") -> bool:
    draft = Draft(text=text, kind=CompletionKind.STATEMENT, may_end_anywhere=True)
    return is_in_scope(draft, CursorContext.from_marked(marked, language))


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("def f(user):\n    use(user)\n\ndef g(items):\n    │\n", "show(user, 1)"),
        ("def f():\n    user: int = 1\n\ndef g(items):\n    │\n", "show(user, 1)"),
        ("def f():\n    user, b = 1, 2\n\ndef g(items):\n    │\n", "show(user, 1)"),
        ("def f():\n    for i, user in x: pass\n\ndef g(items):\n    │\n", "show(user, 1)"),
        ("def f():\n    with a() as user: pass\n\ndef g(items):\n    │\n", "show(user, 1)"),
        ("def f(*, user: int = 1): pass\n\ndef g(items):\n    │\n", "show(user, 1)"),
    ],
)
def test_what_another_function_declares_is_its_own(marked: str, text: str) -> None:
    assert not _in_scope(marked, text)


@pytest.mark.parametrize(
    ("language", "other", "here"),
    [
        ("javascript", "function f() { const user = 1; }\n", "function g(items) {\n  │\n}\n"),
        ("javascript", "const f = ({ user }) => 1;\n", "function g(items) {\n  │\n}\n"),
        ("typescript", "function f(user: T) {}\n", "function g(items: T) {\n  │\n}\n"),
        ("go", "package p\nfunc f() { user, e := a(); _ = e }\n", "func g() {\n\t│\n}\n"),
        ("go", "package p\nfunc f(user T) {}\n", "func g() {\n\t│\n}\n"),
        ("rust", "fn f() { let user = 1; }\n", "fn g() {\n    │\n}\n"),
        ("c", "void f(A *user) { }\n", "void g(int i) {\n    │\n}\n"),
        ("java", "class C { void f() { T user = a(); }\n", "void g() {\n    │\n}\n}\n"),
    ],
)
def test_so_it_is_in_other_languages(language: str, other: str, here: str) -> None:
    assert not _in_scope(other + here, "show(user, 1)", language)


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("def f(a: float = 1): pass\n\ndef g(\n    a: │\n", "float, b: float = math.inf"),
        ("def f():\n    run(settings)\n\ndef g(items):\n    │\n", "show(settings, 1)"),
        ("def f(): pass\n\ndef g(user):\n    │\n", "show(user, 1)"),
        ("user = 1\n\ndef f(user): pass\n\ndef g():\n    │\n", "show(user, 1)"),
        ("def f(user):\n    pass\n\ndef g():\n    # the │\n", "user of it"),
        ('def f(user):\n    pass\n\ndef g():\n    """The │\n    """\n', "user of it"),
    ],
)
def test_what_other_functions_only_use_is_everybodys(marked: str, text: str) -> None:
    assert _in_scope(marked, text)


@pytest.mark.parametrize(
    ("marked", "said", "kept", "language"),
    [
        ("x = │\n", "total(items)", "total(items)", "python"),
        ("if a│\n", " and b:", " and b:", "python"),
        ("REG│\n", "ISTRY.register(", "ISTRY.register", "python"),
        ("list.push│\n", "(Either.", None, "typescript"),
        ("  check│\n", "Contains(t, output,", "Contains", "go"),
        ("if ok │\n", "{", "{", "go"),
        ("return │\n", '(t:gsub("', None, "lua"),
        ("x = self.│\n", "op == OpCodes.", None, "typescript"),
        ("export│\n", " const", None, "typescript"),
        ("x = a │\n", "+", None, "java"),
        ("# what │\n", "to check.", "to check.", "python"),
        ('x = {"a": │\n', '{"file_" +', None, "javascript"),
    ],
)
def test_nothing_that_ends_open_stands_alone(
    marked: str, said: str, kept: str | None, language: str
) -> None:
    draft = Draft(text=said, kind=CompletionKind.STATEMENT, may_end_anywhere=True)
    part = finished_part(draft, CursorContext.from_marked(marked, language))
    assert (part and part.text) == kept
