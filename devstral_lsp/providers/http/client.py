"""The HTTP client of all providers, on top of httpx.

Sends JSON to an endpoint and yields the objects of its event stream; every failure becomes a
ProviderError. Connections are kept for the next keystroke, HTTP/2 is used where TLS offers it, and
closing the generator closes the stream, which is the only way to cancel.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
)
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import httpx

from devstral_lsp import __version__
from devstral_lsp.errors import EndpointUnreachable, InvalidResponse, ServerOverloaded
from devstral_lsp.providers.base import (
    ChatRequest,
    ConnectionOptions,
    Endpoint,
    FimRequest,
    Secret,
)
from devstral_lsp.providers.http.answer_limits import AnswerSize, Deadline, Timeouts
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
    header_value,
    map_transport_error,
    parse_url,
)

_T = TypeVar("_T")
_Request = TypeVar("_Request", FimRequest, ChatRequest)

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


def drop_none(body: Mapping[str, Any]) -> dict[str, Any]:
    """A request's body without the members that are not set."""
    return {name: value for name, value in body.items() if value is not None}


_NOT_CONNECTED = (
    *(httpx.ConnectError, httpx.ConnectTimeout),
    *(httpx.ProxyError, httpx.UnsupportedProtocol),
)
"""Failures before there was a connection."""


@dataclass(slots=True)
class _Connections:
    """The connections to an endpoint that are in use, and how many requests use them."""

    client: httpx.AsyncClient
    requests: int = 0


