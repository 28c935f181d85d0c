"""JSON-RPC as LSP specifies it: every request is answered exactly once, in every state.

Not taken from pygls, whose protocol leaves invalid messages, and those after `shutdown`, without an
answer, and keeps a second copy of every document. Bodies of messages are passed to `receive`, and
sent by the function given to `connect`; the transports frame them. Not thread-safe: call everything
from the event loop's thread.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)

if TYPE_CHECKING:
    from cattrs import Converter

_VERSION = "2.0"

RawHandler = Callable[[Any], Any]
"""Takes the params as parsed JSON; returns the result or an awaitable of it.

What it does before it returns an awaitable happens before any later message is read. Raises only
JsonRpcException.
"""

MessageId = int | str


class State(Enum):
    """The states of a session."""

    NEW = "new"
    RUNNING = "running"
    SHUT_DOWN = "shut down"


class JsonRpcProtocol:
    """The messages of one connection. The server sets `requests`, `notifications` and `state`."""

    def __init__(self, converter: Converter) -> None:
        self.state = State.NEW
        self.requests: Mapping[str, RawHandler] = {}
        self.notifications: Mapping[str, RawHandler] = {}
        self._converter = converter
        self._write: Callable[[bytes], object] = lambda body: None
        self._running: dict[MessageId, asyncio.Future[Any]] = {}
        """The client's requests that have not been answered."""
        self._sent: dict[MessageId, asyncio.Future[Any]] = {}
        """The server's own requests that have not been answered."""
        self._ids = count(1)

    def connect(self, write: Callable[[bytes], object]) -> None:
        """Send bodies of messages by `write`. Until then, messages are dropped."""
        self._write = write

    def structure(self, raw: Any, kind: Any, refusal: str) -> Any:
        """Parsed JSON as a `kind` of lsprotocol's. Raises JsonRpcInvalidParams, with `refusal`."""
        try:
            return self._converter.structure(raw, kind)
        except Exception:  # noqa: BLE001
            # The converter may raise any exception, and its message may quote the data.
            raise JsonRpcInvalidParams(refusal) from None

    def receive(self, body: bytes) -> None:
        """Handle one message and answer it if it is a request. Never raises."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return self._send_error(None, JsonRpcParseError("The message is not JSON"))
        if not isinstance(message, dict) or message.get("jsonrpc") != _VERSION:
            return self._send_error(
                _id_of(message), JsonRpcInvalidRequest("Not a JSON-RPC 2.0 message")
            )
        method = message.get("method")
        if method is None:
            self._receive_response(message)
        elif not isinstance(method, str):
            self._send_error(_id_of(message), JsonRpcInvalidRequest("The method is not a string"))
        elif "id" in message:
            self._receive_request(_id_of(message), method, message.get("params"))
        else:
            self._receive_notification(method, message.get("params"))

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": self._converter.unstructure(params)})

    def send_request(self, method: str, params: Any) -> asyncio.Future[Any]:
        """Send a request; its result comes as parsed JSON, an error as a JsonRpcException.

        Cancel the future to stop waiting: a later answer is dropped.
        """
        msg_id = str(next(self._ids))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._sent[msg_id] = answer
        answer.add_done_callback(partial(self._close_request, msg_id))
        params = self._converter.unstructure(params)
        self._send({"id": msg_id, "method": method, "params": params})
        return answer

    def cancel_requests(self) -> list[asyncio.Future[Any]]:
        """Cancel and return the client's running requests; each is answered with -32800."""
        running = list(self._running.values())
        for future in running:
            cancel_once_begun(future)
        return running

    def _receive_request(self, msg_id: MessageId | None, method: str, params: Any) -> None:
        refusal = self._refusal(msg_id, method)
        if refusal is not None or msg_id is None:
            return self._send_error(msg_id, refusal or JsonRpcInvalidRequest())
        try:
            result = self.requests[method](params)
        except JsonRpcException as error:
            return self._send_error(msg_id, error)
        if not inspect.isawaitable(result):
            return self._send_result(msg_id, result)
        future = asyncio.ensure_future(result)
        self._running[msg_id] = future
        future.add_done_callback(partial(self._answer, msg_id=msg_id))

    def _refusal(self, msg_id: MessageId | None, method: str) -> JsonRpcException | None:
        """Why a request cannot be handled in this state; None if it can."""
        if msg_id is None:
            return JsonRpcInvalidRequest("The id is neither a string nor a whole number")
        if self.state is State.SHUT_DOWN:
            return JsonRpcInvalidRequest("The server has been shut down")
        if self.state is State.NEW and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("initialize has not been sent yet")
        if self.state is State.RUNNING and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("initialize has been sent before")
        return None if method in self.requests else JsonRpcMethodNotFound.of(method)

    def _receive_notification(self, method: str, params: Any) -> None:
        """Handle a notification. Unknown ones, and requests without an id, are ignored."""
        if method == types.CANCEL_REQUEST:
            msg_id = _id_of(params)
            if msg_id is not None and msg_id in self._running:
                cancel_once_begun(self._running[msg_id])
        elif method in self.notifications and (self.state is State.RUNNING or method == types.EXIT):
            self.notifications[method](params)

    def _receive_response(self, message: dict[str, Any]) -> None:
        """Settle a request of the server's. An answer to any other id is dropped."""
        msg_id = _id_of(message)
        answer = None if msg_id is None else self._sent.get(msg_id)
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(_error_of(message["error"]))
        else:
            answer.set_result(message.get("result"))

    def _close_request(self, msg_id: MessageId, answer: asyncio.Future[Any]) -> None:
        self._sent.pop(msg_id, None)
        if not answer.cancelled():
            answer.exception()  # asyncio logs each exception that is never retrieved

    def _answer(self, future: asyncio.Future[Any], *, msg_id: MessageId) -> None:
        """Answer a request of the client's once its handler is done."""
        # A client may use an id again before it has been answered: forget only this request.
        if self._running.get(msg_id) is future:
            del self._running[msg_id]
        if future.cancelled():
            return self._send_error(msg_id, JsonRpcRequestCancelled("The request was cancelled"))
        error = future.exception()
        if error is None:
            self._send_result(msg_id, future.result())
        elif isinstance(error, JsonRpcException):
            self._send_error(msg_id, error)
        else:
            self._send_error(msg_id, JsonRpcInternalError("Internal error"))

    def _send_result(self, msg_id: MessageId, result: Any) -> None:
        try:
            self._send({"id": msg_id, "result": self._converter.unstructure(result)})
        except RecursionError:  # another server's code action, which is returned as it came
            self._send_error(msg_id, JsonRpcInternalError("The result is nested too deeply"))

    def _send_error(self, msg_id: MessageId | None, error: JsonRpcException) -> None:
        data = {} if error.data is None else {"data": error.data}
        self._send({"id": msg_id, "error": {"code": error.code, "message": error.message, **data}})

    def _send(self, message: dict[str, Any]) -> None:
        self._write(json.dumps({"jsonrpc": _VERSION, **message}).encode())


def cancel_once_begun(future: asyncio.Future[Any]) -> None:
    """Cancel after the first step of a task that was created before.

    Otherwise a coroutine that the task awaits might never start, which Python reports on standard
    error.
    """
    asyncio.get_running_loop().call_soon(future.cancel)


def _id_of(message: Any) -> MessageId | None:
    """The id of a message or of the params of `$/cancelRequest`; None if it is missing or bad."""
    found = message.get("id") if isinstance(message, dict) else None
    usable = isinstance(found, (int, str)) and not isinstance(found, bool)
    return found if usable else None


def _error_of(error: Any) -> JsonRpcException:
    """The client's error without its message, which may quote a document."""
    code = error.get("code") if isinstance(error, dict) else None
    return JsonRpcException("The client answered an error", code if isinstance(code, int) else None)
