"""llama.cpp's server: gaps by /infill, or by a template where the model has no FIM tokens.

Requests are always streamed: only closing the stream stops generation. The native routes send no
`[DONE]`, and `/v1/completions` silently ignores `suffix`, so it is not used. The server's prompt
cache helps only while the start of the prompt stays the same, which the engine ensures.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import PurePosixPath
from typing import Any

from devstral_lsp.errors import InvalidResponse, ProviderError
from devstral_lsp.providers.base import Chunk, Endpoint, FimRequest
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.strategy import TemplateStrategy
from devstral_lsp.providers.fim.templates import FimTemplate, SplitPrompt, split_prompt
from devstral_lsp.providers.metering import Usage
from devstral_lsp.providers.openai_chat import OpenAiChat
from devstral_lsp.providers.openai_decoder import count_of
from devstral_lsp.providers.streaming import StreamDecoder, finish_reason, piece_of, tokens_of

DEFAULT_BATCH_TOKENS = 2048
"""The server's default; no route reports the real value."""
PROPS_TIMEOUT_S = 1.0
"""The server answers at once. A proxy in between may hang on this route and not on others."""
MIN_CHARACTERS_PER_TOKEN = 2
"""Code has more than that in any vocabulary."""


def build(name: str, endpoint: Endpoint) -> CompositeProvider:
    """The provider of one server."""
    client = EndpointClient(name, endpoint)
    return _LlamaCpp(client, _LlamaCppServer(client))


class _LlamaCpp(CompositeProvider):
    """Learns the context window while warming up."""

    def __init__(self, client: EndpointClient, server: _LlamaCppServer) -> None:
        # The server continues a last message of the assistant by itself.
        chat = OpenAiChat(client, prefill_fields={})
        strategies = (_InfillStrategy(server), _LlamaCppTemplateStrategy(server))
        super().__init__(client, chat, strategies, sees=server.sees)
        self._server = server

    async def warm(self) -> None:
        await self._server.fetch_props()
        await super().warm()


class _LlamaCppServer:
    """The server's routes besides chat, and what it says about itself."""

    def __init__(self, client: EndpointClient) -> None:
        self.client = client
        self._knows_props = False
        self._has_vision = False

    async def fetch_props(self) -> None:
        """Learn the window and the model's file from /props, once, where that is switched on."""
        if self._knows_props:
            return
        with suppress(ProviderError, TimeoutError):
            async with asyncio.timeout(PROPS_TIMEOUT_S):
                props = await self.client.http.get("/props")
            self._knows_props = True
            settings = props.get("default_generation_settings") if isinstance(props, dict) else None
            window = settings.get("n_ctx") if isinstance(settings, dict) else None
            if tokens := count_of(window):
                self.client.context_tokens = tokens
            modalities = props.get("modalities") if isinstance(props, dict) else None
            self._has_vision = isinstance(modalities, dict) and modalities.get("vision") is True
            file = props.get("model_path") if isinstance(props, dict) else None
            if isinstance(file, str):
                self.client.further_names = (PurePosixPath(file.replace("\\", "/")).name,)

    async def sees(self) -> bool:
        """Whether the model takes images: it does with a projector (`--mmproj`)."""
        await self.fetch_props()
        return self._has_vision

    def room_for_extra(self, request: FimRequest) -> int:
        """How much text of other files /infill takes, in code points; it silently drops the rest.

        According to llama.cpp's source it first reserves a batch and twice the answer, whatever
        the prompt needs.
        """
        window = self.client.context_tokens
        tokens = DEFAULT_BATCH_TOKENS if window is None else window - DEFAULT_BATCH_TOKENS
        return max(tokens - 2 * request.max_tokens, 0) * MIN_CHARACTERS_PER_TOKEN

    def complete(self, request: FimRequest, template: FimTemplate) -> AsyncGenerator[Chunk, None]:
        """Stream the continuation of a prompt that the template has written the gap into."""
        body = {"prompt": template.render(request), **_options(request, template.stops)}
        return self.stream("/completion", request, body)

    def stream(
        self, path: str, request: FimRequest, body: Mapping[str, Any]
    ) -> AsyncGenerator[Chunk, None]:
        """The answer of a native route, which takes no model."""
        return self.client.stream(request, path, body, LlamaCppDecoder, names_model=False)

    async def are_single_tokens(self, tokens: Sequence[str]) -> bool:
        """Whether each of these strings is one token, in a single request."""
        body = {"content": "".join(tokens), "add_special": False, "parse_special": True}
        answer = await self.client.http.post("/tokenize", body)
        found = answer.get("tokens") if isinstance(answer, dict) else None
        if not isinstance(found, list):
            raise InvalidResponse("The server did not say how it tokenizes a text.")
        return len(found) == len(tokens)


class _InfillStrategy:
    """The server writes the gap itself, with the FIM tokens of its model."""

    name = "infill"
    evidence = "the server fills gaps with the model's own tokens"

    def __init__(self, server: _LlamaCppServer) -> None:
        self._server = server

    async def is_supported(self) -> bool:
        """The first request finds out: without FIM tokens, the server answers 501 at once."""
        return True

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        await self._server.fetch_props()
        has_room = self._server.room_for_extra(request) >= request.context_length
        parts = split_prompt(request) if has_room else SplitPrompt((), "", request.prompt)
        extra = [{"filename": each.name, "text": each.text} for each in parts.files]
        body = {
            "input_prefix": parts.own,
            "input_suffix": request.suffix,
            "input_extra": extra,
            "prompt": "",
            **_options(request, ()),
        }
        async with aclosing(self._server.stream("/infill", request, body)) as chunks:
            async for chunk in chunks:
                yield chunk


class _LlamaCppTemplateStrategy(TemplateStrategy):
    """For Codestral, whose FIM tokens llama.cpp does not recognize."""

    def __init__(self, server: _LlamaCppServer) -> None:
        super().__init__(server.client, server.complete, server.are_single_tokens)
        self._server = server

    async def template(self) -> FimTemplate | None:
        """The template, found by the name of the model's file as well."""
        await self._server.fetch_props()
        return await super().template()


def _options(request: FimRequest, stops: Sequence[str]) -> dict[str, Any]:
    """The members that both native routes share. The server takes any number of stop strings."""
    return {
        "n_predict": max(request.max_tokens, 1),
        "stop": [stop for stop in (*request.stop, *stops) if stop] or None,
        "temperature": request.temperature,
        "top_p": request.top_p if request.top_p else None,
        "seed": request.random_seed,
        "cache_prompt": True,
        "n_probs": 1,
        "stream": True,
    }


class LlamaCppDecoder(StreamDecoder):
    """Reads the events of llama.cpp's native endpoints."""

    def read(self, event: Mapping[str, Any]) -> str | None:
        """Take one event and give its text; None if it is no part of a completion.

        Raises InvalidResponse.
        """
        if "content" not in event and "stop" not in event:
            return None
        if event.get("stop") is True:
            self.finish = finish_reason(event.get("stop_type", "none"))
            self.usage = _usage(event)
        self.tokens = tokens_of(event.get("completion_probabilities"))
        return piece_of(event.get("content"))


def _usage(event: Mapping[str, Any]) -> Usage:
    """`tokens_cached` is the slot's size after the answer: the cache hit stands in the timings."""
    timings = event.get("timings")
    cached = timings.get("cache_n") if isinstance(timings, dict) else None
    return Usage(
        prompt_tokens=count_of(event.get("tokens_evaluated")),
        completion_tokens=count_of(event.get("tokens_predicted")),
        cached_tokens=count_of(cached),
    )
