"""Reads the response to a request: its events, its JSON document, or the error in its place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any, cast

import httpx

from devstral_lsp.errors import InvalidResponse
from devstral_lsp.providers.http.answer_limits import AnswerSize
from devstral_lsp.providers.http.error_mapping import (
    error_from_response,
    error_in_payload,
)
from devstral_lsp.providers.http.request_log import RequestInfo
from devstral_lsp.providers.http.stream_parsers import StreamParser

DONE = "[DONE]"
"""The data of the event that ends a stream at Mistral and in OpenAI's API."""

STREAM_END: dict[str, Any] = {}
"""The object that stands for DONE, told apart by its identity."""

DRAIN_TIMEOUT_S = 0.2
"""How long a finished stream may take to end by itself, so that its connection can be kept."""

MAX_ERROR_BYTES = 64 * 1024
MAX_REPLY_BYTES = 4 * 1024 * 1024
"""The longest known list of models has 1 MB, and parsing blocks the event loop."""
_EVENTS_AT_ONCE = 32
"""Events read from one piece of a stream before other tasks run."""


async def raise_for_error(response: httpx.Response, asked: RequestInfo) -> None:
    """Raise ProviderError unless an answer follows, whole or in events."""
    kind = _content_type(response)
    if not response.is_success or "html" in kind:
        body = await _error_body(response)
        raise error_from_response(response.status_code, response.headers, body, asked)
    if _encoding(response):
        raise InvalidResponse(
            f"{asked.host} sent a compressed reply although none was requested: turn compression "
            "off in the server, or in the proxy in front of it."
        )


async def read_events(
    response: httpx.Response, size: AnswerSize, asked: RequestInfo
) -> AsyncGenerator[str, None]:
    """The data of each event, up to and with `[DONE]`, or the end of the body.

    Whether they are server-sent events, JSON lines or one JSON document is seen by how the body
    begins, whatever its label says. Raises EventTooLong, and InvalidResponse
    for a body without any.
    """
    parser = StreamParser()
    has_bytes = has_events = False
    async with aclosing(_pieces(response)) as pieces:
        async for piece in pieces:
            has_bytes = has_bytes or bool(piece)
            size.add(len(piece))
            for number, data in enumerate(parser.feed(piece), 1):
                has_events = True
                if data.strip() == DONE:
                    await _drain(pieces)
                    yield DONE
                    return
                yield data
                if number % _EVENTS_AT_ONCE == 0:
                    await asyncio.sleep(0)
    for data in parser.finish():
        has_events = True
        yield data
    if has_bytes and not has_events:
        raise InvalidResponse(
            f"{asked.host} sent something else than a completion: check base_url, and whether a "
            "proxy or a login page stands in between."
        )


async def _drain(pieces: AsyncGenerator[bytes, None]) -> None:
    """Read to the end of the body: only then can the connection serve the next request."""
    left = MAX_ERROR_BYTES
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(DRAIN_TIMEOUT_S):
            async for piece in pieces:
                left -= len(piece)
                if left < 0:
                    return


def _pieces(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The body as it comes, from httpx's generator, whose annotation hides that it can be closed.

    Nothing is decompressed: httpx would expand each piece completely, however large.
    """
    return cast("AsyncGenerator[bytes, None]", response.aiter_raw())


async def _error_body(response: httpx.Response) -> bytes:
    """The first MAX_ERROR_BYTES of an error; what has arrived if the connection breaks."""
    body = bytearray()
    if _encoding(response):
        return b""
    with suppress(httpx.HTTPError):
        async with aclosing(_pieces(response)) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > MAX_ERROR_BYTES:
                    break
    return bytes(body[:MAX_ERROR_BYTES])


def _encoding(response: httpx.Response) -> str:
    """How the body is compressed although we refuse compression; "" if it is not."""
    named = response.headers.get("content-encoding", "").strip().lower()
    return "" if named == "identity" else named


async def read_json(response: httpx.Response, asked: RequestInfo) -> Any:
    """The reply as JSON. Raises the error it holds, and InvalidResponse if it is not JSON."""
    body = bytearray()
    async with aclosing(_pieces(response)) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) > MAX_REPLY_BYTES:
                raise InvalidResponse(f"{asked.host} sent a reply without end.")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidResponse(f"{asked.host} sent a reply that is not JSON.") from None
    if (error := error_in_payload(value, asked)) is not None:
        raise error
    return value


def parse_event(data: str, asked: RequestInfo) -> dict[str, Any]:
    """The object in an event, empty for another value. Raises the error that it holds, and
    InvalidResponse if it is not JSON."""
    if data.strip() == DONE:
        return STREAM_END
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if (error := error_in_payload(value, asked)) is not None:
        raise error
    if value is None and data.strip() != "null":
        raise InvalidResponse(
            f"{asked.host} sent an event that is not JSON: its answer is damaged, or base_url is "
            "not the address of its API."
        )
    return value if isinstance(value, dict) else {}


def _content_type(response: httpx.Response) -> str:
    content_type: str = response.headers.get("content-type", "")
    return content_type.lower()
