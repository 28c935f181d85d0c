"""The HTTP client of all providers, on top of httpx.

Sends JSON to an endpoint and yields the objects of its event stream; every failure becomes a
ProviderError. Connections are kept for the next keystroke, HTTP/2 is used where TLS offers it, and
closing the generator closes the stream, which is the only way to cancel.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import Any, Self, TypeVar

import httpx

from devstral_lsp import __version__
from devstral_lsp.errors import InvalidResponse, Unauthorized
from devstral_lsp.providers.base import (
    ChatRequest,
    ConnectionOptions,
    Endpoint,
    FimRequest,
    Secret,
)
from devstral_lsp.providers.http.answer_limits import AnswerSize, Deadline, Timeouts
from devstral_lsp.providers.http.base_address import BaseAddress
from devstral_lsp.providers.http.cancellation import CancelSafeSender
from devstral_lsp.providers.http.request_log import RequestInfo, RequestLogger
from devstral_lsp.providers.http.response import (
    parse_event,
    raise_for_error,
    read_events,
    read_json,
)
from devstral_lsp.providers.http.stream_parsers import EventTooLong
from devstral_lsp.providers.http.transport import (
    create_client,
    display_host,
    map_transport_error,
    parse_url,
)

_T = TypeVar("_T")
_Request = TypeVar("_Request", FimRequest, ChatRequest)

USER_AGENT = f"devstral-lsp/{__version__}"

_PLAIN = ConnectionOptions()
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

for _name in ("httpx", "httpcore", "hpack", "h2"):
    # At DEBUG, hpack logs every header it packs, the key among them.
    logging.getLogger(_name).setLevel(logging.WARNING)


def encode_json(body: Mapping[str, Any]) -> bytes:
    """The body as UTF-8 JSON; a lone surrogate, which has no encoding, becomes U+FFFD."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def drop_none(body: Mapping[str, Any]) -> dict[str, Any]:
    """A request's body without the members that are not set."""
    return {name: value for name, value in body.items() if value is not None}


class HttpClient:
    """A client for one endpoint. `timeout_ms` bounds the wait for the first event of an answer."""

    def __init__(
        self, base_url: str, key: Secret | None, timeout_ms: int, link: ConnectionOptions = _PLAIN
    ) -> None:
        self._address = BaseAddress.of(base_url)
        self._host = display_host(self._address.root)
        self._key = key
        self._link = link
        self._timeouts = Timeouts.of(
            timeout_ms, link.connect_ms, link.read_timeout_ms, link.total_timeout_ms
        )
        self._client: httpx.AsyncClient | None = None
        self._is_closed = False
        self._urls: dict[str, httpx.URL] = {}
        self._sender = CancelSafeSender()
        self._logger = RequestLogger()

    @classmethod
    def of(cls, endpoint: Endpoint, default_base_url: str = "") -> Self:
        """The client of an endpoint, at `default_base_url` where it names no address."""
        address = endpoint.base_url or default_base_url
        return cls(address, endpoint.key, endpoint.timeout_ms, endpoint.connection)

    @property
    def connect_ms(self) -> float | None:
        """How long the last connection took to open, TLS included; None if none has opened."""
        return self._sender.connect_ms

    async def answer(
        self, request: _Request, ask: Callable[[_Request], AsyncGenerator[_T, None]]
    ) -> AsyncGenerator[_T, None]:
        """What `ask` yields for `request`; everything it waits for shares one deadline.

        Raises EndpointUnreachable when the time is up. For a request that already has a deadline,
        such as a chat that fills a gap, that deadline applies.
        """
        if request.deadline is not None:
            pieces = ask(request)
        else:
            deadline = Deadline(self._timeouts, self._host)
            pieces = deadline.limit(ask(replace(request, deadline=deadline)))
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def events(
        self,
        path: str,
        body: Mapping[str, Any],
        request: FimRequest | ChatRequest,
        on_headers: Callable[[Mapping[str, str]], None] = lambda headers: None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """POST `body` and yield the object in each event, up to `[DONE]` or the end.

        `request`, which `body` was made from, sets the bounds: its deadline is enforced by
        `answer`. `on_headers` gets the headers of any reply, whose names ignore case. Raises
        ProviderError.
        """
        asked = self._asked(path, str(body.get("model", "")))
        with self._map_errors(asked, request.deadline):
            response = await self._send("POST", path, "text/event-stream", encode_json(body))
            try:
                on_headers(response.headers)
                await raise_for_error(response, asked, streams=True)
                size = AnswerSize(request.max_tokens, asked.host)
                async with aclosing(read_events(response, size)) as events:
                    async for data in events:
                        if request.deadline is not None:
                            request.deadline.event_received()
                        yield parse_event(data, asked)
            finally:
                await response.aclose()

    async def get(self, path: str) -> Any:
        """GET a JSON document. Raises ProviderError."""
        asked = self._asked(path)
        with self._map_errors(asked):
            return await self.with_timeout(self._document(path, asked))

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST a request whose answer is one JSON document. Raises ProviderError."""
        asked = self._asked(path, str(body.get("model", "")))
        with self._map_errors(asked):
            return await self.with_timeout(self._document(path, asked, encode_json(body)))

    async def _document(self, path: str, asked: RequestInfo, content: bytes | None = None) -> Any:
        method = "GET" if content is None else "POST"
        response = await self._send(method, path, "application/json", content)
        try:
            await raise_for_error(response, asked)
            return await read_json(response, asked)
        finally:
            await response.aclose()

    async def with_timeout(self, step: Awaitable[_T]) -> _T:
        """The result of a step that waits for the endpoint, within the timeout for a first event.

        Raises EndpointUnreachable, and cancels it, when the time is up.
        """
        return await Deadline(self._timeouts, self._host).wait(step)

    async def close(self) -> None:
        """Close all connections; open streams and later requests fail."""
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
        """Parsed once, as a keystroke waits for it. Raises InvalidURL."""
        if path not in self._urls:
            self._urls[path] = parse_url(self._address.url(path))
        return self._urls[path]

    def _connected(self) -> httpx.AsyncClient:
        """Raises httpx.ConnectError after `close`: nothing would close a new connection."""
        if self._is_closed:
            raise httpx.ConnectError("The client was closed.")
        if self._client is None:
            self._client = create_client(self._link, self._timeouts.connect_s)
        return self._client

    def _headers(self, accept: str, has_body: bool) -> httpx.Headers:
        further = {name: _sendable(value, allows_spaces=True) for name, value in self._link.headers}
        headers = httpx.Headers(further)
        headers.update({"Accept": accept, "User-Agent": USER_AGENT})
        # Compression delays a stream, and a few bytes may unfold to many.
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
    def _map_errors(self, asked: RequestInfo, deadline: Deadline | None = None) -> Iterator[None]:
        """Turn httpx's exceptions into ours, without their text, which may hold a header."""
        with self._logger.log_request(asked, deadline):
            try:
                yield
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise map_transport_error(error, asked.host, self._timeouts.connect_s) from None
            except EventTooLong:
                raise InvalidResponse(f"{asked.host} sent an event without end.") from None


def _sendable(key: Secret, *, allows_spaces: bool = False) -> str:
    """The key as a header can carry it. Raises Unauthorized, without the key."""
    value = key.reveal().strip()
    if value.isascii() and value.isprintable() and (allows_spaces or " " not in value):
        return value
    raise Unauthorized(
        f"The key from {key.source} holds characters that no key has: copy it again, alone."
    )
