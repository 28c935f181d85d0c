from __future__ import annotations

from dataclasses import replace

import pytest

from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, NamePolicy, RefactorRefused, ReplyKind
from tests.refactor.actions.marked import Files, model_task, offers, selection, titles, touched

NAME = "generate_tests"
PYTHON = "def f():\n    return│ 1\n"
TYPESCRIPT = "export function f() {\n  return│ 1\n}\n"
GO = "func F() int {\n\treturn│ 1\n}\n"
JAVA = "class A {\n  int f() {\n    return│ 1;\n  }\n}\n"
RUBY = "def f\n  1│\nend\n"
PHP = "<?php\nfunction f() {\n  return│ 1;\n}\n"


@pytest.mark.parametrize(
    ("language", "marked", "path", "files", "target"),
    [
        ("python", PYTHON, "src/pkg/m.py", (), "tests/test_m.py"),
        ("python", PYTHON, "m.py", (), "tests/test_m.py"),
        ("python", PYTHON, "src/pkg/m.py", ("tests/conftest.py",), "tests/test_m.py"),
        ("python", PYTHON, "src/pkg/a/m.py", ("tests/a/test_x.py",), "tests/a/test_m.py"),
        ("python", PYTHON, "pkg/a/m.py", ("tests/pkg/a/x.py",), "tests/pkg/a/test_m.py"),
        ("python", PYTHON, "pkg/m.py", ("tests/x.py", "pkg/test_m.py"), "pkg/test_m.py"),
        ("python", PYTHON, "pkg/m.py", ("pkg/tests/x.py",), "pkg/tests/test_m.py"),
        ("go", GO, "a/b/m.go", (), "a/b/m_test.go"),
        ("go", GO, "m.go", (), "m_test.go"),
        ("typescript", TYPESCRIPT, "src/a/m.ts", (), "src/a/m.test.ts"),
        ("typescript", TYPESCRIPT, "src/a/m.ts", ("src/a/m.spec.ts",), "src/a/m.spec.ts"),
        ("typescript", TYPESCRIPT, "src/a/m.ts", ("src/a/__tests__/x.ts",),
         "src/a/__tests__/m.test.ts"),
        ("typescriptreact", TYPESCRIPT, "src/a/m.tsx", ("tests/x.ts",), "tests/m.test.tsx"),
        ("java", JAVA, "src/main/java/org/x/A.java", (), "src/test/java/org/x/ATest.java"),
        ("java", JAVA, "core/src/main/java/org/x/A.java", (),
         "core/src/test/java/org/x/ATest.java"),
        ("ruby", RUBY, "lib/a/m.rb", ("spec/spec_helper.rb",), "spec/m_spec.rb"),
        ("ruby", RUBY, "app/models/m.rb", ("test/models/x.rb",), "test/models/m_test.rb"),
        ("ruby", RUBY, "lib/a/m.rb", (), "spec/a/m_spec.rb"),
        ("php", PHP, "src/A/M.php", ("tests/Unit/A/X.php",), "tests/Unit/A/MTest.php"),
        ("php", PHP, "src/A/M.php", (), "tests/A/MTest.php"),
        ("csharp", JAVA, "src/App/A/M.cs", ("tests/App.Tests/x.cs",), "tests/App.Tests/MTests.cs"),
        ("shellscript", "f() {\n  g│\n}\n", "bin/m.sh", (), "test/m.bats"),
    ],
)  # fmt: skip
def test_the_target_is_where_the_project_keeps_tests(
    language: str, marked: str, path: str, files: tuple[str, ...], target: str
) -> None:
    asked = model_task(NAME, marked, language, Files(path, *files))
    assert asked.target_file == target
    assert target in asked.instruction
    assert asked.answer is ReplyKind.FILES


def at(uri: str, marked: str, language: str) -> list[ActionOffer]:
    chosen = selection(marked, language)
    chosen = replace(chosen, snapshot=replace(chosen.snapshot, uri=uri))
    return list(ACTIONS[NAME].offers(SelectionContext(chosen)))


@pytest.mark.parametrize(
    ("uri", "language", "marked"),
    [
        ("file:///p/test_m.py", "python", PYTHON),
        ("file:///p/tests/conftest.py", "python", PYTHON),
        ("file:///p/m_test.go", "go", GO),
        ("file:///p/m.test.ts", "typescript", TYPESCRIPT),
        ("file:///p/__tests__/m.ts", "typescript", TYPESCRIPT),
        ("file:///p/src/test/java/ATest.java", "java", JAVA),
        ("file:///p/m_spec.rb", "ruby", RUBY),
    ],
)
def test_tests_are_not_tested(uri: str, language: str, marked: str) -> None:
    assert at(uri, marked, language) == []
    assert len(at("file:///p/m.x", marked, language)) == 1


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "│a = 1\nb = 2│\n"),
        ("python", "def test_it():\n    assert│ 1\n"),
        ("yaml", "│a: 1\nb: 2│\n"),
        ("rust", "#[cfg(test)]\nmod tests {\n    fn one() {\n        a│();\n    }\n}\n"),
    ],
)
def test_not_offered_for_less_than_a_definition(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == []


RUST = "/// One.\nfn one() -> u8 {\n    │1\n}\n"
TESTS = "\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n"


def test_rust_s_go_to_the_end_of_the_same_file() -> None:
    asked = model_task(NAME, RUST, "rust")
    assert touched(NAME, RUST, "rust") == ""
    assert "fn one() -> u8 {\n    1\n}" in asked.instruction
    assert (asked.answer, asked.names, asked.target_file) == (ReplyKind.CODE, NamePolicy.ADDED, "")


def test_rust_s_go_into_the_module_that_is_there() -> None:
    assert touched(NAME, RUST + TESTS, "rust").startswith("#[cfg(test)]\nmod tests {")


def test_what_is_gone_by_then_is_refused() -> None:
    (offer,) = offers(NAME, RUST, "rust")
    with pytest.raises(RefactorRefused):
        ACTIONS[NAME].model_task(offer, selection("│fn two() {}\n", "rust").snapshot, Files())
