"""Finds where a project keeps the tests of a file, by the conventions of its language.

That is an existing test file in any usual place, or else a usual place whose folder exists, or else
what a new project would do. Only asks whether paths exist. Paths have "/" and start at the
workspace folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

from devstral_lsp.refactor.action import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class TestLayout:
    """Paths with `{dir}` and `{stem}` of the tested file, `{suffix}` of its name with the dot.

    `{inner}` is the folder below the root of the sources, `{deeper}` the same without its first
    part. `beside` counts only if the file exists, `apart` if the file or its folder does.
    """

    framework: str
    roots: str = r"src|lib|app"
    beside: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    new: str
    """If none of them exists."""


_JAVASCRIPT = TestLayout(
    framework="the test runner that package.json names (Vitest, Jest, Mocha or `node:test`)",
    beside=("{dir}/{stem}.test{suffix}", "{dir}/{stem}.spec{suffix}"),
    apart=(
        "{dir}/__tests__/{stem}.test{suffix}",
        "__tests__/{inner}/{stem}.test{suffix}",
        "__tests__/{stem}.test{suffix}",
        "tests/{inner}/{stem}.test{suffix}",
        "tests/{stem}.test{suffix}",
        "test/{inner}/{stem}.test{suffix}",
        "test/{stem}.test{suffix}",
    ),
    new="{dir}/{stem}.test{suffix}",
)
_C = TestLayout(
    framework="the test framework that the project has, or else plain `assert` in a `main`",
    apart=("tests/test_{stem}{suffix}", "test/test_{stem}{suffix}", "tests/{stem}_test{suffix}"),
    new="tests/test_{stem}{suffix}",
)

LAYOUTS = MappingProxyType(
    {
        "python": TestLayout(
            framework="pytest (plain functions, `assert`, tables by `pytest.mark.parametrize`), or "
            "`unittest` if the file that is there uses it",
            roots=r"src|lib",
            beside=("{dir}/test_{stem}.py", "{dir}/{stem}_test.py"),
            apart=(
                "tests/{deeper}/test_{stem}.py",
                "tests/{inner}/test_{stem}.py",
                "tests/unit/{deeper}/test_{stem}.py",
                "tests/unit/test_{stem}.py",
                "tests/test_{stem}.py",
                "test/{deeper}/test_{stem}.py",
                "test/test_{stem}.py",
                "{dir}/tests/test_{stem}.py",
            ),
            new="tests/test_{stem}.py",
        ),
        "javascript": _JAVASCRIPT,
        "typescript": _JAVASCRIPT,
        "go": TestLayout(
            framework="the package `testing`, tables of cases with `t.Run`, and the assertion "
            "library of the file that is there if it uses one; in the package of the code",
            new="{dir}/{stem}_test.go",
        ),
        "java": TestLayout(
            framework="JUnit 5, or the version that the build has",
            roots=r"src/main/java|(?P<module>.+)/src/main/java|src",
            apart=(
                "{module}/src/test/java/{inner}/{stem}Test.java",
                "test/{inner}/{stem}Test.java",
            ),
            new="{module}/src/test/java/{inner}/{stem}Test.java",
        ),
        "kotlin": TestLayout(
            framework="JUnit 5 or `kotlin.test`, whichever the build has",
            roots=r"src/main/(?:kotlin|java)|(?P<module>.+)/src/main/(?:kotlin|java)|src",
            apart=("{module}/src/test/kotlin/{inner}/{stem}Test.kt",),
            new="{module}/src/test/kotlin/{inner}/{stem}Test.kt",
        ),
        "scala": TestLayout(
            framework="the test library of the build (ScalaTest, MUnit)",
            roots=r"src/main/scala|(?P<module>.+)/src/main/scala|app|src",
            apart=("{module}/src/test/scala/{inner}/{stem}Spec.scala",),
            beside=("{module}/src/test/scala/{inner}/{stem}Test.scala",),
            new="{module}/src/test/scala/{inner}/{stem}Spec.scala",
        ),
        "csharp": TestLayout(
            framework="xUnit, NUnit or MSTest, whichever the test project refers to",
            apart=(
                "{first}.Tests/{deeper}/{stem}Tests.cs",
                "{first}.Tests/{stem}Tests.cs",
                "tests/{first}.Tests/{deeper}/{stem}Tests.cs",
                "tests/{first}.Tests/{stem}Tests.cs",
                "test/{first}.Tests/{stem}Tests.cs",
                "tests/{stem}Tests.cs",
            ),
            new="tests/{stem}Tests.cs",
        ),
        "ruby": TestLayout(
            framework="RSpec in a folder `spec`, Minitest in a folder `test`",
            beside=("test/{inner}/test_{stem}.rb",),
            apart=(
                "spec/{inner}/{stem}_spec.rb",
                "spec/{stem}_spec.rb",
                "test/{inner}/{stem}_test.rb",
                "test/{stem}_test.rb",
            ),
            new="spec/{inner}/{stem}_spec.rb",
        ),
        "php": TestLayout(
            framework="PHPUnit, or Pest if the tests that are there use it",
            apart=(
                "tests/Unit/{inner}/{stem}Test.php",
                "tests/{inner}/{stem}Test.php",
                "tests/Unit/{stem}Test.php",
                "tests/{stem}Test.php",
            ),
            new="tests/{inner}/{stem}Test.php",
        ),
        "swift": TestLayout(
            framework="XCTest or Swift Testing, whichever the target uses",
            roots=r"Sources",
            apart=("Tests/{first}Tests/{deeper}/{stem}Tests.swift", "Tests/{stem}Tests.swift"),
            new="Tests/{first}Tests/{stem}Tests.swift",
        ),
        "dart": TestLayout(
            framework="`package:test`, or `flutter_test` in a Flutter package",
            apart=("test/{inner}/{stem}_test.dart",),
            new="test/{inner}/{stem}_test.dart",
        ),
        "elixir": TestLayout(framework="ExUnit", new="test/{inner}/{stem}_test.exs"),
        "lua": TestLayout(
            framework="busted", apart=("spec/{inner}/{stem}_spec.lua",), new="spec/{stem}_spec.lua"
        ),
        "shellscript": TestLayout(
            framework="Bats", apart=("tests/{stem}.bats",), new="test/{stem}.bats"
        ),
        "c": _C,
        "cpp": _C,
    }
)
"""By name of language."""

_TEST_FILE = re.compile(
    r"(?:^|/)(?:test_[^/]*|conftest|[^/]*(?:_test|_spec|\.test|\.spec|Tests?|Spec|IT))"
    r"\.\w+$|\.bats$|\.exs$"
)
_TEST_FOLDER = re.compile(r"/(?:__tests__|src/test)/")


def is_test_file(path: str) -> bool:
    """Whether a path or URI names a file of tests."""
    return bool(_TEST_FILE.search(path) or _TEST_FOLDER.search(path))


def test_file_path(language: str, project: Project) -> str:
    """The path of the test file for the project's document. Blocks."""
    layout = LAYOUTS[language]
    parts = _parts(project.path, layout)
    apart = [_filled(each, parts) for each in layout.apart]
    beside = [_filled(each, parts) for each in layout.beside]
    new = _filled(layout.new, parts)
    found = (path for path in (*apart, *beside, new) if project.has(path))
    usual = (path for path in apart if "/" in path and project.has(path.rpartition("/")[0]))
    return next(found, None) or next(usual, new)


def _parts(path: str, layout: TestLayout) -> dict[str, str]:
    folder, _, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    root = re.match(rf"(?:{layout.roots})(?:/|$)", folder)
    inner = folder[root.end() :] if root else folder
    first, _, deeper = inner.partition("/")
    return {
        "dir": folder,
        "stem": stem if dot else name,
        "suffix": f".{suffix}" if dot else "",
        "inner": inner,
        "first": first or "App",
        "deeper": deeper,
        "module": (root.groupdict().get("module") or "") if root else "",
    }


def _filled(pattern: str, parts: dict[str, str]) -> str:
    return "/".join(part for part in pattern.format_map(parts).split("/") if part)
