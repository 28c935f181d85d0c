"""Finds where a project keeps the tests of a file, by the conventions of its language.

That is an existing test file in any usual place, or else a usual place whose folder exists, or else
the convention for new projects. Only checks whether paths exist. Paths have "/" and are relative to
the workspace folder.
"""

from __future__ import annotations

import re

from devstral_lsp.languages.language import SeparateTests
from devstral_lsp.refactor.action import Project

_TEST_FILE = re.compile(
    r"(?:^|/)(?:test_[^/]*|conftest|[^/]*(?:_test|_spec|\.test|\.spec|Tests?|Spec|IT))"
    r"\.\w+$|\.bats$|\.exs$"
)
_TEST_FOLDER = re.compile(r"/(?:__tests__|src/test)/")


def is_test_file(path: str) -> bool:
    """Whether a path or URI names a file of tests."""
    return bool(_TEST_FILE.search(path) or _TEST_FOLDER.search(path))


def test_file_path(layout: SeparateTests, project: Project) -> str:
    """The path of the test file for the project's document. Blocks."""
    parts = _parts(project.path, layout)
    apart = [_filled(each, parts) for each in layout.apart]
    beside = [_filled(each, parts) for each in layout.beside]
    new = _filled(layout.new, parts)
    found = (path for path in (*apart, *beside, new) if project.has(path))
    usual = (path for path in apart if "/" in path and project.has(path.rpartition("/")[0]))
    return next(found, None) or next(usual, new)


def _parts(path: str, layout: SeparateTests) -> dict[str, str]:
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
