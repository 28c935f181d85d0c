"""Ollama: gaps by `suffix` where the model can insert, else by a template sent raw; conversations.

Its streams are JSON lines, errors in them come with status 200, and an empty prompt only loads the
model. What a model can do is asked of /api/show once.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from devstral_lsp.providers.base import Chunk, Endpoint, FimRequest
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient, drop_empty
from devstral_lsp.providers.fim.template_strategy import TemplateStrategy
from devstral_lsp.providers.fim.templates import FimTemplate
from devstral_lsp.providers.ollama_chat import OllamaChat, OllamaDecoder, options
from devstral_lsp.providers.openai_chat import ChatStrategy

PATH = "/api/generate"
TAGS_PATH = "/api/tags"
SHOW_PATH = "/api/show"

_ROUTE = re.compile(r"/api(/[a-z]+)?/*$")
_WINDOW = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)


class OllamaProvider(CompositeProvider):
    """A FimProvider and a ChatProvider for one server."""

    def __init__(self, endpoint: Endpoint) -> None:
        address = _ROUTE.sub("", endpoint.base_url)
        caller = EndpointClient(
            "ollama", replace(endpoint, base_url=address), models_path=TAGS_PATH
        )
        server = _Server(caller)
        chat = OllamaChat(caller)
        template = TemplateStrategy(caller, server.complete)
        ways = (OllamaSuffixStrategy(server, template), template, ChatStrategy(caller, chat))
        super().__init__(caller, chat, ways)


@dataclass(frozen=True, slots=True)
class _OllamaCapabilities:
    """What /api/show says of a model."""

    inserts: bool = False
    thinks: bool = False


class _Server:
    """What can be asked of the server about its models."""

    def __init__(self, caller: EndpointClient) -> None:
        self.caller = caller
        self._known: dict[str, _OllamaCapabilities] = {}

    async def abilities(self) -> _OllamaCapabilities:
        """Of the model in use. Raises ProviderError."""
        model = await self.caller.model(for_fim=True)
        if model not in self._known:
            told = await self.caller.http.post(SHOW_PATH, {"model": model})
            self._known[model] = self._read(told if isinstance(told, dict) else {})
        return self._known[model]

    def _read(self, told: Mapping[str, Any]) -> _OllamaCapabilities:
        window = _WINDOW.search(str(told.get("parameters") or ""))
        if window is not None:
            self.caller.context_tokens = int(window[1])
        found = told.get("capabilities")
        named = found if isinstance(found, list) else []
        return _OllamaCapabilities(inserts="insert" in named, thinks="thinking" in named)

    async def generate(
        self, request: FimRequest, asked: Mapping[str, Any], stops: Sequence[str] = ()
    ) -> AsyncGenerator[Chunk, None]:
        """One request to /api/generate, with the members of `asked`."""
        body = {
            "model": await self.caller.model(for_fim=True),
            **asked,
            # A model that thinks does so before every answer unless it is told not to.
            "think": False if (await self.abilities()).thinks else None,
            "options": options(request, stops),
            "stream": True,
        }
        async with aclosing(self.caller.stream(PATH, drop_empty(body), OllamaDecoder)) as chunks:
            async for chunk in chunks:
                yield chunk

    def complete(self, request: FimRequest, template: FimTemplate) -> AsyncGenerator[Chunk, None]:
        """What the model writes behind a gap that stands in the prompt, past its own template."""
        asked = {"prompt": template.render(request), "raw": True}
        return self.generate(request, asked, template.stops)


class OllamaSuffixStrategy:
    """Prompt and suffix as they are: the model's own template on the server knows how."""

    name = "suffix"
    evidence = "the server says that the model can insert"

    def __init__(self, server: _Server, template: TemplateStrategy) -> None:
        self._server = server
        self._template = template

    async def is_supported(self) -> bool:
        return (await self._server.abilities()).inserts

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text.

        At either end of a file it goes by the template if that is known: without a prompt nothing
        would be generated, and without a suffix the server would make a conversation of it.
        """
        if not (request.prompt and request.suffix) and await self._template.is_supported():
            stream = self._template.fim(request)
        else:
            asked = {"prompt": request.prompt or "\n", "suffix": request.suffix or "\n"}
            stream = self._server.generate(request, asked)
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                yield chunk
