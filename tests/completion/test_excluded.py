"""Open documents that `.aiignore` and its like keep from assistants."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devstral_lsp.completion.excluded import AGAIN_S, ExcludedDocuments


@dataclass
class Room:
    """A folder with what is known of its documents, at a time that the test sets."""

    folder: Path
    now_s: float = 0.0
    news: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.documents = ExcludedDocuments(lambda: self.now_s, self.news.append)
        self.documents.watch_folders([self.folder])

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    async def found(self, name: str) -> str:
        return await self.documents.found(self.uri(name))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    (tmp_path / "in").mkdir()
    return Room(tmp_path)


async def test_the_reason_names_the_file(room: Room) -> None:
    (room.folder / "in" / ".cursorignore").write_text("*.sql\n")
    assert await room.found("in/a.py") == ""
    expected = "Nothing is completed in this file: in/.cursorignore keeps it from assistants."
    assert await room.found("in/a.sql") == expected
    assert room.documents.reason(room.uri("in/a.sql")) == expected
    assert room.news == [room.uri("in/a.sql")]


async def test_what_git_ignores_is_completed(room: Room) -> None:
    (room.folder / ".gitignore").write_text("*")
    (room.folder / ".git").mkdir()
    assert await room.found("a.py") == ""


async def test_one_that_cannot_be_read_says_what_to_do(room: Room) -> None:
    (room.folder / ".aiignore").symlink_to("/dev/zero")
    reason = await room.found("a.py")
    assert ".aiignore cannot be read" in reason
    assert "64 kB" in reason


async def test_the_name_of_a_folder_drives_no_terminal(room: Room) -> None:
    folder = room.folder / "a\x1b[2J\u202eb"
    folder.mkdir()
    (folder / ".aiignore").write_text("*")
    reason = await room.found("a\x1b[2J\u202eb/a.py")
    assert "\\x1b[2J\\u202eb/.aiignore" in reason
    assert reason.isprintable()


async def test_a_changed_ignore_file_counts_soon(room: Room) -> None:
    assert await room.found("a.py") == ""
    (room.folder / ".aiignore").write_text("a.py")
    assert await room.found("a.py") == ""
    room.now_s += AGAIN_S
    assert "keeps it from assistants" in await room.found("a.py")
    (room.folder / ".aiignore").unlink()
    room.now_s += AGAIN_S
    assert await room.found("a.py") == ""
    assert room.news == [room.uri("a.py")] * 2


async def test_other_folders_are_another_question(room: Room) -> None:
    (room.folder / ".aiignore").write_text("in/")
    assert await room.found("in/a.py") != ""
    (room.folder / "in" / ".git").mkdir()
    room.documents.watch_folders([room.folder / "in"])
    assert await room.found("in/a.py") == ""


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "git:/a/b.py", "output:tasks"])
async def test_what_is_no_file_is_kept_by_none(room: Room, uri: str) -> None:
    assert await room.documents.found(uri) == ""


@pytest.mark.parametrize("uri", ["file:///a\0b", "file://["])
async def test_what_cannot_be_told_is_not_sent(room: Room, uri: str) -> None:
    assert "is not known" in await room.documents.found(uri)


async def test_a_document_deeper_than_any_is_not_sent(room: Room) -> None:
    assert "is not known" in await room.found("x/" * 100 + "a")


async def test_a_document_outside_of_the_folders(room: Room) -> None:
    room.documents.watch_folders([room.folder / "in"])
    (room.folder / ".aiignore").write_text("*.sql")
    assert await room.found("a.py") == ""
    assert await room.found("a.sql") != ""


async def test_a_closed_document_is_forgotten(room: Room) -> None:
    (room.folder / ".aiignore").write_text("*")
    room.documents.changed(room.uri("a.py"))
    room.documents.closed(room.uri("a.py"))
    await asyncio.sleep(0.01)
    assert room.documents.reason(room.uri("a.py")) == ""
    assert await room.found("a.py") != ""
