"""Mistral's API on any of its hosts: fill-in-the-middle and chat, both streamed.

Chooses the model where the user did not, and fills gaps by chat where the user's model has no FIM.
Both schemas forbid members they do not list, and most members may not be null: what is not set is
left out.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from devstral_lsp.errors import FimNotSupported, ModelNotFound, ProviderError
from devstral_lsp.providers.base import ChatRequest, Chunk, Endpoint, FimRequest, ModelInfo
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.via_chat import GapsByChat
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.providers.model_catalog import (
    DEFAULT_CHAT_MODEL,
    DEFAULT_FIM_MODEL,
    apply_user_overrides,
    choose_model,
    lookup_model_info,
    retirement_notice,
    retirement_sentence,
    supports_fim,
)
from devstral_lsp.providers.openai_decoder import ChatDecoder
from devstral_lsp.providers.stop_sequences import stop_sequences_for_request

FIM_PATH = "/v1/fim/completions"
CHAT_PATH = "/v1/chat/completions"
DEPRECATION_HEADER = "x-model-deprecation-timestamp"


def build(name: str, endpoint: Endpoint) -> MistralProvider:
    """The provider of one of Mistral's hosts."""
    return MistralProvider(name, endpoint)


class MistralProvider:
    """A FimProvider and a ChatProvider for one endpoint. `name` is that of its registry row."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self._endpoint = endpoint
        self._client = EndpointClient(name, endpoint)
        self._model_list = self._client.model_list
        self._refused_fim = False
        self._gaps = GapsByChat(self.chat, can_prefill=True)

    @property
    def limits(self) -> ProviderLimits:
        return self._client.limits

    async def warm(self) -> None:
        """Connect by listing the models; warn if the one in use will be retired."""
        await self._model_list.fetch()
        notice = retirement_notice(self._model(for_fim=True), self._model_list.cards)
        if notice:
            self._client.notify_once("deprecation", notice)

    async def close(self) -> None:
        await self._client.close()

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text, by chat if the user's model has no FIM. Raises ProviderError."""
        return self._client.http.answer(request, self._fim)

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer. Raises ProviderError."""
        return self._client.http.answer(request, self._chat)

    def _fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        model = self._model(for_fim=True)

        async def retry(error: ProviderError) -> AsyncGenerator[Chunk, None]:
            if isinstance(error, FimNotSupported) and self._endpoint.model:
                self._refused_fim = True
                return self._by_chat(request)
            other = await self._other_model(model, error, for_fim=True)
            return self._stream(request, FIM_PATH, _fim_body(request, other))

        if self._lacks_fim():
            return self._by_chat(request)
        body = _fim_body(request, model)
        return _stream_or_retry(self._stream(request, FIM_PATH, body), retry)

    def _chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        model = self._model(for_fim=False)

        async def retry(error: ProviderError) -> AsyncGenerator[Chunk, None]:
            other = await self._other_model(model, error, for_fim=False)
            return self._stream(request, CHAT_PATH, _chat_body(request, other))

        body = _chat_body(request, model)
        return _stream_or_retry(self._stream(request, CHAT_PATH, body), retry)

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

    async def _other_model(self, model: str, error: ProviderError, *, for_fim: bool) -> str:
        """Another automatic choice than `model`. Raises `error` if there is none."""
        if self._endpoint.model:
            raise error
        await self._model_list.fetch()
        other = self._model(for_fim=for_fim)
        if other == model:
            raise error
        return other

    def _by_chat(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        self._client.notify_once(
            "no-fim",
            f"The model {self._endpoint.model} has no fill-in-the-middle at this endpoint. Gaps "
            "are filled by its chat endpoint instead, which is slower and dearer; "
            f"the model {DEFAULT_FIM_MODEL} fills them directly.",
        )
        return self._gaps.fim(request)

    def _stream(
        self, request: FimRequest | ChatRequest, path: str, body: Mapping[str, Any]
    ) -> AsyncGenerator[Chunk, None]:
        def check_deprecation(headers: Mapping[str, str]) -> None:
            date = headers.get(DEPRECATION_HEADER)
            if date is not None:
                notice = retirement_sentence(str(body["model"]), date)
                self._client.notify_once("deprecation", notice)

        return self._client.stream(
            request, path, body, ChatDecoder, names_model=False, on_headers=check_deprecation
        )


async def _stream_or_retry(
    first: AsyncGenerator[Chunk, None],
    retry: Callable[[ProviderError], Awaitable[AsyncGenerator[Chunk, None]]],
) -> AsyncGenerator[Chunk, None]:
    """The first answer, or what `retry` returns if the model is unknown or has no FIM."""
    try:
        async with aclosing(first) as chunks:
            async for chunk in chunks:
                yield chunk
        return
    except (ModelNotFound, FimNotSupported) as error:
        second = await retry(error)
    async with aclosing(second) as chunks:
        async for chunk in chunks:
            yield chunk


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
    return body | _common(request)


def _chat_body(request: ChatRequest, model: str) -> dict[str, Any]:
    """The body of POST /v1/chat/completions, streamed."""
    prediction = request.prediction
    body = {
        "model": model,
        "messages": [dict(message) for message in request.messages],
        "response_format": request.response_format,
        "tools": list(request.tools) or None,
        "tool_choice": request.tool_choice,
        "prediction": {"type": "content", "content": prediction} if prediction else None,
    }
    return body | _common(request)


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
