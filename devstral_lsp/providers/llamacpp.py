"""llama.cpp's own server: gaps by /infill, or by a template where its model has no FIM tokens.

Always streamed: a closed stream is all that stops it. Its native endpoints send no `[DONE]`, and
its `/v1/completions` ignores `suffix` without a word, so that it is not asked in that way. The
prompt's start must stand still for its cache to help, which the engine sees to.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import PurePosixPath
from typing import Any

from devstral_lsp.errors import InvalidResponse, ProviderError
from devstral_lsp.providers.base import Chunk, Endpoint, FimRequest, FinishReason, Usage
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient, drop_empty
from devstral_lsp.providers.fim.context_files import SplitPrompt, split_prompt
from devstral_lsp.providers.fim.template_strategy import TemplateStrategy
from devstral_lsp.providers.fim.templates import FimTemplate
from devstral_lsp.providers.openai_chat import ChatStrategy, OpenAiChat
from devstral_lsp.providers.openai_decoder import count_of

USUAL_BATCH_TOKENS = 2048
"""The server's default, which it does not tell."""
PROPS_TIMEOUT_S = 1.0
"""A server knows at once what it is. What hangs here, as a proxy may, need not hang elsewhere."""
LEAST_CHARACTERS_PER_TOKEN = 2
"""Code has more in any vocabulary."""

_FINISHES: Mapping[str, FinishReason] = {
    "eos": FinishReason.STOP,
    "word": FinishReason.STOP,
    "limit": FinishReason.LENGTH,
}


class LlamaCppProvider(CompositeProvider):
    """A FimProvider and a ChatProvider for one server."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = EndpointClient("llamacpp", endpoint)
        self._server = _Server(caller)
        # It goes on with a last message of the assistant's by itself.
        chat = OpenAiChat(caller, continuing={})
        ways = (
            InfillStrategy(self._server),
            LlamaCppTemplateStrategy(self._server),
            ChatStrategy(caller, chat),
        )
        super().__init__(caller, chat, ways)

    async def warm(self) -> None:
        """Connect, and learn the window on the way. Never raises ProviderError."""
        await self._server.fetch_props()
        await super().warm()


class _Server:
    """What can be asked of the server about itself."""

    def __init__(self, caller: EndpointClient) -> None:
        self.caller = caller
        self._looked = False

    async def fetch_props(self) -> None:
        """Learn the window and the model's file from /props, once, where that is switched on."""
        if self._looked:
            return
        with suppress(ProviderError, TimeoutError):
            async with asyncio.timeout(PROPS_TIMEOUT_S):
                props = await self.caller.http.get("/props")
            self._looked = True
            settings = props.get("default_generation_settings") if isinstance(props, dict) else None
            window = settings.get("n_ctx") if isinstance(settings, dict) else None
            if tokens := count_of(window):
                self.caller.context_tokens = tokens
            file = props.get("model_path") if isinstance(props, dict) else None
            if isinstance(file, str):
                self.caller.further_names = (PurePosixPath(file.replace("\\", "/")).name,)

    def room_for_extra(self, request: FimRequest) -> int:
        """How much text of other files /infill takes, in code points; more it drops silently.

        It leaves room for a batch and twice the answer before that, whatever the prompt needs
        (llama.cpp's source).
        """
        window = self.caller.context_tokens
        tokens = USUAL_BATCH_TOKENS if window is None else window - USUAL_BATCH_TOKENS
        return max(tokens - 2 * request.max_tokens, 0) * LEAST_CHARACTERS_PER_TOKEN

    def complete(self, request: FimRequest, template: FimTemplate) -> AsyncGenerator[Chunk, None]:
        """What the model writes behind a gap that stands in the prompt."""
        body = {"prompt": template.render(request), **_options(request, template.stops)}
        return self.caller.stream("/completion", body, LlamaCppDecoder)

    async def are_single_tokens(self, tokens: Sequence[str]) -> bool:
        """Whether each of these strings is one token, asked of all at once."""
        body = {"content": "".join(tokens), "add_special": False, "parse_special": True}
        answer = await self.caller.http.post("/tokenize", body)
        found = answer.get("tokens") if isinstance(answer, dict) else None
        return isinstance(found, list) and len(found) == len(tokens)


class InfillStrategy:
    """The server writes the gap itself, with the FIM tokens of its model."""

    name = "infill"
    evidence = "the server fills gaps with the model's own tokens"

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._caller = server.caller

    async def is_supported(self) -> bool:
        """Asked by the first request itself: a model without FIM tokens gets a 501 at once."""
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
        async with aclosing(self._caller.stream("/infill", body, LlamaCppDecoder)) as chunks:
            async for chunk in chunks:
                yield chunk


class LlamaCppTemplateStrategy(TemplateStrategy):
    """For Codestral, whose FIM tokens llama.cpp does not know as such."""

    def __init__(self, server: _Server) -> None:
        super().__init__(server.caller, server.complete, server.are_single_tokens)
        self._server = server

    async def template(self) -> FimTemplate | None:
        """By the name of the model's file, too."""
        await self._server.fetch_props()
        return await super().template()


def _options(request: FimRequest, stops: Sequence[str]) -> dict[str, Any]:
    """The members that both native endpoints share. It takes any number of stop strings."""
    return drop_empty(
        {
            "n_predict": max(request.max_tokens, 1),
            "stop": [stop for stop in (*request.stop, *stops) if stop] or None,
            "temperature": request.temperature,
            "top_p": request.top_p if request.top_p else None,
            "seed": request.random_seed,
            "cache_prompt": True,
            "stream": True,
        }
    )


class LlamaCppDecoder:
    """Reads the events of llama.cpp's native endpoints."""

    def __init__(self) -> None:
        self.finish: FinishReason | None = None
        self._usage: Usage | None = None

    def read(self, event: Mapping[str, Any]) -> str:
        """Take one event and give its text. Raises InvalidResponse."""
        if "content" not in event and "stop" not in event:
            raise InvalidResponse("The endpoint sent an event that is no part of a completion.")
        if event.get("stop") is True:
            self.finish = _FINISHES.get(str(event.get("stop_type")), FinishReason.INCOMPLETE)
            self._usage = _usage(event)
        text = event.get("content")
        return text if isinstance(text, str) else ""

    def last(self) -> Chunk:
        """The chunk that ends the stream; TRUNCATED if no event said why it ended."""
        return Chunk(finish=self.finish or FinishReason.INCOMPLETE, usage=self._usage)


def _usage(event: Mapping[str, Any]) -> Usage:
    """`tokens_cached` is the slot's size after the answer: the cache hit stands in the timings."""
    timings = event.get("timings")
    cached = timings.get("cache_n") if isinstance(timings, dict) else None
    return Usage(
        prompt_tokens=count_of(event.get("tokens_evaluated")),
        completion_tokens=count_of(event.get("tokens_predicted")),
        cached_tokens=count_of(cached),
    )
