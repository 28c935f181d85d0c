"""Mistral's API on any of its hosts: fill-in-the-middle and chat, both streamed.

Chooses the model where the user did not, and fills gaps by chat where the user's model has no FIM.
Both schemas forbid members they do not list, and most members may not be null: what is not set is
left out.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
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
from devstral_lsp.providers.http.client import HttpClient, drop_none
from devstral_lsp.providers.model_catalog import (
    DEFAULT_CHAT_MODEL,
    DEFAULT_FIM_MODEL,
    apply_user_overrides,
    choose_model,
    limits_for_window,
    lookup_model_info,
    retirement_notice,
    retirement_sentence,
    supports_fim,
)
from devstral_lsp.providers.model_list import ModelList
from devstral_lsp.providers.openai_decoder import ChatDecoder
from devstral_lsp.providers.stop_sequences import stop_sequences_for_request
from devstral_lsp.providers.streaming import decode_stream

FIM_PATH = "/v1/fim/completions"
CHAT_PATH = "/v1/chat/completions"
DEPRECATION_HEADER = "x-model-deprecation-timestamp"
OPTIONAL_FIELDS = frozenset({"prediction", "prompt_cache_key"})
"""Members that only make an answer come sooner. If an endpoint or a model refuses one by its name,
it is left out from then on."""


def build(name: str, endpoint: Endpoint) -> MistralProvider:
    """The provider of one of Mistral's hosts."""
    return MistralProvider(name, endpoint)


