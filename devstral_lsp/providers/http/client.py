"""The one HTTP client, over a client of httpx that `transport.py` makes.

Sends JSON to an endpoint and gives back the objects of its event stream; every way in which that
fails becomes a ProviderError. Connections are kept for the next keystroke, HTTP/2 is used
where TLS offers it, and closing the generator closes the stream, which is the only way to cancel.
It knows neither what the requests mean nor what the events hold.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from typing import Any, Self, TypeVar, cast

import httpx

from devstral_lsp import __version__
from devstral_lsp.errors import InvalidResponse, Unauthorized
from devstral_lsp.providers.base import ConnectionOptions, Endpoint, Secret
from devstral_lsp.providers.http.answer_size import AnswerSize, tokens_wanted
from devstral_lsp.providers.http.cancel_safe import CancelSafeSender
from devstral_lsp.providers.http.error_mapping import (
    RequestInfo,
    error_from_response,
    error_in_payload,
)
from devstral_lsp.providers.http.ndjson import NdjsonParser
from devstral_lsp.providers.http.request_log import RequestLogger
from devstral_lsp.providers.http.sse import EventTooLong, SseParser
from devstral_lsp.providers.http.timeouts import DeadlineTracker, Timeouts
from devstral_lsp.providers.http.transport import (
    create_client,
    display_host,
    map_transport_error,
    parse_url,
)

_T = TypeVar("_T")

DONE = "[DONE]"
"""The data of the event that ends a stream at Mistral and at whoever copies OpenAI."""

DRAIN_TIMEOUT_S = 0.2
"""How long a finished stream may take to end by itself, so that its connection can be kept."""

MAX_ERROR_BYTES = 64 * 1024
MAX_REPLY_BYTES = 4 * 1024 * 1024
"""The longest list of models that is known has 1 MB, and reading one holds the event loop."""
_EVENTS_AT_ONCE = 32
"""Read from one piece of a stream before others have their turn."""

USER_AGENT = f"devstral-lsp/{__version__}"

_PLAIN = ConnectionOptions()
_ROUTE = re.compile(r"(/v1|/beta)?(/(fim/|chat/)?completions|/models|/infill)?$")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

for _name in ("httpx", "httpcore", "hpack", "h2"):
    # At DEBUG, hpack logs every header it packs, the key among them.
    logging.getLogger(_name).setLevel(logging.WARNING)


def strip_route(base_url: str) -> str:
    """The address that `/v1/...` is put after: users give it with or without that part.

    >>> strip_route("https://api.mistral.ai/v1/")
    'https://api.mistral.ai'
    """
    return _ROUTE.sub("", base_url.strip().rstrip("/"))


def encode_json(body: Mapping[str, Any]) -> bytes:
    """The body as UTF-8 JSON; a lone surrogate, which has no encoding, becomes U+FFFD."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


