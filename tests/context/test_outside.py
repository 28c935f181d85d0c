"""What a stranger names outside of the workspace is not even looked at.

To look at /net/host mounts a share there, and to look at a UNC path sends a password's hash on
Windows.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from devstral_lsp.context.base import ContextQuery
from devstral_lsp.context.gitignore import is_ignored
from devstral_lsp.context.imported_definitions import Imports
from devstral_lsp.context.paths import repository_root
from devstral_lsp.refactor.conventions import conventions_of
from devstral_lsp.refactor.images import collect_images
from devstral_lsp.refactor.prompt_context import DocumentLocation
from devstral_lsp.refactor.task.overlay import ToolError, WorkspaceOverlay
from devstral_lsp.refactor.versions import detect_versions
from devstral_lsp.text import Span
from tests.context.asking import query_at, snapshot_of, write

AWAY = "/net/evil.example/share"
UP = "../" * 20
_LOOKS = ("stat", "lstat", "readlink", "open", "scandir", "listdir")


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every path that the system is asked about from here on."""
    found: list[str] = []

    def recording(real: Callable[..., object]) -> Callable[..., object]:
        def look(path: object, *rest: object, **named: object) -> object:
            found.append(os.path.normpath(str(path)))
            return real(path, *rest, **named)

        return look

    for name in _LOOKS:
        monkeypatch.setattr(os, name, recording(getattr(os, name)))
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clone with links that lead there in the places of files and folders that are read."""
    names = ("AGENTS.md", ".python-version", ".gitignore", ".git", "a.png", "lib", ".editorconfig")
    for name in names:
        (tmp_path / name).symlink_to(f"{AWAY}/{name}")
    write(tmp_path, {"a.py": "", "in/b.py": ""})
    return tmp_path


def _overlay(root: Path, name: str) -> None:
    overlay = WorkspaceOverlay([root], {})
    list(overlay.names())
    with suppress(ToolError):
        overlay.read(name)


def _open_documents(root: Path) -> None:
    paths = (root / "lib" / "a.py", Path(AWAY) / "a.py", root / "a.py")
    WorkspaceOverlay([root], {path: snapshot_of(path, "x = 1\n") for path in paths})


def _images(root: Path, target: str) -> None:
    snapshot = snapshot_of(root / "a.md", f"![a]({target})\n", language="markdown")
    collect_images(snapshot, Span(0, 0), root / "a.md", root)


def _imports(root: Path, language: str, line: str) -> None:
    query = query_at(root / "a.x", f"{line}\n\n│", language=language, folders=(root,))
    asyncio.run(_found(query))


async def _found(query: ContextQuery) -> None:
    await Imports().snippets(query)


DOORS: dict[str, Callable[[Path], object]] = {
    "rules": lambda root: conventions_of(root / "a.py", root),
    "versions": lambda root: detect_versions(root / "a.py", root, "python"),
    "an ignore file": lambda root: is_ignored(root / "a.py", [root]),
    "a folder of git": lambda root: repository_root(root / "in" / "b.py"),
    "a task's tool": lambda root: _overlay(root, f"{AWAY}/a.py"),
    "a task's tool, upwards": lambda root: _overlay(root, f"{UP}{AWAY}/a.py"),
    "a task's tool, by a link": lambda root: _overlay(root, "lib/a.py"),
    "documents that are open": _open_documents,
    "an image": lambda root: _images(root, f"{UP}{AWAY}/a.png"),
    "an image that is a link": lambda root: _images(root, "a.png"),
    "a test's place": lambda root: DocumentLocation("a.py", root / "a.py", root).has("lib/a.py"),
    "a script's import": lambda root: _imports(root, "typescript", f"import a from '{UP}{AWAY}/a'"),
    "a linked import": lambda root: _imports(root, "python", "from lib.a import b"),
    "an include": lambda root: _imports(root, "c", f'#include "{AWAY}/a.h"'),
    "an include, upwards": lambda root: _imports(root, "c", f'#include "{UP}{AWAY}/a.h"'),
    "a sourced file": lambda root: _imports(root, "bash", f"source {AWAY}/a.sh"),
    "a required file": lambda root: _imports(root, "ruby", f"require_relative '{UP}{AWAY}/a'"),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_nothing_is_looked_at(
    root: Path, looked_at: list[str], door: Callable[[Path], object]
) -> None:
    door(root)
    assert looked_at, "the fixture sees nothing"
    assert [path for path in looked_at if path.startswith("/net")] == []
