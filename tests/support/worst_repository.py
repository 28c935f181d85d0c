"""A cloned folder with all that could hold up or flood who reads around the file that is edited."""

from __future__ import annotations

import os
from pathlib import Path

CODE = "from mod import helper\n\n\ndef add(a, b):\n    "
STARS = b"*a*a*a*a*a*a*a*b\n"
FOLDERS_OF_STARS = b"**/*a*/**/*a*/**/*a*/**/*a*/**/*a*b\n"
MANY_SECTIONS = "[**a**a**a**a**b]\nindent_size = 3\n" * 1500


def lay_harmless(folder: Path) -> None:
    """As a program of that size would look."""
    folder.mkdir(parents=True)
    (folder / ".gitignore").write_text("*.pyc\nbuild/\n")
    (folder / ".editorconfig").write_text("[*]\nindent_size = 4\n")
    (folder / "mod.py").write_text("def helper(much: int) -> str:\n    return ''\n")
    (folder / "app.py").write_text(CODE)


def lay_worst(folder: Path) -> None:
    """Patterns that backtrack, FIFOs, devices, loops, and more files and folders than any has."""
    (folder / ".git" / "info").mkdir(parents=True)
    (folder / "in").mkdir()
    (folder / "mod").mkdir()
    for name in (".git/info/exclude", "mod.py"):
        os.mkfifo(folder / name)
    for name in ("in/.gitignore", "mod/__init__.py"):
        (folder / name).symlink_to("/dev/zero")
    (folder / "loop").symlink_to(".")
    (folder / ".gitignore").write_bytes(STARS * 3_800)
    (folder / ".cursorignore").write_bytes(FOLDERS_OF_STARS * 100)
    (folder / ".editorconfig").write_text(MANY_SECTIONS)
    (folder / "package.json").write_text("[" * 500_000)
    (folder / "app.py").write_text(CODE)
    for number in range(20_000):
        os.close(os.open(folder / f"{'a' * 200}{number}.py", os.O_CREAT))
    deep = folder.joinpath(*["d" * 50] * 60)
    deep.mkdir(parents=True)
    (deep / "a.py").write_text(CODE)
