"""Files keep what a refactoring does not change: bytes, encoding, permissions."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from devstral_lsp.cli.source_file import InvalidInput, SourceFile
from devstral_lsp.errors import StaleDocument
from devstral_lsp.text import Text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a\r\nb\rc\nd",
        "é\u2028\x0c\n".encode(),
        codecs.BOM_UTF8 + "é\n".encode(),
        codecs.BOM_UTF16_LE + "é\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "é\n".encode("utf-16-be"),
    ],
)
def test_every_byte_is_kept(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    file = SourceFile.read(path)
    file.write(file.text)
    assert path.read_bytes() == data
    SourceFile.read(path).write(file.text.replace(0, 0, "x"))
    assert str(SourceFile.read(path).text) == f"x{file.text}"
    assert path.read_bytes()[:2] == (data[:2] if file.mark else b"x" + data[:1])


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "a.sh", tmp_path / "link.sh"
    path.write_text("a\n")
    path.chmod(0o750)
    link.symlink_to(path)
    SourceFile.read(link).write(Text.of("b\n"))
    assert link.is_symlink()
    assert path.read_text() == "b\n"
    assert path.stat().st_mode & 0o777 == 0o750
    assert sorted(each.name for each in tmp_path.glob("*.sh*")) == ["a.sh", "link.sh"]
    assert list(tmp_path.glob(".*")) == []


def test_further_names_of_a_file_have_the_new_text(tmp_path: Path) -> None:
    file, other = tmp_path / "a.py", tmp_path / "b.py"
    file.write_text("x = 1\n")
    other.hardlink_to(file)
    SourceFile.read(file).write(Text.of("x = 2\n"))
    assert other.read_text() == "x = 2\n"
    assert other.samefile(file)


def test_a_file_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "tests" / "unit" / "test_a.py"
    SourceFile(path, Text.of("")).write(Text.of("x\n"))
    assert path.read_text() == "x\n"
    assert path.stat().st_mode & 0o077 != 0


def test_what_somebody_else_wrote_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a\n")
    file, new = SourceFile.read(path), SourceFile(tmp_path / "new.py", Text.of(""))
    path.write_text("b\n")
    new.path.write_text("mine\n")
    for each in (file, new):
        with pytest.raises(StaleDocument):
            each.write(Text.of("c\n"))
    assert (path.read_text(), new.path.read_text()) == ("b\n", "mine\n")


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"\xe9", "UTF-8"), (b"a\0b", "binary"), (b"\xe9\0", "binary"), (None, "no file")],
)
def test_what_is_no_text_is_told(tmp_path: Path, data: bytes | None, says: str) -> None:
    path = tmp_path / "a.py"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InvalidInput, match=says):
        SourceFile.read(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is a folder: name a file in it"):
        SourceFile.read(tmp_path)


@pytest.mark.parametrize("target", ["link.py", "gone.py"])
def test_a_link_that_leads_to_no_file_is_named(tmp_path: Path, target: str) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(target)
    with pytest.raises(InvalidInput, match=r"link\.py is a link that leads to no file\.$"):
        SourceFile.read(link)
