"""The replay's editor: what it sends at a key, and what it makes of answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from benchmarks.replay.client import Client
from benchmarks.replay.corpus import Trace
from benchmarks.replay.document import Take
from benchmarks.replay.editor import Editor
from benchmarks.replay.session import CannotPlay, Conditions, play

REST = "lpha = beta\ngamma"


class Wire:
    """Stands for the connection: keeps what was sent, answers when told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.answers: list[asyncio.Future[Any]] = []

    def notify(self, method: str, params: Any) -> None:
        self.sent.append((method, params))

    def send_request(self, method: str, params: Any) -> tuple[int, asyncio.Future[Any]]:
        self.sent.append((method, params))
        self.answers.append(asyncio.get_running_loop().create_future())
        return len(self.answers), self.answers[-1]

    def methods(self) -> list[str]:
        return [method.split("/")[-1] for method, _ in self.sent]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def items(text: str, command: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    here = {"line": 0, "character": 1}
    item = {"insertText": text, "range": {"start": here, "end": here}}
    return [{**item, "command": command} if command else item]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def editor(wire: Wire) -> AsyncIterator[Editor]:
    """One key, "a", is typed and its request sent."""
    editor = Editor(cast(Client, wire), debounce_s=0)
    editor.open("file:///a.py", "python", "\nend\n", 0)
    editor.press("a", REST)
    await settle()
    yield editor
    await editor.close()


async def test_a_key_sends_the_change_the_cancellation_and_a_new_request(
    wire: Wire, editor: Editor
) -> None:
    editor.press("l", REST[1:])
    await settle()
    assert wire.methods() == [
        "didOpen",
        "didChange",
        "inlineCompletion",
        "didChange",
        "cancelRequest",
        "inlineCompletion",
    ]
    assert wire.sent[4][1] == {"id": 1}
    assert wire.sent[3][1]["contentChanges"][0]["range"]["start"] == {"line": 0, "character": 1}


async def test_keys_within_the_debounce_make_one_request(wire: Wire, editor: Editor) -> None:
    editor.press("l", REST[1:])
    editor.press("p", REST[2:])
    await settle()
    assert wire.methods().count("inlineCompletion") == 2


async def test_an_answer_to_an_older_request_is_not_shown(wire: Wire, editor: Editor) -> None:
    editor.press("l", REST[1:])
    await settle()
    wire.answers[0].set_result(items("lpha"))
    await settle()
    assert editor.ghost is None


async def test_what_is_shown_is_recorded_once_until_it_changes(wire: Wire, editor: Editor) -> None:
    wire.answers[0].set_result({"items": items("lpha = beta")})
    await settle()
    assert editor.ghost is not None
    assert [show.right for show in editor.record.shows] == [True]
    editor.press("l", REST[1:])
    assert editor.ghost.text == "pha = beta"
    await settle()
    wire.answers[1].set_result({"items": [{"insertText": "alpha = beta", "range": _line(2)}]})
    await settle()
    assert len(editor.record.shows) == 1
    assert editor.record.flickers == 0


@pytest.mark.parametrize(
    ("text", "shows", "flickers", "withdrawn"),
    [("alpha = beta\nga", 1, 0, 0), ("alpha += 1", 2, 1, 0), ("", 1, 0, 1)],
)
async def test_what_comes_after_extends_replaces_or_withdraws(
    wire: Wire, editor: Editor, text: str, shows: int, flickers: int, withdrawn: int
) -> None:
    wire.answers[0].set_result(items("lpha = beta"))
    await settle()
    editor.press("l", REST[1:])
    await settle()
    new = [{"insertText": text, "range": _line(2)}] if text else None
    wire.answers[1].set_result(new)
    await settle()
    record = editor.record
    assert (len(record.shows), record.flickers, record.withdrawn) == (shows, flickers, withdrawn)


async def test_accepting_all_changes_the_document_then_runs_the_command(
    wire: Wire, editor: Editor
) -> None:
    wire.answers[0].set_result(items("lpha", {"title": "", "command": "took", "arguments": [7]}))
    await settle()
    editor.accept(Take("lpha", whole=True), " = beta")
    await settle()
    assert wire.methods()[3:] == ["didChange", "executeCommand", "inlineCompletion"]
    assert wire.sent[4][1] == {"command": "took", "arguments": [7]}
    assert editor.ghost is None


async def test_accepting_a_line_leaves_the_rest_and_runs_nothing(
    wire: Wire, editor: Editor
) -> None:
    wire.answers[0].set_result(items("lpha\nwrong", {"title": "", "command": "took"}))
    await settle()
    editor.accept(Take("lpha", whole=False), " = beta")
    await settle()
    assert wire.methods()[3:] == ["didChange", "inlineCompletion"]
    assert editor.ghost is not None
    assert editor.ghost.text == "\nwrong"


def _line(character: int) -> dict[str, Any]:
    return {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": character}}


@pytest.mark.parametrize("command", ["false", "no-such-program-anywhere"])
async def test_a_server_that_ends_or_does_not_exist_cannot_play(command: str) -> None:
    trace = Trace(0, Path(__file__), "x" * 200, 100, 190)
    with pytest.raises(CannotPlay):
        await play(command, [trace], Conditions())
