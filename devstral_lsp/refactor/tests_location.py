"""Finds where a project keeps the tests of a file, by the conventions of its language.

The first usual test file that exists counts; without one, the first usual folder that exists;
without that, the path that a new project would use. Only asks whether paths exist. Paths have "/"
and begin at the workspace folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devstral_lsp.languages.language import SeparateTests
from devstral_lsp.refactor.types import Project

_TEST_FILE = re.compile(
    r"(?:^|/)(?:test_[^/]*|conftest|[^/]*(?:_test|_spec|\.test|\.spec|Tests?|Spec|IT))"
    r"\.\w+$|\.bats$|\.exs$"
)
_TEST_FOLDER = re.compile(r"/(?:__tests__|src/test)/")


def is_test_file(path: str) -> bool:
    """Whether a path or URI is that of a file of tests, by its name."""
    return bool(_TEST_FILE.search(path) or _TEST_FOLDER.search(path))


def test_file_path(layout: SeparateTests, project: Project) -> str:
    """The path of the test file for the project's document. Asks the disk; see the module."""
    parts = _parts(project.path, layout)
    apart = [_filled(each, parts) for each in layout.apart]
    new = _filled(layout.new, parts)
    for path in (*apart, *(_filled(each, parts) for each in layout.beside), new):
        if project.has(path):
            return path
    return next((path for path in apart if _has_folder(path, project)), new)


def _has_folder(path: str, project: Project) -> bool:
    folder = path.rpartition("/")[0]
    return bool(folder) and project.has(folder)


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
    return "/".join(_not_empty(pattern.format_map(parts)))


def _not_empty(path: str) -> Iterator[str]:
    return (part for part in path.split("/") if part)
