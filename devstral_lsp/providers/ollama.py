"""Ollama: gaps by `suffix` where the model can insert, else by a template sent raw; and chat.

Streams are JSON lines, errors in them come with status 200, and an empty prompt only loads the
model. /api/show tells once what a model can do. Chat messages arrive in Mistral's shape and leave
in Ollama's: text and images apart, a tool call's arguments as an object, limits under `options`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any

from devstral_lsp.errors import InvalidResponse, ProviderError, ServerOverloaded
from devstral_lsp.providers.base import (
    LOADING_TIMEOUT_S,
    ChatRequest,
    Chunk,
    Endpoint,
    FimRequest,
    FinishReason,
)
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.strategy import TemplateStrategy
from devstral_lsp.providers.fim.templates import FimTemplate
from devstral_lsp.providers.http.client import drop_none
from devstral_lsp.providers.http.error_mapping import loading_error
from devstral_lsp.providers.metering import Usage
from devstral_lsp.providers.openai_decoder import MAX_TOOL_CALLS, count_of, text_of, too_many_calls
from devstral_lsp.providers.streaming import StreamDecoder, finish_reason, piece_of, tokens_of

GENERATE_PATH = "/api/generate"
CHAT_PATH = "/api/chat"
TAGS_PATH = "/api/tags"
SHOW_PATH = "/api/show"

_SLOW_S = 3.0
"""A loaded model begins sooner, also after a prompt of some thousand tokens on a small machine."""

_ROUTE = re.compile(r"/api(/[a-z]+)?/*$")
_CONTEXT_TOKENS = re.compile(r"^num_ctx\s+(\d{1,9})(?!\d)", re.MULTILINE)


def build(name: str, endpoint: Endpoint) -> CompositeProvider:
    """The provider of one server."""
    address = _ROUTE.sub("", endpoint.base_url)
    client = EndpointClient(name, replace(endpoint, base_url=address), models_path=TAGS_PATH)
    server = _OllamaServer(client)
    template = TemplateStrategy(client, server.complete)
    strategies = (_OllamaSuffixStrategy(server, template), template)
    return CompositeProvider(client, server, strategies, sees=server.sees)


@dataclass(frozen=True, slots=True)
class _Capabilities:
    """What /api/show says about a model."""

    inserts: bool = False
    thinks: bool = False
    sees: bool = False


class _ModelLoader:
    """Loads the model with a request that no caller cancels, once an answer is slow to begin.

    Ollama stops loading when the client that caused it disconnects, as happens when the user types
    on; a request that waits at the same time then takes over (ollama/ollama#4638).
    """

    def __init__(self, client: EndpointClient) -> None:
        self._client = client
        self._slow_s = min(_SLOW_S, client.endpoint.timeout_ms / 2000)
        self._loading: asyncio.Task[None] | None = None

    async def watch(
        self, model: str, chunks: AsyncGenerator[Chunk, None]
    ) -> AsyncGenerator[Chunk, None]:
        """The same chunks. Raises ServerOverloaded while the model is being loaded."""
        async with aclosing(chunks):
            chunk = await self._first(model, chunks)
            while chunk is not None:
                yield chunk
                chunk = await anext(chunks, None)

    async def _first(self, model: str, chunks: AsyncGenerator[Chunk, None]) -> Chunk | None:
        first = asyncio.ensure_future(anext(chunks, None))
        try:
            await asyncio.wait((first,), timeout=self._slow_s)
            if not first.done():
                if self._loading is None or self._loading.done():
                    self._loading = asyncio.create_task(self._load(model), name="load")
                loading = self._loading
                # A model that is loaded already is reported at once: then the answer is just slow.
                await asyncio.wait(
                    (first, loading),
                    timeout=self._slow_s / 3,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if not first.done() and not loading.done():
                    raise self._error(model)
            return await first
        finally:
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)

    async def _load(self, model: str) -> None:
        """An empty prompt only loads the model. The next request reports a failure as well."""
        body = {"model": model, "prompt": "", "stream": False}
        with suppress(ProviderError):
            await self._client.http.post(GENERATE_PATH, body, timeout_s=LOADING_TIMEOUT_S)

    def _error(self, model: str) -> ServerOverloaded:
        return loading_error(self._client.name, f"the model {model}")


class _OllamaServer:
    """The routes of one server. `chat` makes it a `ChatBackend`."""

    can_prefill = False
    """Whether it continues our message depends on the model's template, so this is not used."""

    def __init__(self, client: EndpointClient) -> None:
        self._client = client
        self._known: dict[str, _Capabilities] = {}
        self._loader = _ModelLoader(client)

    async def capabilities(self, *, for_fim: bool = True) -> _Capabilities:
        """Those of the model in use. Raises ProviderError."""
        model = await self._client.model(for_fim=for_fim)
        if model not in self._known:
            answer = await self._client.http.post(SHOW_PATH, {"model": model})
            if not (isinstance(answer, dict) and answer):
                raise InvalidResponse("The server did not say what its model can do.")
            facts = answer
            window = _CONTEXT_TOKENS.search(str(facts.get("parameters") or ""))
            if window is not None:
                self._client.context_tokens = int(window[1])
            found = facts.get("capabilities")
            named = found if isinstance(found, list) else []
            self._known[model] = _Capabilities(
                "insert" in named, "thinking" in named, "vision" in named
            )
        return self._known[model]

    async def sees(self) -> bool:
        """Whether the model that chats takes images. Raises ProviderError."""
        return (await self.capabilities(for_fim=False)).sees

    async def generate(
        self, request: FimRequest, prompt: Mapping[str, Any], stops: Sequence[str] = ()
    ) -> AsyncGenerator[Chunk, None]:
        """Stream the answer of /api/generate to the members of `prompt`."""
        body = {
            **prompt,
            # A model that thinks does so before every answer unless this is false.
            "think": False if (await self.capabilities()).thinks else None,
            "options": _options(request, stops),
            "logprobs": True,
            "stream": True,
        }
        stream = self._client.stream(request, GENERATE_PATH, body, OllamaDecoder)
        model = await self._client.model(for_fim=True)
        async with aclosing(self._loader.watch(model, stream)) as chunks:
            async for chunk in chunks:
                yield chunk

    def complete(self, request: FimRequest, template: FimTemplate) -> AsyncGenerator[Chunk, None]:
        """Stream the continuation of a prompt that holds the gap, without the model's template."""
        prompt = {"prompt": template.render(request), "raw": True}
        return self.generate(request, prompt, template.stops)

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer. Raises ProviderError."""
        body = {
            "messages": [_message(message) for message in request.messages],
            "tools": list(request.tools) or None,
            "format": _format(request.response_format),
            "options": _options(request),
            "stream": True,
        }
        stream = self._client.stream(request, CHAT_PATH, body, OllamaDecoder)
        model = await self._client.model(for_fim=False)
        async with aclosing(self._loader.watch(model, stream)) as chunks:
            async for chunk in chunks:
                yield chunk


class _OllamaSuffixStrategy:
    """Sends prompt and suffix as they are; the server applies the model's own template."""

    name = "suffix"
    evidence = "the server says that the model can insert"

    def __init__(self, server: _OllamaServer, template: TemplateStrategy) -> None:
        self._server = server
        self._template = template

    async def is_supported(self) -> bool:
        return (await self._server.capabilities()).inserts

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text.

        At either end of a file it uses the template if one is known: without a prompt the server
        generates nothing, and without a suffix it treats the prompt as a chat message.
        """
        if not (request.prompt and request.suffix) and await self._template.is_supported():
            stream = self._template.fim(request)
        else:
            prompt = {"prompt": request.prompt or "\n", "suffix": request.suffix or "\n"}
            stream = self._server.generate(request, prompt)
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                yield chunk


def _options(request: FimRequest | ChatRequest, stops: Sequence[str] = ()) -> dict[str, Any]:
    """The limits of an answer. `stop` must be a list here, of any length."""
    return drop_none(
        {
            "num_predict": max(request.max_tokens, 1),
            "temperature": request.temperature,
            "top_p": request.top_p if request.top_p else None,
            "seed": request.random_seed,
            "stop": [stop for stop in dict.fromkeys((*request.stop, *stops)) if stop] or None,
        }
    )


class OllamaDecoder(StreamDecoder):
    """Reads the lines of /api/generate and of /api/chat."""

    def read(self, event: Mapping[str, Any]) -> str | None:
        """Take one line and give its text; None if it is no part of a completion.

        Raises InvalidResponse.
        """
        message = event.get("message")
        spoken = message if isinstance(message, dict) else {}
        if "response" not in event and not spoken and "done" not in event:
            return None
        self._add_calls(spoken.get("tool_calls"))
        if event.get("done") is True:
            self._end(event)
        self.tokens = tokens_of(event.get("logprobs"))
        return piece_of(spoken.get("content") if spoken else event.get("response"))

    def last(self) -> Chunk:
        """The same; Ollama gives no finish reason of its own for tool calls."""
        if self.tool_calls:
            self.finish = FinishReason.TOOL_CALLS
        return super().last()

    def _end(self, event: Mapping[str, Any]) -> None:
        """Older servers give no reason. "load" and "unload" mean that nothing was generated."""
        self.finish = finish_reason(event.get("done_reason") or "stop")
        prompt, answer = event.get("prompt_eval_count"), event.get("eval_count")
        if isinstance(answer, int):
            self.usage = Usage(prompt_tokens=count_of(prompt), completion_tokens=count_of(answer))

    def _add_calls(self, calls: Any) -> None:
        for call in calls if isinstance(calls, list) else ():
            given = call.get("function") if isinstance(call, dict) else None
            if isinstance(given, dict):
                arguments = json.dumps(given.get("arguments") or {}, ensure_ascii=False)
                function = {"name": str(given.get("name") or ""), "arguments": arguments}
                identity = str(call.get("id") or "")
                if len(self.tool_calls) == MAX_TOOL_CALLS:
                    raise too_many_calls()
                entry = {"id": identity, "type": "function", "function": function}
                self.tool_calls[len(self.tool_calls)] = entry


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    calls = message.get("tool_calls")
    return drop_none(
        {
            "role": message.get("role"),
            "images": [image for part in parts if (image := _image(part))] or None,
            "tool_calls": [_call(call) for call in calls] if isinstance(calls, list) else None,
            "tool_name": message.get("name") if message.get("role") == "tool" else None,
        }
    ) | {"content": text_of(content)}


def _image(part: Any) -> str:
    """The base64 of a data URI, which is all that Ollama takes."""
    given = part.get("image_url") if isinstance(part, dict) else None
    address = given.get("url") if isinstance(given, dict) else given
    return address.partition(";base64,")[2] if isinstance(address, str) else ""


def _call(call: Any) -> Any:
    """A tool call as it came from us, with its arguments as an object again."""
    function = call.get("function") if isinstance(call, dict) else None
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(arguments, str):
        return call
    try:
        parsed = json.loads(arguments)
    except (ValueError, RecursionError):
        parsed = {}
    return {"function": {"name": function.get("name"), "arguments": parsed}}


def _format(wanted: Mapping[str, Any] | None) -> Any:
    """`format`: a schema, or the word for any JSON."""
    kind = wanted.get("type") if wanted else None
    if kind == "json_schema" and wanted and isinstance(wanted.get("json_schema"), dict):
        return wanted["json_schema"].get("schema")
    return "json" if kind == "json_object" else None
