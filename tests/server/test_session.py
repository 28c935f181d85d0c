from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol.types import (
    Position,
    PositionEncodingKind,
    Range,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
    TextDocumentContentChangeWholeDocument,
)

from devstral_lsp.server.session import Session
from devstral_lsp.text import Snapshot, Text
from tests.support.plain_text import (
    documents,
    encodings,
    insertions,
    offset_of,
    position_of,
)

URI = "file:///work/a.py"

fractions = st.floats(0, 1)
places = st.builds(Position, st.integers(0, 30), st.integers(0, 60))


def opened(text: str = "", encoding: PositionEncodingKind = PositionEncodingKind.Utf16) -> Session:
    session = Session(encoding)
    session.open(URI, "python", 1, text)
    return session


def text_of(session: Session) -> str:
    snapshot = session.snapshot(URI)
    assert snapshot is not None
    return str(snapshot.text)


def partial(
    start: tuple[int, int], end: tuple[int, int], text: str
) -> TextDocumentContentChangeEvent:
    return TextDocumentContentChangePartial(Range(Position(*start), Position(*end)), text)


def whole(text: str) -> TextDocumentContentChangeEvent:
    return TextDocumentContentChangeWholeDocument(text)


def test_an_opened_document_has_a_snapshot() -> None:
    expected = Snapshot(uri=URI, version=1, language="python", text=Text.of("x\n"))
    session = opened("x\n")
    assert session.snapshot(URI) == expected
    assert session.snapshots() == (expected,)


def test_changes_of_one_notification_build_on_each_other() -> None:
    session = opened("one\n")
    changes = [partial((0, 3), (0, 3), "\ntwo"), partial((1, 0), (1, 3), "2")]
    assert session.change(URI, 2, changes) is session.snapshot(URI)
    assert text_of(session) == "one\n2\n"


def test_whole_and_partial_changes_mix() -> None:
    session = opened("old")
    session.change(URI, 2, [whole("new\r\nlines"), partial((1, 0), (1, 5), "😋")])
    assert text_of(session) == "new\r\n😋"


def test_a_snapshot_keeps_what_it_was() -> None:
    session = opened("before")
    before = session.snapshot(URI)
    session.change(URI, 2, [whole("after")])
    assert before is not None
    assert (before.version, str(before.text)) == (1, "before")


def test_taking_a_snapshot_makes_nothing() -> None:
    session = opened("x")
    assert session.snapshot(URI) is session.snapshot(URI)


def test_documents_that_are_not_open_are_told_not_raised() -> None:
    session = Session()
    assert session.change(URI, 2, [whole("x")]) is None
    assert session.snapshot(URI) is None
    assert session.close(URI) is False


def test_a_closed_document_is_gone_and_can_come_back() -> None:
    session = opened("x")
    assert session.close(URI) is True
    assert session.change(URI, 2, [whole("y")]) is None
    session.open(URI, "rust", 1, "z")
    assert text_of(session) == "z"


def test_opening_twice_takes_the_second() -> None:
    session = opened("first")
    session.open(URI, "python", 1, "second")
    assert [str(snapshot.text) for snapshot in session.snapshots()] == ["second"]


def test_versions_that_go_backwards_are_taken_as_they_come() -> None:
    session = opened("")
    versions = []
    for version in (5, 4, 4, 6):
        snapshot = session.change(URI, version, [partial((0, 99), (7, 0), str(version))])
        assert snapshot is not None
        versions.append(snapshot.version)
    assert (versions, text_of(session)) == ([5, 4, 4, 6], "5446")


@pytest.mark.parametrize(
    "text", ["\0\0binary\0\r\0\n", "x" * 21_000_000], ids=["binary", "more than 20 MB on a line"]
)
def test_documents_not_worth_completing_stay_in_step(text: str) -> None:
    session = opened(text)
    session.change(URI, 2, [partial((0, 1), (0, 2), "😋\n")])
    session.change(URI, 3, [partial((1, 0), (1, 1), "")])
    assert text_of(session) == text[:1] + "😋\n" + text[3:]


def test_folders_come_and_go() -> None:
    session = Session()
    session.change_folders(added=["file:///work/one", "file:///work/two%20b"])
    session.change_folders(added=["file:///work/three"], removed=["file:///work/one"])
    assert session.folders == (Path("/work/two b"), Path("/work/three"))


def test_folders_without_a_path_are_left_out() -> None:
    session = Session()
    session.change_folders(
        added=["vscode-vfs://github/a/b", "untitled:", "file://"], removed=["file:///x"]
    )
    assert session.folders == ()


@given(documents, encodings, st.lists(st.tuples(fractions, fractions, insertions), max_size=8))
@settings(max_examples=150, deadline=None)
def test_client_and_session_stay_in_step(
    client: str, encoding: PositionEncodingKind, edits: list[tuple[float, float, str]]
) -> None:
    session = opened(client, encoding)
    for version, (one, other, new) in enumerate(edits, 2):
        cuts = sorted(round(fraction * len(client)) for fraction in (one, other))
        start, end = (position_of(client, cut, encoding) for cut in cuts)
        change = TextDocumentContentChangePartial(Range(start, end), new)
        session.change(URI, version, [change])
        # A cut inside "\r\n" has no position: what the client can say is the line's end.
        start_offset, end_offset = (offset_of(client, place, encoding) for place in (start, end))
        client = client[:start_offset] + new + client[end_offset:]
        assert text_of(session) == client


@given(documents, encodings, st.lists(st.tuples(places, places, insertions), max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_range_at_all_is_applied_as_clamped(
    expected: str, encoding: PositionEncodingKind, edits: list[tuple[Position, Position, str]]
) -> None:
    session = opened(expected, encoding)
    for version, (one, other, new) in enumerate(edits, 2):
        start, end = sorted(offset_of(expected, place, encoding) for place in (one, other))
        session.change(URI, version, [TextDocumentContentChangePartial(Range(one, other), new)])
        expected = expected[:start] + new + expected[end:]
        assert text_of(session) == expected