class MistralProvider:
    """A FimProvider and a ChatProvider for one endpoint. `name` is that of its registry row."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self.limits = limits_for_window(endpoint.context_tokens)
        self._endpoint = endpoint
        self._http = HttpClient.of(endpoint, PROVIDERS[name].default_base_url)
        self._model_list = ModelList(self._http)
        self._notified: set[str] = set()
        self._refused_fim = False
        self._refused: set[str] = set()

    async def warm(self) -> None:
        """Connect by listing the models; warn if the one in use will be retired."""
        await self._model_list.fetch()
        notice = retirement_notice(self._model(for_fim=True), self._model_list.cards)
        if notice:
            self._notify_once("deprecation", notice)

    async def close(self) -> None:
        await self._model_list.close()
        await self._http.close()

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text, by chat if the user's model has no FIM. Raises ProviderError."""
        return self._http.answer(request, self._fim)

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer. Raises ProviderError."""
        return self._http.answer(request, self._chat)

    async def _fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        model = self._model(for_fim=True)
        first = self._by_chat(request) if self._lacks_fim() else self._fim_once(request, model)
        try:
            async with aclosing(first) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        except (ModelNotFound, FimNotSupported) as error:
            second = await self._retry(request, model, error)
        async with aclosing(second) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Without such OPTIONAL_FIELDS as the endpoint refuses."""
        while True:
            body = _chat_body(request, self._model(for_fim=False), without=self._refused)
            try:
                async with aclosing(self._stream(request, CHAT_PATH, body)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                return
            except ModelNotFound as error:
                await self._choose_another(error)
            except InvalidRequest as error:
                refused = set(error.fields) & OPTIONAL_FIELDS & set(body)
                if not refused:
                    raise
                self._refused |= refused

    async def supports_images(self) -> bool:
        """Whether the model takes images, according to the endpoint; False if it does not say."""
        await self._model_list.fetch()
        card = self._model_list.card(self._model(for_fim=False))
        return card is not None and card.vision

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """What the user, the endpoint or Mistral's documentation says about the model in use."""
        await self._model_list.fetch()
        model = self._model(for_fim=for_fim)
        facts = lookup_model_info(model, self._model_list.cards, at_mistral=True)
        return apply_user_overrides(facts, self._endpoint)

    def _model(self, *, for_fim: bool) -> str:
        for_chat = not for_fim and self.name == "mistral"
        usual = DEFAULT_CHAT_MODEL if for_chat else DEFAULT_FIM_MODEL
        return self._endpoint.model or choose_model(
            self._model_list.cards, for_fim=for_fim, usual=usual
        )

    def _lacks_fim(self) -> bool:
        """Whether the user's own choice is known not to fill gaps."""
        chosen = self._endpoint.model
        if not chosen:
            return False
        return self._refused_fim or supports_fim(chosen, self._model_list.cards) is False

    async def _retry(
        self, request: FimRequest, model: str, error: ModelNotFound | FimNotSupported
    ) -> AsyncGenerator[Chunk, None]:
        """A second attempt after `error`: another automatic model, or chat for a model without FIM.

        Raises `error` if there is none.
        """
        if not self._endpoint.model:
            await self._model_list.fetch()
            other = self._model(for_fim=True)
            if other != model:
                return self._fim_once(request, other)
        elif isinstance(error, FimNotSupported):
            self._refused_fim = True
            return self._by_chat(request)
        raise error

    async def _choose_another(self, error: ModelNotFound) -> None:
        """Make the next automatic choice another model. Raises `error` if there is none."""
        if self._endpoint.model:
            raise error
        before = self._model(for_fim=False)
        await self._model_list.fetch()
        if self._model(for_fim=False) == before:
            raise error

    def _by_chat(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        self._notify_once(
            "no-fim",
            f"The model {self._endpoint.model} has no fill-in-the-middle at this endpoint. Gaps "
            "are filled by its chat endpoint instead, which is slower and dearer; "
            f"the model {DEFAULT_FIM_MODEL} fills them directly.",
        )
        return fim_via_chat(self.chat, request, can_prefill=True)

    def _fim_once(self, request: FimRequest, model: str) -> AsyncGenerator[Chunk, None]:
        return self._stream(request, FIM_PATH, _fim_body(request, model))

    def _stream(
        self, request: FimRequest | ChatRequest, path: str, body: Mapping[str, Any]
    ) -> AsyncGenerator[Chunk, None]:
        """One request. The last chunk comes when the connection is free again."""
        model = str(body["model"])
        events = self._http.events(
            path, body, request, lambda headers: self._check_deprecation(headers, model)
        )
        return decode_stream(events, ChatDecoder(), request.max_tokens)

    def _check_deprecation(self, headers: Mapping[str, str], model: str) -> None:
        stamp = headers.get(DEPRECATION_HEADER)
        if stamp is not None:
            self._notify_once("deprecation", retirement_sentence(model, stamp))

    def _notify_once(self, topic: str, sentence: str) -> None:
        if topic not in self._notified:
            self._notified.add(topic)
            self._endpoint.notify(Notice(topic, sentence))


def _fim_body(request: FimRequest, model: str) -> dict[str, Any]:
    """The body of POST /v1/fim/completions, streamed.

    An empty prompt is sent as a line feed: what Mistral does with an empty one is not documented.
    """
    body = {
        "model": model,
        "prompt": request.prompt or "\n",
        "suffix": request.suffix or None,
        "min_tokens": request.min_tokens,
    }
    return drop_none(body | _common(request))


def _chat_body(request: ChatRequest, model: str, *, without: Collection[str]) -> dict[str, Any]:
    """The body of POST /v1/chat/completions, streamed, without the members in `without`."""
    prediction = request.prediction
    body = {
        "model": model,
        "messages": [dict(message) for message in request.messages],
        "response_format": request.response_format,
        "tools": list(request.tools) or None,
        "tool_choice": request.tool_choice,
        "prediction": {"type": "content", "content": prediction} if prediction else None,
    }
    body = drop_none(body | _common(request))
    return {name: value for name, value in body.items() if name not in without}


def _common(request: FimRequest | ChatRequest) -> dict[str, Any]:
    return {
        "max_tokens": max(request.max_tokens, 0),
        "stop": stop_sequences_for_request(request.stop),
        "temperature": _clamped(request.temperature),
        "top_p": _share(request.top_p),
        "random_seed": request.random_seed,
        "prompt_cache_key": request.cache_key,
        "stream": True,
    }


def _clamped(temperature: float | None) -> float | None:
    """Within 0 to 1: the schema allows 1.5, Mistral's error glossary only 1."""
    return None if temperature is None else min(max(temperature, 0.0), 1.0)


def _share(top_p: float | None) -> float | None:
    """The schema wants more than 0 and at most 1."""
    return min(top_p, 1.0) if top_p is not None and top_p > 0 else None
