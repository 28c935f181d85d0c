"""Messages that no client should send: each is answered, and the server goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.wire import Wire, framed

pytestmark = pytest.mark.long

PLACE: dict[str, Any] = {"textDocument": {"uri": "a:b"}, "position": {"line": 0, "character": 0}}

NO_REQUESTS: tuple[tuple[Any, int | None], ...] = (
    ([], None),
    (7, None),
    ({"id": 5, "method": "shutdown"}, 5),
    ({"jsonrpc": "1.0", "id": 5, "method": "shutdown"}, 5),
    ({"jsonrpc": "2.0", "id": 5, "method": 7}, 5),
    ({"jsonrpc": "2.0", "id": None, "method": "shutdown"}, None),
    ({"jsonrpc": "2.0", "id": [5], "method": "shutdown"}, None),
    ({"jsonrpc": "2.0", "id": True, "method": "shutdown"}, None),
)
"""Messages, and the id that their answer has."""

NO_PARAMS: tuple[Any, ...] = (
    None,
    [],
    "x",
    {},
    PLACE,
    {**PLACE, "position": {"line": -1, "character": 0}, "context": {"triggerKind": 2}},
    {**PLACE, "position": None, "context": {"triggerKind": 2}},
    {**PLACE, "textDocument": None, "context": {"triggerKind": 2}},
)


async def goes_on(wire: Wire) -> None:
    params = {**PLACE, "context": {"triggerKind": 2}}
    wire.send("textDocument/inlineCompletion", params, "still here")
    assert (await wire.answer("still here"))["result"] == {"items": []}


async def test_what_is_not_json_is_a_parse_error_without_an_id(wire: Wire) -> None:
    await wire.initialize()
    for body in (b"{", b"", b"\xff\xfe\xfd", b'{"jsonrpc": "2.0", "id": 1,}', b"[" * 100_000):
        wire.write(framed(body))
        answer = await wire.answer(None)
        assert "id" in answer
        assert answer["error"]["code"] == -32700
    await goes_on(wire)


async def test_what_is_no_request_is_an_invalid_one(wire: Wire) -> None:
    await wire.initialize()
    for message, msg_id in NO_REQUESTS:
        wire.write(framed(json.dumps(message).encode()))
        assert (await wire.answer(msg_id))["error"]["code"] == -32600, message
    await goes_on(wire)


async def test_params_that_cannot_be_read_are_invalid(wire: Wire) -> None:
    await wire.initialize()
    for msg_id, params in enumerate(NO_PARAMS):
        wire.send("textDocument/inlineCompletion", params, msg_id)
        assert (await wire.answer(msg_id))["error"]["code"] == -32602, params
    await goes_on(wire)


async def test_unknown_requests_are_answered_and_unknown_notifications_are_not(wire: Wire) -> None:
    await wire.initialize()
    wire.send("workspace/symbol", {"query": "x"}, 1)
    assert (await wire.answer(1))["error"]["code"] == -32601
    wire.send("$/next", {}, 2)
    assert (await wire.answer(2))["error"]["code"] == -32601
    for method in ("$/setTrace", "$/next", "textDocument/willSave", "initialized"):
        wire.send(method, {"value": "off"})
    for method in ("textDocument/didOpen", "textDocument/didChange", "textDocument/didClose"):
        wire.send(method, {"textDocument": 7})
    wire.write(framed(b'{"jsonrpc": "2.0", "id": 99, "result": 1}'))
    wire.write(framed(b'{"jsonrpc": "2.0", "id": "99", "error": 1}'))
    await goes_on(wire)
    assert all("method" in each for each in wire.passed_over)


async def test_a_method_that_is_sent_the_wrong_way_round_does_nothing(wire: Wire) -> None:
    """A request without an id, with params in order and without; a notification with one."""
    await wire.initialize()
    for params in (None, {}, {**PLACE, "context": {"triggerKind": 2}}):
        for method in ("textDocument/inlineCompletion", "workspace/executeCommand", "shutdown"):
            wire.send(method, params)
    item = {"uri": PLACE["textDocument"]["uri"], "languageId": "", "version": 1, "text": "x"}
    wire.send("textDocument/didOpen", {"textDocument": item}, 1)
    assert (await wire.answer(1))["error"]["code"] == -32601
    await goes_on(wire)


async def test_no_text_of_the_users_is_in_the_log(process: Wire) -> None:
    await process.initialize()
    secret = "geheimnis_im_quelltext"
    item = {"uri": secret, "languageId": secret, "version": secret, "text": secret}
    process.send("textDocument/didOpen", {"textDocument": item})
    process.send("textDocument/inlineCompletion", {"textDocument": secret}, 1)
    process.send(f"{secret}/{secret}", {"a": secret}, 2)
    await process.answer(1)
    process.send("exit")
    await process.ended()
    assert secret not in await process.standard_error()


async def test_header_lines_may_be_written_in_any_way_that_is_allowed(wire: Wire) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "no/such"}).encode()
    head = b"content-length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n"
    wire.write(b"a stray line\r\n" + head % len(body) + body)
    assert (await wire.answer(1))["error"]["code"] == -32002
