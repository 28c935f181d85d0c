"""The ignore files of a repository: all kinds of them, in every folder, and those out of order."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from devstral_lsp.bounded_read import UnreadableFile
from devstral_lsp.context.ignore_files import ASSISTANTS, MAX_DEPTH, IgnoreFiles
from devstral_lsp.context.ignore_patterns import MAX_BYTES
from tests.context.asking import write


def left_out(top: Path, name: str) -> str:
    """The name of the file that leaves `name` out, "" for none."""
    found = IgnoreFiles(top).exclusion(top / name)
    return found.file.relative_to(top).as_posix() if found is not None else ""


@pytest.mark.parametrize("name", [".gitignore", *ASSISTANTS])
def test_any_of_them_is_enough(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: "notes.py\nout/\n", f"in/{name}": "/here.py\n"})
    assert left_out(tmp_path, "notes.py") == name
    assert left_out(tmp_path, "in/notes.py") == name
    assert left_out(tmp_path, "out/a.py") == name
    assert left_out(tmp_path, "in/here.py") == f"in/{name}"
    assert left_out(tmp_path, "here.py") == ""
    assert left_out(tmp_path, "a.py") == ""


def test_one_kind_makes_no_exception_from_another(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "!a.py", ".aiignore": "a.py\nb.py", "in/.aiignore": "!b.py"})
    write(tmp_path, {"in/.cursorignore": "!a.py"})
    assert left_out(tmp_path, "in/a.py") == ".aiignore"
    assert left_out(tmp_path, "in/b.py") == ""


def test_googles_file_has_no_exceptions_and_means_all_where_it_is_empty(tmp_path: Path) -> None:
    write(tmp_path, {".aiexclude": "*.py\n!a.py\n", "in/.aiexclude": " \n"})
    assert left_out(tmp_path, "a.py") == ".aiexclude"
    assert left_out(tmp_path, "in/x/b.md") == "in/.aiexclude"
    assert left_out(tmp_path, "b.md") == ""


def test_a_repository_within_another_has_gits_files_for_itself(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*", ".aiignore": "b.py", "in/.git/HEAD": "", "in/x/a.py": ""})
    assert left_out(tmp_path, "in/x/a.py") == ""
    assert left_out(tmp_path, "in/x/b.py") == ".aiignore"
    assert left_out(tmp_path, "other/a.py") == ".gitignore"


def test_what_is_far_below_is_not_looked_for(tmp_path: Path) -> None:
    for path in (
        tmp_path.joinpath(*"x" * MAX_DEPTH, "a"),
        tmp_path / ("x" * 2000),
        tmp_path.parent,
    ):
        with pytest.raises(UnreadableFile):
            IgnoreFiles(tmp_path).exclusion(path)


def _no_permission(path: Path) -> None:
    path.write_text("nothing")
    path.chmod(0)


NOT_READ: dict[str, Callable[[Path], object]] = {
    "too large": lambda path: path.write_bytes(b"x\n" * MAX_BYTES),
    "sparse": lambda path: (path.touch(), os.truncate(path, 10**10)),
    "too many patterns": lambda path: path.write_bytes(b"x\n" * 4001),
    "a pattern too long": lambda path: path.write_bytes(b"x" * 1025),
    "a link outside": lambda path: path.symlink_to("../../outside"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("name", [".gitignore", ".aiignore"])
@pytest.mark.parametrize("make", NOT_READ.values(), ids=NOT_READ)
def test_what_is_there_and_cannot_be_read_leaves_out_all_below(
    tmp_path: Path, make: Callable[[Path], object], name: str
) -> None:
    top = tmp_path / "top"
    write(top, {"in/.gitignore": "!*", "in/.aiignore": "!*", "in/deep/.gitignore": "!*"})
    (top / "in" / name).unlink()
    (tmp_path / "outside").write_text("")
    make(top / "in" / name)
    found = IgnoreFiles(top).exclusion(top / "in" / "deep" / "a.py")
    assert found is not None
    assert (found.file, found.is_readable) == (top / "in" / name, False)
    assert left_out(top, "a.py") == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_leaves_out_all_below(tmp_path: Path) -> None:
    _no_permission(tmp_path / ".aiignore")
    assert left_out(tmp_path, "a.py") == ".aiignore"


NO_FILE: dict[str, Callable[[Path], object]] = {
    "a FIFO": os.mkfifo,
    "a folder": Path.mkdir,
    "a link to a folder": lambda path: path.symlink_to("."),
    "a link into nowhere": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("make", NO_FILE.values(), ids=NO_FILE)
def test_what_is_no_file_says_nothing(tmp_path: Path, make: Callable[[Path], object]) -> None:
    for name in (".gitignore", ".aiignore", ".aiexclude"):
        make(tmp_path / name)
    assert left_out(tmp_path, "a.py") == ""


def test_a_clone_whose_own_folder_is_elsewhere(tmp_path: Path) -> None:
    """Android's `repo` links it; a worktree has a file of that name."""
    write(tmp_path, {"elsewhere/info/exclude": "a.py", "top/.gitignore": "b.py"})
    (tmp_path / "top/.git").symlink_to("../elsewhere")
    assert left_out(tmp_path / "top", "a.py") == ""
    (tmp_path / "top/.git").unlink()
    (tmp_path / "top/.git").write_text("gitdir: ../elsewhere")
    assert left_out(tmp_path / "top", "b.py") == ".gitignore"
