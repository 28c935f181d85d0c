"""A place on the command line: what is read as one, and what is said of one that cannot be."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from devstral_lsp.cli.arguments import CursorArgument, RangeArgument, cursor_at, project_root
from devstral_lsp.cli.source_file import InvalidInput
from devstral_lsp.completion.availability import MAX_DOCUMENT_LENGTH
from devstral_lsp.text import Span, Text


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("a.py:3", CursorArgument("a.py", 3)),
        ("a.py:3:7", CursorArgument("a.py", 3, 7)),
        ("dir/a b.py:10:1", CursorArgument("dir/a b.py", 10, 1)),
        (r"C:\src\a.py:3:7", CursorArgument(r"C:\src\a.py", 3, 7)),
        ("odd:1:2:3", CursorArgument("odd:1", 2, 3)),
        ("é.py:007", CursorArgument("é.py", 7)),
    ],
)
def test_a_place_is_a_file_a_line_and_perhaps_a_column(
    written: str, target: CursorArgument
) -> None:
    assert CursorArgument.of(written) == target


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("a.py", "such as a.py:1"),
        ("a.py:", "such as a.py:1"),
        ("", "such as main.py:1"),
        (":3", "FILE:LINE or FILE:LINE:COL"),
        ("a.py:x", "FILE:LINE or FILE:LINE:COL"),
        ("a.py:-3", "FILE:LINE or FILE:LINE:COL"),
        ("a.py:٣", "FILE:LINE or FILE:LINE:COL"),
        ("a.py:99999999999", "FILE:LINE or FILE:LINE:COL"),
        ("a.py:0", "count from 1"),
        ("a.py:1:0", "count from 1"),
    ],
)
def test_what_is_no_place_is_told_what_one_looks_like(written: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        CursorArgument.of(written)


@pytest.mark.parametrize("written", [".", "sub", "sub/", "sub:", "sub:x"])
def test_no_place_is_advised_in_a_folder(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match="names a folder: name a file in it") as raised:
        CursorArgument.of(written)
    assert "such as" not in str(raised.value)


@pytest.mark.parametrize(
    ("data", "target", "offset"),
    [
        (b"one\ntwo\n", CursorArgument("a.py", 2), 7),
        (b"one\ntwo\n", CursorArgument("a.py", 3), 8),
        (b"one\r\ntwo\r\n", CursorArgument("a.py", 1), 3),
        (b"one\rtwo", CursorArgument("a.py", 2, 2), 5),
        ("🐍🐍x\n".encode(), CursorArgument("a.py", 1, 3), 2),
        (b"\xef\xbb\xbfone\n", CursorArgument("a.py", 1, 2), 1),
        ("a\u2028b\x0cc\n".encode(), CursorArgument("a.py", 1), 5),
        (b"", CursorArgument("a.py", 1, 1), 0),
    ],
)
def test_columns_are_code_points_and_default_to_the_lines_end(
    project: Path, data: bytes, target: CursorArgument, offset: int
) -> None:
    Path("a.py").write_bytes(data)
    cursor = cursor_at(target, from_stdin=False)
    assert cursor.offset == offset
    assert cursor.line == target.line
    assert target.column in (None, cursor.column)


def test_the_snapshot_has_the_files_uri_and_language(project: Path) -> None:
    Path("a b.rs").write_text("fn main() {}\n")
    snapshot = cursor_at(CursorArgument("a b.rs", 1), from_stdin=False).snapshot
    assert snapshot.uri == (project.resolve() / "a b.rs").as_uri()
    assert snapshot.language == "rust"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (CursorArgument("main.pi", 1), "there is no file main.pi. Did you mean main.py?"),
        (CursorArgument("nowhere/main.py", 1), "there is no file nowhere/main.py."),
        (CursorArgument("folder", 1), "folder is a folder: name a file in it."),
        (CursorArgument("program", 1), "program is binary: name a file of text."),
        (CursorArgument("latin.py", 1), "latin.py is not UTF-8 (line 2): convert it first."),
        (
            CursorArgument("huge.py", 1),
            "huge.py is too large: the limit is 5,000,000",
        ),
        (
            CursorArgument("vast.py", 1),
            "vast.py is too large: the limit is 5,000,000",
        ),
        (CursorArgument("pipe", 1), "pipe is not a regular file: pipe its text in with --stdin."),
        (CursorArgument("-", 1), "use --stdin and give the name of its file"),
        (CursorArgument("main.py", 4), "line 4 is past the end of main.py: its last line is 3."),
        (
            CursorArgument("main.py", 2, 4),
            "column 4 is past the end of line 2 of main.py: its last",
        ),
        (CursorArgument("empty.py", 2), "its last line is 1."),
    ],
)
def test_a_place_that_cannot_be_used_is_told_why(
    project: Path, target: CursorArgument, says: str
) -> None:
    _write_bad_input(project)
    with pytest.raises(InvalidInput) as refused:
        cursor_at(target, from_stdin=False)
    assert says in str(refused.value)


def _write_bad_input(folder: Path) -> None:
    (folder / "folder").mkdir()
    (folder / "main.py").write_text("one\nab\n")
    (folder / "empty.py").touch()
    (folder / "program").write_bytes(b"\x7fELF\x00\x01")
    (folder / "latin.py").write_bytes(b"one\ncaf\xe9\n")
    (folder / "huge.py").write_bytes(b"x" * (MAX_DOCUMENT_LENGTH + 1))
    (folder / "vast.py").write_bytes("é".encode() * (2 * MAX_DOCUMENT_LENGTH + 1))
    os.mkfifo(folder / "pipe")


def test_unsaved_text_comes_from_standard_input(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("ä\r\nb".encode())))
    cursor = cursor_at(CursorArgument("not/yet/there.go", 2), from_stdin=True)
    assert str(cursor.snapshot.text) == "ä\r\nb"
    assert cursor.offset == 4
    assert cursor.snapshot.language == "go"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_text_with_a_byte_order_mark_is_read_without_it(project: Path, encoding: str) -> None:
    (project / "a.py").write_bytes("ä = 1\r\nb".encode(encoding))
    cursor = cursor_at(CursorArgument("a.py", 2), from_stdin=False)
    assert str(cursor.snapshot.text) == "ä = 1\r\nb"
    assert (cursor.line, cursor.column) == (2, 2)


@pytest.mark.parametrize("mark", [".git", "package.json", ".devstral.toml"])
def test_the_project_is_the_nearest_folder_that_looks_like_one(tmp_path: Path, mark: str) -> None:
    inner = tmp_path / "outer" / "inner" / "src"
    inner.mkdir(parents=True)
    (tmp_path / "outer" / "go.mod").touch()
    (tmp_path / "outer" / "inner" / mark).touch()
    assert project_root(inner / "a.py") == tmp_path / "outer" / "inner"


def test_without_a_project_it_is_the_files_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devstral_lsp.cli.arguments._ROOT_MARKS", ("such-a-file-is-nowhere",))
    assert project_root(tmp_path / "a.py") == tmp_path


TEXT = Text.of("one\n  two\nthree")


@pytest.mark.parametrize(
    ("lines", "span"),
    [
        ("", Span(0, 15)),
        (":1", Span(0, 0)),
        (":2", Span(6, 6)),
        (":1-2", Span(0, 9)),
        (":2-3", Span(4, 15)),
        (":3-3", Span(10, 15)),
    ],
)
def test_a_place_is_a_file_a_line_or_lines(lines: str, span: Span) -> None:
    assert RangeArgument.of(f"a.py{lines}").span(TEXT) == span


@pytest.mark.parametrize("lines", [":0", ":0-2", ":3-2"])
def test_lines_that_there_cannot_be(lines: str) -> None:
    with pytest.raises(InvalidInput, match="names no lines"):
        RangeArgument.of(f"a.py{lines}")


@pytest.mark.parametrize("lines", [":4", ":1-4"])
def test_lines_past_the_end(lines: str) -> None:
    with pytest.raises(InvalidInput, match="the last line is 3"):
        RangeArgument.of(f"a.py{lines}").span(TEXT)


def test_a_file_may_be_called_like_a_place(tmp_path: Path) -> None:
    odd = tmp_path / "a.py:3"
    odd.touch()
    assert RangeArgument.of(str(odd)).path == odd
