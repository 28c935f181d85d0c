"""Makes leaving a stream mean cancelling it on HTTP/2, as closing the connection does on HTTP/1.1.

httpcore 1.0 drops its own record of a stream that is left early, but tells nobody: the server goes
on generating (and billing), and h2 goes on counting the stream until no further one may be opened
(encode/httpcore issues 943 and 1022). An autocomplete leaves most of its streams. This is the one
place that reaches into httpcore; where its inside has changed, HTTP/2 is not used.
"""

from __future__ import annotations

from contextlib import suppress

import httpcore
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from httpcore._async import http2

_FLUSH_S = 1.0
_FLUSH = httpcore.Request("POST", "https://localhost/", extensions={"timeout": {"write": _FLUSH_S}})
"""httpcore reads a write's time-out from a request; nothing else of this one is used."""

_INSIDE = ("_response_closed", "_write_outgoing_data")


class ResettingHTTP2Connection(http2.AsyncHTTP2Connection):
    """httpcore's connection, which also resets the streams that are closed before their end."""

    async def _response_closed(self, stream_id: int) -> None:
        stream = self._h2_state.streams.get(stream_id)
        if stream is not None and not stream.closed:
            with suppress(ProtocolError, httpcore.NetworkError, httpcore.TimeoutException):
                self._h2_state.reset_stream(stream_id, ErrorCodes.CANCEL)
                await self._write_outgoing_data(_FLUSH)
        await super()._response_closed(stream_id)


def install_stream_reset() -> bool:
    """Put our connection in the place of httpcore's; False if that has changed inside."""
    theirs = http2.AsyncHTTP2Connection
    if not all(hasattr(theirs, name) for name in _INSIDE):
        return False
    # httpcore looks this name up whenever it opens a connection.
    http2.AsyncHTTP2Connection = ResettingHTTP2Connection  # type: ignore[misc]
    return True
