"""Files are written together or not at all, with the rights they had, and taken back one by one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from devstral_lsp.cli.setup import file_transaction
from devstral_lsp.cli.setup.file_transaction import CannotUndo, CannotWrite, FileEdit

PRIVATE = 0o600


def test_rights_stay_and_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"before")
    file.chmod(PRIVATE)
    kept = file_transaction.write([FileEdit(file, b"before", b"after")], tmp_path / "backups")
    assert file.read_bytes() == b"after"
    assert file.stat().st_mode & 0o777 == PRIVATE
    assert kept.stat().st_mode & 0o077 == 0


def test_a_writing_that_fails_leaves_all_as_it_was(tmp_path: Path) -> None:
    first, new, last = tmp_path / "first", tmp_path / "new", tmp_path / "no folder" / "last"
    first.write_bytes(b"before")
    last.parent.write_bytes(b"a file")
    several = [
        FileEdit(first, b"before", b"after"),
        FileEdit(new, None, b"new"),
        FileEdit(last, None, b"last"),
    ]
    with pytest.raises(CannotWrite):
        file_transaction.write(several, tmp_path / "backups")
    assert first.read_bytes() == b"before"
    assert not new.exists()
    with pytest.raises(CannotUndo, match="nothing to undo"):
        file_transaction.undo(tmp_path / "backups")


def test_each_undo_takes_back_the_last_writing(tmp_path: Path) -> None:
    file, backups = tmp_path / "file", tmp_path / "backups"
    for number in range(12):
        before = file_transaction.read(file)
        file_transaction.write([FileEdit(file, before, str(number).encode())], backups)
    for number in reversed(range(11)):
        assert file_transaction.undo(backups) == [file]
        assert file.read_bytes() == str(number).encode()
    file_transaction.undo(backups)
    assert not file.exists()


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Write three files of `folder` in a process of its own, after `code`."""
    writing = (
        "import os, resource, sys\nfrom pathlib import Path\n"
        "from devstral_lsp.cli.setup.file_transaction import FileEdit, write\n"
        f"folder, NAMES = Path({str(folder)!r}), 'abc'\n{code}\n"
        "files = [folder / n for n in NAMES]\n"
        "edits = [FileEdit(f, f.read_bytes(), b'after' * 2000) for f in files]\n"
        "write([*edits, FileEdit(folder / 'new', None, b'new')], folder / 'backups')\n"
    )
    command = [sys.executable, "-c", writing]
    return subprocess.run(command, capture_output=True, text=True, check=False)


DIES_AT = (
    "replace, left = Path.replace, [{}]\n"
    "def dying(self, target):\n"
    "    left[0] -= 1\n"
    "    os._exit(9) if not left[0] else replace(self, target)\n"
    "Path.replace = dying\n"
)


@pytest.fixture
def three(tmp_path: Path) -> Path:
    for name in "abc":
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


@pytest.mark.parametrize("step", range(1, 7))
def test_a_process_that_is_killed_at_any_step_leaves_all_as_it_was(three: Path, step: int) -> None:
    before = contents(three)
    assert run(DIES_AT.format(step), three).returncode == 9
    file_transaction.recover(three / "backups")
    assert contents(three) == before
    with pytest.raises(CannotUndo, match="nothing to undo"):
        file_transaction.undo(three / "backups")
    assert file_transaction.recover(three / "backups") == []


def test_what_was_edited_after_the_kill_stays(three: Path) -> None:
    run(DIES_AT.format(4), three)
    (three / "a").write_bytes(b"by hand")
    assert file_transaction.recover(three / "backups") == [three / "b"]
    assert contents(three) == {"a": b"by hand", "b": b"b", "c": b"c"}


def test_a_full_disk_is_told_by_the_name_of_the_file(three: Path) -> None:
    """A limit of the process stands for it: the error of writing has no file name either."""
    before = contents(three)
    done = run("resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))", three)
    assert f"{three / 'a'} cannot be written (File too large)." in done.stderr
    assert contents(three) == before
    assert not [*(three / "backups").iterdir()]


def test_undo_removes_the_folders_that_were_made_unless_they_hold_something(tmp_path: Path) -> None:
    there, backups = tmp_path / "there", tmp_path / "backups"
    there.mkdir()
    files = [there / "a" / "b" / "one", there / "a" / "two", there / "kept" / "three"]
    file_transaction.write([FileEdit(each, None, b"") for each in files], backups)
    (there / "kept" / "of the user").write_bytes(b"")
    file_transaction.undo(backups)
    assert sorted(each.name for each in there.rglob("*")) == ["kept", "of the user"]


def test_a_writing_that_fails_leaves_no_folders(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    edits = [
        FileEdit(tmp_path / "new" / "one", None, b""),
        FileEdit(tmp_path / "file" / "two", None, b""),
    ]
    with pytest.raises(CannotWrite):
        file_transaction.write(edits, tmp_path / "backups")
    assert not (tmp_path / "new").exists()