class HttpClient:
    """A client for one endpoint. `timeout_ms` bounds the wait for the first event of an answer."""

    def __init__(
        self, base_url: str, key: Secret | None, timeout_ms: int, link: ConnectionOptions = _PLAIN
    ) -> None:
        self._base_url = strip_route(base_url)
        self._host = display_host(self._base_url)
        self._key = key
        self._link = link
        self._timeouts = Timeouts.of(
            timeout_ms, link.connect_ms, link.read_timeout_ms, link.total_timeout_ms
        )
        self._connections: _Connections | None = None
        self._kept_lost = 0
        """How many times a connection was given up that had been used before."""
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
            pieces = self._attempt(replace(request, deadline=deadline), ask, deadline)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def _attempt(
        self,
        request: _Request,
        ask: Callable[[_Request], AsyncGenerator[_T, None]],
        limit: Deadline,
    ) -> AsyncGenerator[_T, None]:
        """What `ask` yields; if a kept connection is lost before, once more on a new one."""
        has_begun, is_second = False, False
        while True:
            lost = self._kept_lost
            try:
                async with aclosing(limit.limit(ask(request))) as pieces:
                    async for piece in pieces:
                        has_begun = True
                        yield piece
                return
            except (EndpointUnreachable, ServerOverloaded):
                if has_begun or is_second or self._kept_lost == lost:
                    raise
                is_second = True
                limit.restart()

    async def events(
        self,
        path: str,
        body: Mapping[str, Any],
        request: FimRequest | ChatRequest,
        on_headers: Callable[[Mapping[str, str]], None] = lambda headers: None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """POST `body` and yield the object in each event, up to `[DONE]` or the end.

        `request`, which `body` was made from, sets the bounds: its deadline is enforced by
        `answer`. `on_headers` gets the headers of a success, whose names ignore case. Raises
        ProviderError.
        """
        asked = self._asked(path, str(body.get("model", "")))
        with self._map_errors(asked, request.deadline):
            content = encode_json(body)
            async with self._exchange("POST", path, "text/event-stream", content) as response:
                await raise_for_error(response, asked)
                on_headers(response.headers)
                size = AnswerSize(request.max_tokens, asked.host)
                async with aclosing(read_events(response, size, asked)) as events:
                    async for data in events:
                        if request.deadline is not None:
                            request.deadline.event_received()
                        yield parse_event(data, asked)

    async def get(self, path: str) -> Any:
        """GET a JSON document. Raises ProviderError."""
        return await self._document(path, self._asked(path))

    async def post(
        self, path: str, body: Mapping[str, Any], *, timeout_s: float | None = None
    ) -> Any:
        """POST a request whose answer is one JSON document; `timeout_s` if that takes long.

        Raises ProviderError.
        """
        asked = self._asked(path, str(body.get("model", "")))
        return await self._document(path, asked, encode_json(body), timeout_s)

    async def _document(
        self,
        path: str,
        asked: RequestInfo,
        content: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Ask; if a kept connection is lost before the answer, once more on a new one."""
        lost = self._kept_lost
        try:
            return await self._read_document(path, asked, content, timeout_s)
        except EndpointUnreachable:
            if self._kept_lost == lost:
                raise
        return await self._read_document(path, asked, content, timeout_s)

    async def _read_document(
        self, path: str, asked: RequestInfo, content: bytes | None, timeout_s: float | None
    ) -> Any:
        async def read() -> Any:
            method = "GET" if content is None else "POST"
            async with self._exchange(method, path, "application/json", content) as response:
                await raise_for_error(response, asked)
                return await read_json(response, asked)

        with self._map_errors(asked):
            return await self.with_timeout(read(), timeout_s)

    async def with_timeout(self, step: Awaitable[_T], timeout_s: float | None = None) -> _T:
        """The result of a step that waits for the endpoint, within `timeout_s` or, if that is None,
        the timeout for a first event.

        Raises EndpointUnreachable, and cancels it, when the time is up.
        """
        timeouts = self._timeouts
        if timeout_s is not None:
            timeouts = replace(timeouts, first_s=timeout_s, whole_s=timeout_s)
        return await Deadline(timeouts, self._host).wait(step)

    async def close(self) -> None:
        """Close all connections; open streams and later requests fail."""
        self._is_closed = True
        if self._connections is not None:
            await self._sender.close()
            await self._connections.client.aclose()
            self._connections = None

    @asynccontextmanager
    async def _exchange(
        self, method: str, path: str, accept: str, content: bytes | None
    ) -> AsyncIterator[httpx.Response]:
        """Send a request, and close its answer. Raises what httpx raises.

        Connections that broke or fell silent are not used again.
        """
        connections = self._connected()
        request = connections.client.build_request(
            method,
            self._url(path),
            content=content,
            headers=self._headers(accept, content is not None),
        )
        connections.requests += 1
        try:
            response = await self._sender.send(connections.client, request)
            try:
                yield response
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            if not isinstance(error, _NOT_CONNECTED):
                self._give_up(connections, request)
            raise
        except asyncio.CancelledError:
            if self._sender.silent_s >= self._timeouts.silence_s:
                self._give_up(connections, request)
            raise
        finally:
            connections.requests -= 1
            if connections is not self._connections and not connections.requests:
                await asyncio.shield(self._sender.finish(connections.client.aclose()))

    def _give_up(self, connections: _Connections, request: httpx.Request) -> None:
        """Send nothing more over `connections`; they are closed once their requests are over."""
        if request.extensions.get("is_kept"):
            self._kept_lost += 1
        if connections is self._connections:
            self._connections = None
            self._sender.silent_s = 0.0

    def _url(self, path: str) -> httpx.URL:
        """Parsed once, as a keystroke waits for it. Raises InvalidURL."""
        if path not in self._urls:
            self._urls[path] = parse_url(self._base_url + path)
        return self._urls[path]

    def _connected(self) -> _Connections:
        """Raises httpx.ConnectError after `close`: nothing would close a new connection."""
        if self._is_closed:
            raise httpx.ConnectError("The client was closed.")
        if self._connections is None:
            client = create_client(self._base_url, self._link, self._timeouts.connect_s)
            self._connections = _Connections(client)
        return self._connections

    def _headers(self, accept: str, has_body: bool) -> httpx.Headers:
        further = {
            name: header_value(value, allows_spaces=True) for name, value in self._link.headers
        }
        headers = httpx.Headers(further)
        headers.update({"Accept": accept, "User-Agent": USER_AGENT})
        # Compression delays a stream, and a few bytes may unfold to many.
        headers["Accept-Encoding"] = "identity"
        if has_body:
            headers["Content-Type"] = "application/json"
        if self._key is not None:
            headers["Authorization"] = f"Bearer {header_value(self._key)}"
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
                raise map_transport_error(
                    error, self._base_url, self._link, self._timeouts.connect_s
                ) from None
            except EventTooLong:
                raise InvalidResponse(f"{asked.host} sent an event without end.") from None