class HttpClient:
    """A client for one endpoint. `timeout_ms` bounds the wait for the first piece of an answer."""

    def __init__(
        self, base_url: str, key: Secret | None, timeout_ms: int, link: ConnectionOptions = _PLAIN
    ) -> None:
        self._base_url = strip_route(base_url)
        self._host = display_host(self._base_url)
        self._key = key
        self._link = link
        self._limits = Timeouts.of(
            timeout_ms, link.connect_ms, link.read_timeout_ms, link.total_timeout_ms
        )
        self._client: httpx.AsyncClient | None = None
        self._is_closed = False
        self._urls: dict[str, httpx.URL] = {}
        self._sender = CancelSafeSender()
        self._telling = RequestLogger()

    @classmethod
    def of(cls, endpoint: Endpoint, default_base_url: str = "") -> Self:
        """The client of an endpoint, at `default_base_url` where it names no address."""
        address = endpoint.base_url or default_base_url
        return cls(address, endpoint.key, endpoint.timeout_ms, endpoint.connection)

    @property
    def connect_ms(self) -> float | None:
        """How long the last connection took to open, TLS included; None if none has opened."""
        return self._sender.connect_ms

    async def events(
        self,
        path: str,
        body: Mapping[str, Any],
        on_headers: Callable[[Mapping[str, str]], None] = lambda headers: None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """POST `body` and give the object in each event, up to `[DONE]` or the end.

        `on_headers` sees the headers of a success, whose names ignore case. Raises ProviderError.
        """
        asked = self._asked(path, str(body.get("model", "")))
        patience = DeadlineTracker(self._limits, asked.host)
        with self._failures_told(asked):
            sending = self._send("POST", path, "text/event-stream", encode_json(body))
            response = await patience.wait(sending)
            try:
                await patience.wait(_check(response, asked))
                on_headers(response.headers)
                size = AnswerSize(tokens_wanted(body), asked.host)
                async with aclosing(_data(response, size)) as events:
                    while (data := await patience.wait(anext(events, None))) is not None:
                        patience.chunk_received()
                        yield _object(data, asked)
            finally:
                await response.aclose()

    async def get(self, path: str) -> Any:
        """GET a JSON document. Raises ProviderError."""
        asked = self._asked(path)
        with self._failures_told(asked):
            return await self.with_timeout(self._document(path, asked))

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST a question whose answer is one JSON document. Raises ProviderError."""
        asked = self._asked(path, str(body.get("model", "")))
        with self._failures_told(asked):
            return await self.with_timeout(self._document(path, asked, encode_json(body)))

    async def _document(self, path: str, asked: RequestInfo, content: bytes | None = None) -> Any:
        method = "GET" if content is None else "POST"
        response = await self._send(method, path, "application/json", content)
        try:
            kind = response.headers.get("content-type", "").lower()
            if not response.is_success or "html" in kind:
                body = await _error_body(response)
                raise error_from_response(response.status_code, response.headers, body, asked)
            return await _read_json(response, asked)
        finally:
            await response.aclose()

    async def with_timeout(self, step: Awaitable[_T]) -> _T:
        """What comes of a step that waits for the endpoint, within the limit for a first piece.

        Raises EndpointUnreachable, and cancels it, when its time is up.
        """
        return await DeadlineTracker(self._limits, self._host).wait(step)

    async def close(self) -> None:
        """Close all connections; streams under way fail, and later requests, too."""
        self._is_closed = True
        if self._client is not None:
            await self._sender.close()
            await self._client.aclose()
            self._client = None

    async def _send(
        self, method: str, path: str, accept: str, content: bytes | None = None
    ) -> httpx.Response:
        client = self._connected()
        request = client.build_request(
            method,
            self._url(path),
            content=content,
            headers=self._headers(accept, content is not None),
        )
        return await self._sender.send(client, request)

    def _url(self, path: str) -> httpx.URL:
        """Taken apart once, as a keystroke waits for it. Raises InvalidURL."""
        if path not in self._urls:
            self._urls[path] = parse_url(self._base_url + path)
        return self._urls[path]

    def _connected(self) -> httpx.AsyncClient:
        """Raises httpx.ConnectError once it was closed: what it opens then stays open."""
        if self._is_closed:
            raise httpx.ConnectError("The client was closed.")
        if self._client is None:
            self._client = create_client(self._link, self._limits.connect_s)
        return self._client

    def _headers(self, accept: str, has_body: bool) -> httpx.Headers:
        further = {name: _sendable(value, blanks=True) for name, value in self._link.headers}
        headers = httpx.Headers(further)
        headers.update({"Accept": accept, "User-Agent": USER_AGENT})
        # Compression delays the pieces of a stream, and a few bytes may unfold to many.
        headers["Accept-Encoding"] = "identity"
        if has_body:
            headers["Content-Type"] = "application/json"
        if self._key is not None:
            headers["Authorization"] = f"Bearer {_sendable(self._key)}"
        return headers

    def _asked(self, path: str, model: str = "") -> RequestInfo:
        source = self._key.source if self._key is not None else ""
        return RequestInfo(host=self._host, path=path, model=model, key_source=source)

    @contextmanager
    def _failures_told(self, asked: RequestInfo) -> Iterator[None]:
        """Turn the client's exceptions into ours, without their text, which may hold a header."""
        with self._telling.log_request(asked):
            try:
                yield
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise map_transport_error(error, asked.host, self._limits.connect_s) from None
            except EventTooLong:
                raise InvalidResponse(f"{asked.host} sent an event without end.") from None


async def _check(response: httpx.Response, asked: RequestInfo) -> None:
    """Raise unless a stream of events follows."""
    kind = response.headers.get("content-type", "").lower()
    if not response.is_success or "html" in kind:
        body = await _error_body(response)
        raise error_from_response(response.status_code, response.headers, body, asked)
    _refuse_encoded(response, asked)
    if "json" in kind and "ndjson" not in kind:
        await _read_json(response, asked)
        raise InvalidResponse(f"{asked.host} answered whole where a stream was asked for.")


async def _data(response: httpx.Response, size: AnswerSize) -> AsyncGenerator[str, None]:
    kind = response.headers.get("content-type", "").lower()
    parser = NdjsonParser() if "ndjson" in kind else SseParser()
    async with aclosing(_pieces(response)) as pieces:
        async for piece in pieces:
            size.take(len(piece))
            for number, data in enumerate(parser.feed(piece), 1):
                if data == DONE:
                    await _drain(pieces)
                    return
                yield data
                if number % _EVENTS_AT_ONCE == 0:
                    await asyncio.sleep(0)
    for data in parser.finish():
        if data != DONE:
            yield data


async def _drain(pieces: AsyncGenerator[bytes, None]) -> None:
    """Read to the end of the body: only then can its connection serve the next request."""
    left = MAX_ERROR_BYTES
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(DRAIN_TIMEOUT_S):
            async for piece in pieces:
                left -= len(piece)
                if left < 0:
                    return


def _pieces(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The body as it comes, by httpx's own generator, whose annotation hides that it can close.

    Nothing is decoded: httpx would unfold each piece whole, however much comes of it.
    """
    return cast("AsyncGenerator[bytes, None]", response.aiter_raw())


async def _error_body(response: httpx.Response) -> bytes:
    """The first MAX_ERROR_BYTES of an error; what came of it if it breaks off."""
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
    """How the body is compressed though nobody asked for it; "" where it is not."""
    named = response.headers.get("content-encoding", "").strip().lower()
    return "" if named == "identity" else named


def _refuse_encoded(response: httpx.Response, asked: RequestInfo) -> None:
    if _encoding(response):
        raise InvalidResponse(
            f"{asked.host} sent a compressed reply that nobody asked for: turn compression off "
            "in the server, or in the proxy that stands before it."
        )


async def _read_json(response: httpx.Response, asked: RequestInfo) -> Any:
    """The reply as JSON. Raises the error it holds, and InvalidResponse if it is none."""
    _refuse_encoded(response, asked)
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


def _object(data: str, asked: RequestInfo) -> dict[str, Any]:
    """The object in an event. Raises the error it holds, and InvalidResponse if it is none."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if (error := error_in_payload(value, asked)) is not None:
        raise error
    if not isinstance(value, dict):
        raise InvalidResponse(f"{asked.host} sent an event that is not a JSON object.")
    return value


def _sendable(key: Secret, *, blanks: bool = False) -> str:
    """The key as a header can carry it. Raises Unauthorized, without the key."""
    value = key.reveal().strip()
    if value.isascii() and value.isprintable() and (blanks or " " not in value):
        return value
    raise Unauthorized(
        f"The key from {key.source} holds characters that no key has: copy it again, alone."
    )
