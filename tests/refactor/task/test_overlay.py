"""The files as they would be: nothing is written, and nothing outside is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.refactor.task.overlay import ToolError, WorkspaceOverlay
from devstral_lsp.text import Snapshot, Text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "src/a.py").write_text("one = 1\ntwo = 2\n")
    (root / "b.md").write_bytes(b"\xef\xbb\xbfhead\r\ntail")
    (root / ".env").write_text("KEY=1\n")
    (root / ".gitignore").write_text("built/\n*.log\n")
    (root / "built").mkdir()
    (root / "built/x.py").write_text("x = 1\n")
    (root / "noise.log").write_text("noise\n")
    (tmp_path / "outside.py").write_text("secret = 1\n")
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    return root


def _overlay(folder: Path) -> WorkspaceOverlay:
    return WorkspaceOverlay([folder], {})


def _bytes_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_lists_what_may_be_read(folder: Path) -> None:
    assert list(_overlay(folder).names()) == [".gitignore", "b.md", "src/a.py"]


@pytest.mark.parametrize(
    "name",
    [
        "../outside.py", "src/../../outside.py", "link.py", "/etc/passwd", ".env", "built/x.py",
        "noise.log", "", ".", "a\0b", "src/new/../../../outside.py",
    ],
)  # fmt: skip
def test_nothing_else_can_be_read_or_made(folder: Path, name: str) -> None:
    overlay = _overlay(folder)
    with pytest.raises(ToolError):
        overlay.read(name)
    with pytest.raises(ToolError):
        overlay.create(name, "x")
    with pytest.raises(ToolError):
        overlay.rename("src/a.py", name)
    assert overlay.changes() == ()


def test_an_open_document_counts_and_not_the_file(folder: Path) -> None:
    path = folder / "src/a.py"
    document = Snapshot(uri=path.as_uri(), version=7, language="python", text=Text.of("open = 1\n"))
    overlay = WorkspaceOverlay([folder], {path: document})
    assert str(overlay.read("src/a.py")) == "open = 1\n"
    overlay.write("src/a.py", Text.of("open = 2\n"))
    (change,) = overlay.changes()
    assert change.version == 7
    assert str(apply_edits(change.before, change.edits)) == "open = 2\n"


def test_later_reads_see_earlier_changes_and_the_disk_stays(folder: Path) -> None:
    before = _bytes_below(folder)
    overlay = _overlay(folder)
    overlay.write("src/a.py", Text.of("one = 1\ntwo = 3\n"))
    overlay.create("src/c.py", "three = 3\n")
    overlay.rename("b.md", "docs/b.md")
    assert str(overlay.read("src/a.py")) == "one = 1\ntwo = 3\n"
    assert list(overlay.names()) == [".gitignore", "docs/b.md", "src/a.py", "src/c.py"]
    with pytest.raises(ToolError):
        overlay.read("b.md")
    assert _bytes_below(folder) == before


def test_changes_say_all_that_happened(folder: Path) -> None:
    overlay = _overlay(folder)
    overlay.create("new.py", "x = 1\n")
    overlay.rename("b.md", "c.md")
    overlay.write("c.md", Text.of("\ufeffhead\r\nfoot"))
    overlay.delete("src/a.py")
    renamed, made, deleted = overlay.changes()
    assert (made.is_new, made.uri) == (True, (folder / "new.py").as_uri())
    assert (renamed.renamed_from, renamed.uri) == (
        (folder / "b.md").as_uri(),
        (folder / "c.md").as_uri(),
    )
    assert str(apply_edits(renamed.before, renamed.edits)) == "\ufeffhead\r\nfoot"
    assert deleted.is_deleted
    assert all(change.needs_confirmation and change.label for change in (renamed, made, deleted))


@pytest.mark.parametrize("undone", ["edited", "made", "made and renamed", "renamed"])
def test_what_comes_to_nothing_is_no_change(folder: Path, undone: str) -> None:
    overlay = _overlay(folder)
    if undone == "edited":
        overlay.write("src/a.py", Text.of("else"))
        overlay.write("src/a.py", Text.of("one = 1\ntwo = 2\n"))
    elif undone == "renamed":
        overlay.rename("src/a.py", "src/b.py")
        overlay.rename("src/b.py", "src/a.py")
    elif undone == "made":
        overlay.create("n.py", "x")
        overlay.delete("n.py")
    else:
        overlay.create("n.py", "x")
        overlay.rename("n.py", "m.py")
        overlay.delete("m.py")
    assert overlay.changes() == ()


def test_a_renamed_file_that_is_deleted_is_deleted_by_its_old_name(folder: Path) -> None:
    overlay = _overlay(folder)
    overlay.rename("src/a.py", "src/z.py")
    overlay.delete("src/z.py")
    (change,) = overlay.changes()
    assert change.is_deleted
    assert change.uri == (folder / "src/a.py").as_uri()


def test_several_folders_are_told_apart_by_their_names(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "o.py").write_text("o = 1\n")
    overlay = WorkspaceOverlay([folder, other], {})
    assert "other/o.py" in list(overlay.names())
    assert str(overlay.read("other/o.py")) == "o = 1\n"
    assert str(overlay.read("project/src/a.py")).startswith("one")
    with pytest.raises(ToolError, match="begin with"):
        overlay.read("src/a.py")


# Files that run by themselves, and names that mislead


def _made(folder: Path, name: str, text: str = "x\n") -> str:
    """Why a new file of that name is more than text."""
    overlay = _overlay(folder)
    overlay.create(name, text)
    (change,) = overlay.changes()
    assert change.path == name
    assert change.needs_own_yes is bool(change.caution)
    return change.caution


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (".github/workflows/x.yml", "on: push\n", "continuous integration"),
        ("tests/conftest.py", "x = 1\n", "pytest"),
        ("src/c.py", "x = 1\n", ""),
        ("src/run.py", "#!/usr/bin/env python3\n", "program"),
    ],
)
def test_a_change_says_who_runs_the_file_by_itself(
    folder: Path, name: str, text: str, words: str
) -> None:
    caution = _made(folder, name, text)
    assert words in caution
    assert bool(words) is bool(caution)


def test_so_does_one_that_edits_renames_or_deletes(folder: Path) -> None:
    (folder / "Makefile").write_text("all:\n\ttrue\n")
    (folder / "run").write_text("true\n")
    (folder / "run").chmod(0o755)
    overlay = _overlay(folder)
    overlay.write("run", Text.of("false\n"))
    overlay.rename("Makefile", "src/notes.txt")
    overlay.rename("b.md", "AGENTS.md")
    overlay.delete(".gitignore")
    overlay.delete("src/a.py")
    cautions = {change.path: bool(change.caution) for change in overlay.changes()}
    assert cautions == {
        "run": True, "src/notes.txt": True, "AGENTS.md": True, ".gitignore": True, "src/a.py": False
    }  # fmt: skip


def test_a_link_that_is_run_makes_its_target_run(folder: Path) -> None:
    (folder / "tools").mkdir()
    (folder / ".husky").symlink_to(folder / "tools")
    (folder / "src/conftest.py").symlink_to(folder / "src/a.py")
    assert "hook" in _made(folder, "tools/any")
    overlay = _overlay(folder)
    overlay.write("src/a.py", Text.of("one = 3\n"))
    (change,) = overlay.changes()
    assert "pytest" in change.caution


def test_the_folder_that_is_opened_may_be_the_one_that_is_run(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".github").mkdir()
    overlay = WorkspaceOverlay([folder / ".github"], {})
    overlay.create("workflows/x.yml", "on: push\n")
    (change,) = overlay.changes()
    assert "continuous integration" in change.caution


@pytest.mark.parametrize(
    "name",
    ["SRC/a2.py", "B.md", "SRC\\new.py", "made/N.py", "caf\u00e9.py", "src/\u0430.py"],
    ids=ascii,
)
def test_no_new_name_is_the_same_as_one_that_is_there(folder: Path, name: str) -> None:
    (folder / "cafe\u0301.py").write_text("x\n")
    overlay = _overlay(folder)
    overlay.create("made/n.py", "x\n")
    overlay.create("free.py", "x\n")
    for attempt in (lambda: overlay.create(name, "x\n"), lambda: overlay.rename("free.py", name)):
        with pytest.raises(ToolError, match="differs from one that is there"):
            attempt()


def test_a_file_may_change_the_case_of_its_own_name(folder: Path) -> None:
    overlay = _overlay(folder)
    overlay.rename("src/a.py", "src/A.py")
    (change,) = overlay.changes()
    assert change.uri == (folder / "src/A.py").as_uri()


def test_names_that_mislead_are_listed_to_nobody(folder: Path) -> None:
    for name in ("a\u202egnp.py", "a\nb.py", "a\x1b[31m.py"):
        (folder / name).write_text("x\n")
    assert list(_overlay(folder).names()) == [".gitignore", "b.md", "src/a.py"]


@pytest.mark.parametrize("hidden", ["\u202e", "\U000e0041", "\x1b", "\u200b", "a\rb"], ids=ascii)
def test_no_file_is_written_that_hides_something(folder: Path, hidden: str) -> None:
    overlay = _overlay(folder)
    with pytest.raises(ToolError, match=r"new\.py was not written.*U\+") as refused:
        overlay.create("new.py", f"x = 1  # {hidden}\n")
    with pytest.raises(ToolError, match=r"U\+"):
        overlay.write("src/a.py", Text.of(f"one = 1  # {hidden}\n"))
    assert hidden not in str(refused.value)
    assert overlay.changed == frozenset()


def test_what_a_file_hid_already_may_stay(folder: Path) -> None:
    (folder / "src/a.py").write_text("one = '\u200b'\n", encoding="utf-8")
    overlay = _overlay(folder)
    overlay.write("src/a.py", Text.of("two = '\u200b'\n"))
    assert len(overlay.changed) == 1
