"""Calls handlers: takes the snapshot first, and answers a request however its handler fails.

A handler that awaits could read a newer document than the request means, if the client's next
`didChange` has arrived. So `document_request` takes the snapshot in the same step in which the
message is read, and only then creates the coroutine. Any exception of a handler becomes an empty
answer or a JSON-RPC error, and one log line without any of the user's text.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcContentModified,
    JsonRpcException,
    JsonRpcInternalError,
)

from devstral_lsp.errors import DevstralError, StaleDocument
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.types import RefactorRefused
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.plain_text import message_text
from devstral_lsp.server.protocol import RawHandler
from devstral_lsp.server.session import DocumentView

log = logging.getLogger(__name__)

T = TypeVar("T")

ServerT = TypeVar("ServerT", bound=ServerContext)
DocumentHandler = Callable[[ServerT, DocumentView, Any], Awaitable[Any]]
RequestHandler = Callable[[ServerT, Any], Any]
NotificationHandler = Callable[[ServerT, Any], None]


def document_request(
    server: ServerT, method: str, handler: DocumentHandler[ServerT], empty: Any
) -> RawHandler:
    """A handler of `method` that answers for the document as it is when the message is read.

    The answer is `empty` after a failure, since an error would pop up while the user types, and for
    a document that is not open or has changed since, since some editors would show the answer in
    the wrong place. Only params that cannot be read are an error (-32602).
    """

    def start(raw: Any) -> Awaitable[Any]:
        params = _structured(server, method, raw)
        return answer(server.session.view(params.text_document.uri), params)

    async def answer(view: DocumentView | None, params: Any) -> Any:
        if view is None:
            return empty
        try:
            result = await handler(server, view, params)
        except Exception as error:  # noqa: BLE001
            _log_failure(method, error)
            return empty
        if server.session.snapshot(view.snapshot.uri) is view.snapshot:
            return result
        log.debug("%s: the document has been edited meanwhile, so the answer is empty", method)
        return empty

    return start


def request(
    server: ServerT, method: str, handler: RequestHandler[ServerT], *, as_json: bool = False
) -> RawHandler:
    """A handler of `method` that answers with a result or a JSON-RPC error.

    With `as_json`, `handler` gets the params as parsed JSON, with fields that LSP does not have.
    """

    def start(raw: Any) -> Any:
        params = raw if as_json else _structured(server, method, raw)
        try:
            result = handler(server, params)
        except Exception as error:  # noqa: BLE001
            raise _json_rpc_error(method, error) from None
        return finish(result) if isinstance(result, Awaitable) else result

    async def finish(result: Awaitable[Any]) -> Any:
        try:
            return await result
        except Exception as error:  # noqa: BLE001
            raise _json_rpc_error(method, error) from None

    return start


def notification(server: ServerT, method: str, handler: NotificationHandler[ServerT]) -> RawHandler:
    """A handler of the notification `method`. A failure is one log line."""

    def receive(raw: Any) -> None:
        try:
            handler(server, _structured(server, method, raw))
        except Exception as error:  # noqa: BLE001
            _log_failure(method, error)

    return receive


async def report_failure(server: ServerContext, what: str, work: Awaitable[T]) -> T | None:
    """Await work that the user waits for. On a failure, show a message and return None.

    Raises StaleDocument after showing it: LSP has an error for it, which most editors do not show.
    """
    try:
        return await work
    except StaleDocument as error:
        server.messages.show(types.MessageType.Warning, str(error))
        raise
    except Exception as error:  # noqa: BLE001
        _log_failure(what, error)
        expected = isinstance(error, DevstralError)
        sentence = str(error) if expected else "devstral-lsp failed at this. Its log says where."
        server.messages.show(types.MessageType.Error, sentence)
        return None


async def log_failure(what: str, work: Awaitable[None]) -> None:
    """Await work that no request waits for. A failure is one log line, which begins with `what`."""
    try:
        await work
    except Exception as error:  # noqa: BLE001
        _log_failure(what, error)


def _structured(server: ServerContext, method: str, raw: Any) -> Any:
    """`raw` as the params type of `method`; unchanged if LSP has no such method.

    Raises JsonRpcInvalidParams.
    """
    if method not in types.METHOD_TO_TYPES:
        return raw
    params_type = types.METHOD_TO_TYPES[method][2]
    if params_type is None:
        return None
    return server.protocol.structure(raw, params_type, f"Invalid params for {method}")


def _json_rpc_error(method: str, error: Exception) -> JsonRpcException:
    if isinstance(error, JsonRpcException):
        return error
    if isinstance(error, StaleDocument):
        return JsonRpcContentModified(message_text(str(error)))
    if isinstance(error, DevstralError):
        return JsonRpcInternalError(message_text(str(error)))
    _log_failure(method, error)
    return JsonRpcInternalError(f"{method} failed, see the server's log")


def _log_failure(what: str, error: Exception) -> None:
    """Log what failed and where, in one line that never quotes the user's text."""
    is_expected = isinstance(error, (DevstralError, JsonRpcException))
    if isinstance(error, UnusableReply):
        log.warning("%s: %s", what, error.logged)
        return
    # The messages of these two may quote the document or the model.
    if is_expected and not isinstance(error, (RefactorRefused, StaleDocument)):
        log.warning("%s: %s", what, error)
        return
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in reversed(frames))
    level = logging.WARNING if is_expected else logging.ERROR
    log.log(level, "%s failed: %s at %s", what, type(error).__name__, places)
