"""What Copilot's plugins tell in a dialect of their own, and what no plugin should send."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from devstral_lsp.server.notifications import copilot
from devstral_lsp.server.routes import create_server
from devstral_lsp.server.server import Server

URI = "untitled:1"
SECRET = "text of the user"


class Notes:
    """Stands in for the application, and notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    @property
    def completer(self) -> Notes:
        return self

    @property
    def next_edits(self) -> Notes:
        return self

    def __getattr__(self, what: str) -> Any:
        return lambda argument, **_: self.told.append((what, argument))


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = create_server()
    monkeypatch.setattr(server, "started_app", Notes())
    return server


def told(server: Server, method: str, params: Any) -> list[tuple[str, str]]:
    """What a notification makes the application hear."""
    server.protocol.notifications[method](params)
    app: Any = server.started_app
    assert isinstance(app, Notes)
    return app.told


def item(*arguments: Any, command: str = "devstral.accepted") -> dict[str, Any]:
    return {
        "insertText": SECRET,
        "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 2}},
        "command": {"command": command, "arguments": list(arguments)},
    }


@pytest.mark.parametrize(
    ("params", "heard"),
    [
        ({"textDocument": {"uri": URI}}, [("focused", URI)]),
        ({"textDocument": {"uri": URI, "version": 7}}, [("focused", URI)]),
        ({}, []),
        (None, []),
        ({"textDocument": None}, []),
    ],
)
async def test_focus(
    server: Server, params: Any, heard: list[tuple[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    assert told(server, copilot.DID_FOCUS, params) == heard
    assert caplog.records == []


async def test_focus_before_the_application_stands_is_not_forgotten() -> None:
    server = create_server()
    for uri in ("untitled:1", "untitled:2", "untitled:3"):
        server.session.open(uri, "python", 1, "")
    server.protocol.notifications[copilot.DID_FOCUS]({"textDocument": {"uri": "untitled:2"}})
    assert [each.uri for each in server.session.snapshots()][-1] == "untitled:2"


async def test_shown(server: Server) -> None:
    heard = told(server, copilot.DID_SHOW_COMPLETION, {"item": item("5")})
    assert heard == [("shown", "5")]


@pytest.mark.parametrize("name", [{}, {"command": "devstral.nextEdits.accepted"}])
async def test_a_next_edit_is_shown(server: Server, name: Any) -> None:
    shown = {"item": {"command": {**name, "arguments": ["5"]}}}
    assert told(server, copilot.DID_SHOW_INLINE_EDIT, shown) == [("shown", "5")]


@pytest.mark.parametrize("what", ["accepted", "refused"])
async def test_a_command_may_come_as_a_notification(server: Server, what: str) -> None:
    params = {"command": f"devstral.nextEdits.{what}", "arguments": ["5"]}
    assert told(server, "workspace/executeCommand", params) == [(what, "5")]


@pytest.mark.parametrize(("length", "heard"), [(9, [("accepted", "5")]), (0, [])])
async def test_accepted_in_part(server: Server, length: int, heard: Any) -> None:
    params = {"item": item("5"), "acceptedLength": length}
    assert told(server, copilot.DID_PARTIALLY_ACCEPT_COMPLETION, params) == heard


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (copilot.DID_FOCUS, {"textDocument": SECRET}),
        (copilot.DID_FOCUS, {"textDocument": {"uri": 7}}),
        (copilot.DID_FOCUS, [SECRET]),
        (copilot.DID_SHOW_COMPLETION, None),
        (copilot.DID_SHOW_COMPLETION, {"item": SECRET}),
        (copilot.DID_SHOW_COMPLETION, {"item": {"insertText": SECRET}}),
        (copilot.DID_SHOW_COMPLETION, {"item": item()}),
        (copilot.DID_SHOW_COMPLETION, {"item": item(5)}),
        (copilot.DID_SHOW_COMPLETION, {"item": item("5", command="somebody.elses")}),
        (copilot.DID_SHOW_INLINE_EDIT, None),
        (copilot.DID_SHOW_INLINE_EDIT, {"item": {"command": {"arguments": [5]}}}),
        ("workspace/executeCommand", {"command": "devstral.nextEdits.accepted"}),
        (copilot.DID_PARTIALLY_ACCEPT_COMPLETION, {"acceptedLength": 3}),
        (copilot.DID_PARTIALLY_ACCEPT_COMPLETION, {"item": item("5")}),
        (
            copilot.DID_PARTIALLY_ACCEPT_COMPLETION,
            {"item": item("5"), "acceptedLength": -1},
        ),
        (
            copilot.DID_PARTIALLY_ACCEPT_COMPLETION,
            {"item": item("5"), "acceptedLength": True},
        ),
        (
            copilot.DID_PARTIALLY_ACCEPT_COMPLETION,
            {"item": item("5"), "acceptedLength": "9"},
        ),
    ],
)
async def test_what_is_malformed_is_one_line_in_the_log(
    server: Server, method: str, params: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert told(server, method, params) == []
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(method)
    assert SECRET not in record.getMessage()
