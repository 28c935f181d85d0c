"""`devstral.rewrite [{uri, range, instruction}]`: changes code as the user's own words say.

For editors that can ask for words. The others have the action that follows a comment.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.refactor.base import Offer
from devstral_lsp.server.order import Order
from devstral_lsp.server.positions import span_of
from devstral_lsp.text import Span, Text

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server

_LONGEST_TITLE = 60


def rewrite(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """Begin the work on the lines of the range, in the document as it is now."""
    order = _order(server, params)
    job = server.refactoring.start(order, params.work_done_token)
    return server.refactoring.carry_out(job)


def _order(server: Server, params: types.ExecuteCommandParams) -> Order:
    match params.arguments:
        case [{"uri": str(uri), "range": dict(told), "instruction": str(said)}] if said.strip():
            range_ = _range(server, told)
        case _:
            raise JsonRpcInvalidParams(f"{params.command} takes {{uri, range, instruction}}")
    snapshot = server.session.snapshot(uri)
    if snapshot is None:
        raise JsonRpcInvalidParams("The document is not open")
    lines = _lines(snapshot.text, span_of(snapshot.text, range_, server.client.encoding))
    words = " ".join(said.split())
    title = words if len(words) <= _LONGEST_TITLE else f"{words[: _LONGEST_TITLE - 1]}…"
    offer = Offer(
        action="rewrite", title=title, kind="refactor.rewrite", span=lines, argument=said.strip()
    )
    return Order(offer, uri, snapshot.version or 0)


def _range(server: Server, told: dict[str, Any]) -> types.Range:
    try:
        found: types.Range = server.protocol.structure(told, types.Range)
    except Exception:  # noqa: BLE001
        # Whatever a converter raises on foreign data, and without its words.
        raise JsonRpcInvalidParams("The range cannot be read") from None
    return found


def _lines(text: Text, span: Span) -> Span:
    """The whole lines of a span; the one that it only ends at the start of does not count."""
    first, last = text.line_of(span.start), text.line_of(span.end)
    if last > first and span.end == text.line_start(last):
        last -= 1
    return Span(text.line_start(first), text.line_end(last))
