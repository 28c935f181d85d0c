"""Files are written together or not at all, with the rights they had, and taken back one by one."""

from __future__ import annotations

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
