"""Mistral's own API, on any of its hosts: fill-in-the-middle and chat, both streamed.

Chooses the model where the user did not, and fills gaps by chat where the user's model has no
FIM. It knows what to send and when to try again, not how bytes travel (`http.py`) nor how events
are read (`reply.py`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from devstral_lsp.errors import FimNotSupported, InvalidRequest, ModelNotFound
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import (
    ChatRequest,
    Chunk,
    Endpoint,
    FimRequest,
    ModelInfo,
    Notice,
)
from devstral_lsp.providers.fim.via_chat import fim_via_chat
from devstral_lsp.providers.http.answer_size import tokens_wanted
from devstral_lsp.providers.http.client import HttpClient
from devstral_lsp.providers.http.timeouts import shared_deadline
from devstral_lsp.providers.mistral_payload import chat_body, fim_body
from devstral_lsp.providers.models.cards import (
    DEFAULT_CHAT_MODEL,
    DEFAULT_FIM_MODEL,
    choose_model,
    is_retiring,
    retirement_notice,
    supports_fim,
)
from devstral_lsp.providers.models.model_list import ModelList
from devstral_lsp.providers.models.pricing import (
    apply_user_overrides,
    limits_for_window,
    lookup_model_info,
)
from devstral_lsp.providers.openai_decoder import ChatDecoder
from devstral_lsp.providers.streaming import decode_stream

FIM_PATH = "/v1/fim/completions"
CHAT_PATH = "/v1/chat/completions"
DEPRECATION_HEADER = "x-model-deprecation-timestamp"
DISPENSABLE = frozenset({"prediction", "prompt_cache_key"})
"""Members that make an answer come sooner and no different. Where an endpoint or a model refuses
one by its name, it is left out for good."""


class MistralProvider:
    """A FimProvider and a ChatProvider for one endpoint. `name` is its word in the registry."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self.limits = limits_for_window(endpoint.context_tokens)
        self._endpoint = endpoint
        self._http = HttpClient.of(endpoint, PROVIDERS[name].default_base_url)
        self._offer = ModelList(self._http)
        self._told: set[str] = set()
        self._refused_fim = False
        self._refused: set[str] = set()

    async def warm(self) -> None:
        """Connect, and learn on the way which models there are."""
        await self._offer.fetch()
        if told := retirement_notice(self._model(for_fim=True), self._offer.cards):
            self._tell("deprecation", told)

    async def close(self) -> None:
        await self._offer.close()
        await self._http.close()

    @shared_deadline
    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text, by chat if the user's model has no FIM. Raises ProviderError."""
        model = self._model(for_fim=True)
        first = self._by_chat(request) if self._lacks_fim() else self._fim_once(request, model)
        try:
            async with aclosing(first) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        except (ModelNotFound, FimNotSupported) as error:
            second = await self._other_way(request, model, error)
        async with aclosing(second) as chunks:
            async for chunk in chunks:
                yield chunk

    @shared_deadline
    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer, without such DISPENSABLE as are refused. Raises ProviderError."""
        while True:
            body = self._chat_body(request)
            try:
                async with aclosing(self._stream(CHAT_PATH, body)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                return
            except ModelNotFound as error:
                await self._choose_another(error)
            except InvalidRequest as error:
                self._dispense_with(set(error.fields) & DISPENSABLE & set(body), error)

    async def supports_images(self) -> bool:
        """Whether the model takes images, as the endpoint says of it; False if it says nothing."""
        await self._offer.fetch()
        model = self._model(for_fim=False)
        return any(card.vision for card in self._offer.cards if model in card.names)

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """What the user, the endpoint, or Mistral's documentation says of the model in use."""
        await self._offer.fetch()
        known = lookup_model_info(self._model(for_fim=for_fim), self._offer.cards, at_mistral=True)
        return apply_user_overrides(known, self._endpoint)

    def _model(self, *, for_fim: bool) -> str:
        for_chat = not for_fim and self.name == "mistral"
        usual = DEFAULT_CHAT_MODEL if for_chat else DEFAULT_FIM_MODEL
        return self._endpoint.model or choose_model(self._offer.cards, for_fim=for_fim, usual=usual)

    def _lacks_fim(self) -> bool:
        """Whether the user's own choice is known not to fill gaps."""
        chosen = self._endpoint.model
        if not chosen:
            return False
        return self._refused_fim or supports_fim(chosen, self._offer.cards) is False

    async def _other_way(
        self, request: FimRequest, model: str, error: ModelNotFound | FimNotSupported
    ) -> AsyncGenerator[Chunk, None]:
        """What may help after `error`: another model if ours was automatic, chat for no FIM."""
        if not self._endpoint.model:
            await self._offer.fetch()
            other = self._model(for_fim=True)
            if other != model:
                return self._fim_once(request, other)
        elif isinstance(error, FimNotSupported):
            self._refused_fim = True
            return self._by_chat(request)
        raise error

    def _dispense_with(self, refused: set[str], error: InvalidRequest) -> None:
        """Never send these members again; raises `error` if there are none."""
        if not refused:
            raise error
        self._refused |= refused

    async def _choose_another(self, error: ModelNotFound) -> None:
        """See to it that the next automatic choice is another model, or raise `error`."""
        if self._endpoint.model:
            raise error
        before = self._model(for_fim=False)
        await self._offer.fetch()
        if self._model(for_fim=False) == before:
            raise error

    def _by_chat(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        self._tell(
            "no-fim",
            f"The model {self._endpoint.model} has no fill-in-the-middle at this endpoint. Gaps "
            "are filled by its chat endpoint instead, which is slower and dearer; "
            f"the model {DEFAULT_FIM_MODEL} fills them directly.",
        )
        return fim_via_chat(self, request, continuing=True)

    def _fim_once(self, request: FimRequest, model: str) -> AsyncGenerator[Chunk, None]:
        return self._stream(FIM_PATH, fim_body(request, model))

    def _chat_body(self, request: ChatRequest) -> dict[str, Any]:
        return chat_body(request, self._model(for_fim=False), without=self._refused)

    def _stream(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[Chunk, None]:
        """One request. The last chunk comes when the connection is free again."""

        def heed(headers: Mapping[str, str]) -> None:
            self._heed_deprecation(headers, str(body["model"]))

        return decode_stream(
            self._http.events(path, body, heed), ChatDecoder(), tokens_wanted(body)
        )

    def _heed_deprecation(self, headers: Mapping[str, str], model: str) -> None:
        stamp = headers.get(DEPRECATION_HEADER)
        if stamp is not None:
            self._tell("deprecation", is_retiring(model, stamp))

    def _tell(self, topic: str, sentence: str) -> None:
        if topic not in self._told:
            self._told.add(topic)
            self._endpoint.notify(Notice(topic, sentence))
