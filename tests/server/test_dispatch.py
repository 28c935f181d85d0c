"""What stands between a handler and the wire: the moment of the snapshot, and failures."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcException, JsonRpcInvalidParams

from devstral_lsp.errors import ConfigError, StaleDocument
from devstral_lsp.refactor.errors import UnusableFileInReply, UnusableReply
from devstral_lsp.refactor.types import RefactorRefused
from devstral_lsp.server import dispatch
from devstral_lsp.server.server import Server
from devstral_lsp.server.session import DocumentView

URI = "untitled:1"
INLINE = types.TEXT_DOCUMENT_INLINE_COMPLETION
EMPTY = types.InlineCompletionList(items=[])
PARAMS = {
    "textDocument": {"uri": URI},
    "position": {"line": 0, "character": 0},
    "context": {"triggerKind": 2},
}
SECRET = "text of the user"


@pytest.fixture
async def server() -> Server:
    return Server()


def raising(error: BaseException) -> Any:
    async def handler(*_: object) -> None:
        raise error

    return handler


async def test_the_snapshot_is_that_of_the_moment_of_reading(server: Server) -> None:
    seen = []

    async def handler(_: Server, view: DocumentView, __: object) -> str:
        seen.append(str(view.snapshot.text))
        return "an answer"

    server.session.open(URI, "python", 1, "asked")
    answer = dispatch.document_request(server, INLINE, handler, EMPTY)(PARAMS)
    server.session.open(URI, "python", 2, "changed")
    assert await answer is EMPTY, "what was right for the text before would be shown in the new one"
    assert seen == ["asked"]


async def test_a_document_that_stays_gets_its_answer(server: Server) -> None:
    async def handler(*_: object) -> str:
        return "an answer"

    server.session.open(URI, "python", 1, "asked")
    assert await dispatch.document_request(server, INLINE, handler, EMPTY)(PARAMS) == "an answer"


async def test_a_document_that_is_closed_meanwhile_gets_none(server: Server) -> None:
    async def handler(*_: object) -> str:
        server.session.close(URI)
        return "an answer"

    server.session.open(URI, "python", 1, "asked")
    assert await dispatch.document_request(server, INLINE, handler, EMPTY)(PARAMS) is EMPTY


async def test_a_keystroke_that_fails_gets_nothing_and_leaves_one_line(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.session.open(URI, "python", 1, SECRET)
    handler = raising(ValueError(SECRET))
    with caplog.at_level(logging.DEBUG):
        assert await dispatch.document_request(server, INLINE, handler, EMPTY)(PARAMS) is EMPTY
    (record,) = caplog.records
    assert record.exc_info is None
    assert "ValueError" in record.getMessage()
    assert "test_dispatch.py" in record.getMessage()
    assert SECRET not in record.getMessage()


async def test_a_cancelled_keystroke_stays_cancelled(server: Server) -> None:
    server.session.open(URI, "python", 1, "")
    handler = raising(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await dispatch.document_request(server, INLINE, handler, EMPTY)(PARAMS)


@pytest.mark.parametrize(
    ("error", "code", "message", "logged"),
    [
        (StaleDocument("moved on"), JsonRpcContentModified.CODE, "moved on", 0),
        (ConfigError("no such provider"), -32603, "no such provider", 0),
        (JsonRpcInvalidParams("no"), -32602, "no", 0),
        (KeyError(SECRET), -32603, "shutdown failed, see the server's log", 1),
    ],
)
async def test_a_request_that_fails_says_so(
    server: Server,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    code: int,
    message: str,
    logged: int,
) -> None:
    with pytest.raises(JsonRpcException) as caught:
        await dispatch.request(server, types.SHUTDOWN, raising(error))(None)
    assert (caught.value.code, caught.value.message) == (code, message)
    assert len(caplog.records) == logged
    assert SECRET not in caplog.text


async def test_a_request_may_fail_before_it_awaits(server: Server) -> None:
    def handler(*_: object) -> None:
        raise ConfigError("at once")

    with pytest.raises(JsonRpcException, match="at once"):
        dispatch.request(server, types.SHUTDOWN, handler)(None)


async def test_params_that_cannot_be_read_are_not_repeated(server: Server) -> None:
    with pytest.raises(JsonRpcInvalidParams) as caught:
        dispatch.document_request(server, INLINE, raising(ValueError()), EMPTY)(
            {"position": SECRET}
        )
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_notification_that_fails_leaves_one_line(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    def handler(*_: object) -> None:
        raise ConfigError("a sentence for the user")

    dispatch.notification(server, types.EXIT, handler)(None)
    assert [each.getMessage() for each in caplog.records] == ["exit: a sentence for the user"]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            RefactorRefused(f"The definition of `{SECRET}` is gone."),
            "RefactorRefused at test_dispatch.py:",
        ),
        (StaleDocument(f"{SECRET}.py was edited."), "StaleDocument at test_dispatch.py:"),
        (
            UnusableFileInReply(f"{SECRET}.py exists already."),
            "A further file in the reply cannot be written",
        ),
        (UnusableReply("The reply is empty."), "exit: The reply is empty"),
    ],
)
async def test_a_sentence_that_may_name_their_code_is_not_logged(
    server: Server, caplog: pytest.LogCaptureFixture, error: Exception, line: str
) -> None:
    await dispatch.log_failure("exit", raising(error)())
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert line in record.getMessage()
    assert SECRET not in caplog.text


async def test_an_answer_that_comes_too_late_leaves_a_line(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(*_: object) -> str:
        server.session.close(URI)
        return SECRET

    server.session.open(URI, "python", 1, "asked")
    with caplog.at_level(logging.DEBUG):
        await dispatch.document_request(server, INLINE, handler, EMPTY)(PARAMS)
    (line,) = caplog.messages
    assert line == f"{INLINE}: the document has been edited meanwhile, so the answer is empty"
