"""JSON-RPC as LSP has it: every request is answered exactly once, in every state of the session.

pygls brings the sending of messages and our own requests to the client. Its reading side is
replaced: it drops what it cannot read, and what comes after `shutdown`, without an answer. Its
document store is left out, since `Session` holds the documents. Nothing here knows what a method
does; `server.py` puts in the handlers, which take the params as raw JSON.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

RawHandler = Callable[[Any], Any]
"""Takes the params as JSON gave them; gives the result or an awaitable of it.

What it does before it gives an awaitable is done in the same step in which the message was read,
so before any later message. Raises only JsonRpcException.
"""

MessageId = int | str


class State(Enum):
    """How far the session has come."""

    NEW = "new"
    RUNNING = "running"
    SHUT_DOWN = "shut down"


class Protocol(LanguageServerProtocol):
    """One connection's messages."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.state = State.NEW
        self.requests: Mapping[str, RawHandler] = {}
        self.notifications: Mapping[str, RawHandler] = {}
        self._running: dict[MessageId, asyncio.Future[Any]] = {}

    def _register_builtin_features(self) -> None:
        """None of pygls' own: they keep a second copy of every document."""

    def structure(self, raw: Any, kind: Any) -> Any:
        """`raw` JSON as a `kind` of lsprotocol's. Raises whatever the converter finds fit."""
        return self._converter.structure(raw, kind)

    def receive(self, body: bytes) -> None:
        """Take one message off the wire and see to its answer. Never raises."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return self._send_error(None, JsonRpcParseError("The message is not JSON"))
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            return self._send_error(
                _id_of(message), JsonRpcInvalidRequest("Not a JSON-RPC 2.0 message")
            )
        method = message.get("method")
        if method is None:
            self._take_response(message)
        elif not isinstance(method, str):
            self._send_error(_id_of(message), JsonRpcInvalidRequest("The method is not a string"))
        elif "id" in message:
            self._take_request(_id_of(message), method, message.get("params"))
        else:
            self._take_notification(method, message.get("params"))

    def cancel_requests(self) -> list[asyncio.Future[Any]]:
        """Cancel the client's requests in flight and give them; each is answered with -32800."""
        running = list(self._running.values())
        for future in running:
            future.cancel()
        return running

    def _take_request(self, msg_id: MessageId | None, method: str, params: Any) -> None:
        refusal = self._refusal(msg_id, method)
        if refusal is not None or msg_id is None:
            return self._send_error(msg_id, refusal or JsonRpcInvalidRequest())
        try:
            result = self.requests[method](params)
        except JsonRpcException as error:
            return self._send_error(msg_id, error)
        if not inspect.isawaitable(result):
            self._send_response(msg_id, result)
            return
        future = asyncio.ensure_future(result)
        self._running[msg_id] = future
        future.add_done_callback(partial(self._answer, msg_id=msg_id))

    def _refusal(self, msg_id: MessageId | None, method: str) -> JsonRpcException | None:
        """Why a request cannot be taken in this state, if so."""
        if msg_id is None:
            return JsonRpcInvalidRequest("The id is neither a string nor a whole number")
        if self.state is State.SHUT_DOWN:
            return JsonRpcInvalidRequest("The server has been shut down")
        if self.state is State.NEW and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("initialize has not been sent yet")
        if self.state is State.RUNNING and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("initialize has been sent before")
        return None if method in self.requests else JsonRpcMethodNotFound.of(method)

    def _take_notification(self, method: str, params: Any) -> None:
        """Notifications of the next version of LSP, or of one client, are passed over.

        So is a request without an id: nobody waits for what it would come to.
        """
        if method == types.CANCEL_REQUEST:
            self._cancel(_id_of(params))
        elif method in self.notifications and (self.state is State.RUNNING or method == types.EXIT):
            self.notifications[method](params)

    def _cancel(self, msg_id: MessageId | None) -> None:
        """Cancel a request of the client's; one that has been answered is no longer known."""
        future = None if msg_id is None else self._running.get(msg_id)
        if future is not None:
            future.cancel()

    def _take_response(self, message: dict[str, Any]) -> None:
        """Settle a request of ours. An answer that nobody waits for is dropped."""
        msg_id = _id_of(message)
        future = None if msg_id is None else self._request_futures.pop(msg_id, None)
        if msg_id is None or future is None:
            return
        self._result_types.pop(msg_id, None)
        if not future.set_running_or_notify_cancel():
            return
        if "error" in message:
            future.set_exception(_error_of(message["error"]))
        else:
            future.set_result(message.get("result"))

    def send_request_async(
        self, method: str, params: Any | None = None, msg_id: MessageId | None = None
    ) -> asyncio.Future[Any]:
        """Ask the client. An error that comes when nobody waits any more is no trouble."""
        answer: asyncio.Future[Any] = super().send_request_async(method, params, msg_id)
        answer.add_done_callback(_consume_exception)
        return answer

    def abandon_request(self, msg_id: MessageId) -> None:
        """Wait no longer for the client's answer to a request of ours, if it is still to come."""
        self._result_types.pop(msg_id, None)
        future = self._request_futures.pop(msg_id, None)
        if future is not None:
            future.cancel()

    def _answer(self, future: asyncio.Future[Any], *, msg_id: MessageId) -> None:
        """Answer a request of the client's from what its handler came to."""
        # A client may use an id again before it has been answered: forget only our own.
        if self._running.get(msg_id) is future:
            del self._running[msg_id]
        if future.cancelled():
            return self._send_error(msg_id, JsonRpcRequestCancelled("The request was cancelled"))
        error = future.exception()
        if error is None:
            self._send_response(msg_id, future.result())
        elif isinstance(error, JsonRpcException):
            self._send_error(msg_id, error)
        else:
            self._send_error(msg_id, JsonRpcInternalError("Internal error"))

    def _send_error(self, msg_id: MessageId | None, error: JsonRpcException) -> None:
        # Not an lsprotocol object: those leave out an id of null, which JSON-RPC asks for here.
        told = {"code": error.code, "message": error.message}
        if error.data is not None:
            told["data"] = error.data
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": told})


def _id_of(message: Any) -> MessageId | None:
    """The id of a message or of `$/cancelRequest`; None if there is none that may be used."""
    found = message.get("id") if isinstance(message, dict) else None
    usable = isinstance(found, (int, str)) and not isinstance(found, bool)
    return found if usable else None


def _error_of(error: Any) -> JsonRpcException:
    """The client's error as an exception, without its words, which may quote a document."""
    code = error.get("code") if isinstance(error, dict) else None
    return JsonRpcException("The client answered an error", code if isinstance(code, int) else None)


def _consume_exception(answer: asyncio.Future[Any]) -> None:
    """Asyncio logs every error that nobody has asked for."""
    if not answer.cancelled():
        answer.exception()
