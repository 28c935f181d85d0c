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
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager
from dataclasses import replace
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
from devstral_lsp.providers.http.base_address import BaseAddress
from devstral_lsp.providers.http.cancellation import result_of
from devstral_lsp.providers.http.connections import Connections
from devstral_lsp.providers.http.request_log import RequestInfo, RequestLogger
from devstral_lsp.providers.http.response import (
    parse_event,
    raise_for_error,
    read_events,
    read_json,
)
from devstral_lsp.providers.http.stream_parsers import EventTooLong
from devstral_lsp.providers.http.transport import (
    broken_answer_error,
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
_KEY_REFUSED = frozenset({401, 403})
"""Some gateways answer 403 to a token that has expired."""
_SURROGATE = re.compile("[\ud800-\udfff]")

for _name in ("httpx", "httpcore", "hpack", "h2"):
    # At DEBUG, hpack logs every header it packs, the key among them.
    logging.getLogger(_name).setLevel(logging.WARNING)


def encode_json(body: Mapping[str, Any]) -> bytes:
    """The body as UTF-8 JSON.

    Two surrogates that an editor sent one by one are joined to the character that they are; a lone
    one, which has no encoding, becomes U+FFFD.
    """
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.encode()


def drop_none(body: Mapping[str, Any]) -> dict[str, Any]:
    """A request's body without the members that are not set."""
    return {name: value for name, value in body.items() if value is not None}


class HttpClient:
    """A client for one endpoint. `timeout_ms` bounds the wait for the first event of an answer."""

    def __init__(
        self,
        base_url: str,
        key: Secret | None,
        timeout_ms: int,
        link: ConnectionOptions = _PLAIN,
        renew_key: Callable[[], Secret | None] = lambda: None,
    ) -> None:
        self._address = BaseAddress.of(base_url)
        self._host = display_host(self._address.root)
        self._key = key
        self._renew_key = renew_key
        self._renewing: asyncio.Task[Secret | None] | None = None
        self._link = link
        self._timeouts = Timeouts.of(
            timeout_ms, link.connect_ms, link.read_timeout_ms, link.total_timeout_ms
        )
        self._connections = Connections(self._create_client, self._timeouts.silence_s)
        self._urls: dict[str, httpx.URL] = {}
        self._logger = RequestLogger()

    @classmethod
    def of(cls, endpoint: Endpoint, default_base_url: str = "") -> Self:
        """The client of an endpoint, at `default_base_url` where it names no address."""
        address = endpoint.base_url or default_base_url
        return cls(
            address, endpoint.key, endpoint.timeout_ms, endpoint.connection, endpoint.renew_key
        )

    @property
    def connect_ms(self) -> float | None:
        """How long the last connection took to open, TLS included; None if none has opened."""
        return self._connections.connect_ms

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
            lost = self._connections.kept_lost
            try:
                async with aclosing(limit.limit(ask(request))) as pieces:
                    async for piece in pieces:
                        has_begun = True
                        yield piece
                return
            except (EndpointUnreachable, ServerOverloaded):
                if has_begun or is_second or self._connections.kept_lost == lost:
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
        `answer`. `on_headers` gets the headers of any reply, whose names ignore case. Raises
        ProviderError.
        """
        asked = self._asked(path, str(body.get("model", "")))
        with self._map_errors(asked, request.deadline):
            content = encode_json(body)
            async with self._exchange("POST", path, "text/event-stream", content) as response:
                on_headers(response.headers)
                await raise_for_error(response, asked)
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
        lost = self._connections.kept_lost
        try:
            return await self._read_document(path, asked, content, timeout_s)
        except EndpointUnreachable:
            if self._connections.kept_lost == lost:
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
        await self._connections.close()

    @asynccontextmanager
    async def _exchange(
        self, method: str, path: str, accept: str, content: bytes | None
    ) -> AsyncIterator[httpx.Response]:
        """The response; that to a second request if the first one's key has expired.

        Raises what httpx raises.
        """
        key = self._key
        async with self._exchange_once(method, path, accept, content) as response:
            if response.status_code not in _KEY_REFUSED or not await self._has_new_key(key):
                yield response
                return
        async with self._exchange_once(method, path, accept, content) as response:
            yield response

    def _exchange_once(
        self, method: str, path: str, accept: str, content: bytes | None
    ) -> AbstractAsyncContextManager[httpx.Response]:
        headers = self._headers(accept, content is not None)
        return self._connections.exchange(method, self._url(path), headers, content)

    def _create_client(self) -> httpx.AsyncClient:
        return create_client(self._address.root, self._link, self._timeouts.connect_s)

    async def _has_new_key(self, refused: Secret | None) -> bool:
        """Whether there is another key by now; looks it up once for all who wait for it.

        It goes on when a caller is cancelled: the next request needs the key as well.
        """
        if self._key != refused:
            return True
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.ensure_future(asyncio.to_thread(self._renew_key))
        new = await result_of(self._renewing)
        if new is None or new == refused:
            return False
        self._key = new
        return True

    def _url(self, path: str) -> httpx.URL:
        """Parsed once, as a keystroke waits for it. Raises InvalidURL."""
        if path not in self._urls:
            self._urls[path] = parse_url(self._address.url(path))
        return self._urls[path]

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
                if deadline is not None and deadline.is_answering:
                    raise broken_answer_error(asked.host) from None
                raise map_transport_error(
                    error, self._address.root, self._link, self._timeouts.connect_s
                ) from None
            except EventTooLong:
                raise InvalidResponse(f"{asked.host} sent an event without end.") from None
