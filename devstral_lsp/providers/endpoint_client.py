"""One endpoint as its provider calls it: the client, the model in use, what was told and found.

Shared by all providers but Mistral's own and `local`. It chooses the model where the user named
none, sends a request again without a member that the endpoint refuses by name, and knows neither
how gaps are written nor what the events of a stream hold.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from devstral_lsp.errors import (
    EndpointUnreachable,
    InvalidRequest,
    ModelNotFound,
    ProviderError,
    ServerOverloaded,
)
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Chunk, Endpoint, ModelInfo, Notice, ProviderLimits, Secret
from devstral_lsp.providers.fim.templates import FimTemplate, find_template
from devstral_lsp.providers.http.answer_size import tokens_wanted
from devstral_lsp.providers.http.client import HttpClient
from devstral_lsp.providers.models.cards import ModelCard, preferred_model
from devstral_lsp.providers.models.model_list import MODELS_PATH, ModelList
from devstral_lsp.providers.models.pricing import (
    apply_user_overrides,
    limits_for_window,
    lookup_model_info,
)
from devstral_lsp.providers.streaming import StreamDecoder, decode_stream

OPTIONAL_FIELDS = frozenset(
    {
        *("stream_options", "seed", "temperature", "top_p", "stop", "min_tokens", "prediction"),
        *("prompt_cache_key", "cache_prompt", "max_tokens"),
    }
)
"""Members without which the answer is still one: the engine enforces stops and length itself.
Where an endpoint refuses one by its name, it is left out, or renamed, for good."""

_RENAMED: Mapping[str, str] = {"max_tokens": "max_completion_tokens"}
"""OpenAI's newer chat models know the limit by another name only."""


class EndpointClient:
    """The endpoint of the provider `name`. `headers` go along with every request."""

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        *,
        models_path: str = MODELS_PATH,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.endpoint = _with_headers(endpoint, headers or {})
        self.base_url = endpoint.base_url or PROVIDERS[name].default_base_url
        self.http = HttpClient.of(self.endpoint, PROVIDERS[name].default_base_url)
        self.model_list = ModelList(self.http, models_path)
        self.context_tokens: int | None = None
        """The window that the server said it has; None to go by the model's card."""
        self.further_names: tuple[str, ...] = ()
        """What else the server calls its model: a file, a repository."""
        self._refused: set[str] = set()
        self._told: set[str] = set()

    @property
    def limits(self) -> ProviderLimits:
        own = self.endpoint.context_tokens
        return limits_for_window(own or self.context_tokens or self._card_tokens())

    async def model(self, *, for_fim: bool) -> str:
        """The user's model, else the most fitting on offer; "" if there is nothing to go by."""
        if self.endpoint.model:
            return self.endpoint.model
        await self.model_list.fetch()
        return (
            preferred_model(self.model_list.cards, for_fim=for_fim)
            or PROVIDERS[self.name].default_model
        )

    async def template(self) -> FimTemplate | None:
        """How the model wants a gap written, by any of its names; None if that is not known.

        Raises ProviderError where the server, which may know more names, is not up.
        """
        model = await self.model(for_fim=True)
        if (found := _first_template((model, *self.further_names))) is not None:
            return found
        await self.model_list.fetch()
        if self.model_list.failure is not None and _is_not_up(self.model_list.failure):
            raise self.model_list.failure
        card = self._card(model)
        return _first_template(sorted(card.names)) if card is not None else None

    async def stream(
        self, path: str, body: Mapping[str, Any], reply: Callable[[], StreamDecoder]
    ) -> AsyncGenerator[Chunk, None]:
        """POST `body` and give its answer, without such DISPENSABLE as are refused.

        Raises ProviderError.
        """
        while True:
            sent = self._without_refused(body)
            begun = False
            try:
                events = self.http.events(path, sent)
                async with aclosing(decode_stream(events, reply(), tokens_wanted(body))) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield chunk
                return
            except ModelNotFound:
                self.model_list.forget()
                raise
            except InvalidRequest as error:
                refused = set(error.fields) & OPTIONAL_FIELDS & set(sent)
                if begun or not refused:
                    raise
                self._refused |= refused

    async def supports_images(self) -> bool:
        """Whether the model takes images, as the endpoint says of it."""
        model = await self.model(for_fim=False)
        await self.model_list.fetch()
        card = self._card(model)
        return card is not None and card.vision

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """What the endpoint says of the model in use: the window that it really has goes before
        its card, and the user's settings before both.
        """
        model = await self.model(for_fim=for_fim)
        await self.model_list.fetch()
        facts = lookup_model_info(model, self.model_list.cards, at_mistral=False)
        if self.context_tokens is not None:
            facts = replace(facts, context_tokens=self.context_tokens, source="the endpoint")
        return apply_user_overrides(facts, self.endpoint)

    def notify_once(self, topic: str, sentence: str) -> None:
        """Let the user know, once."""
        if topic not in self._told:
            self._told.add(topic)
            self.endpoint.notify(Notice(topic, sentence))

    async def close(self) -> None:
        await self.model_list.close()
        await self.http.close()

    def _without_refused(self, body: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in body.items() if name not in self._refused}
        for name in self._refused & body.keys() & _RENAMED.keys():
            kept[_RENAMED[name]] = body[name]
        return kept

    def _card(self, model: str) -> ModelCard | None:
        return next((card for card in self.model_list.cards if model in card.names), None)

    def _card_tokens(self) -> int | None:
        model = self.endpoint.model or preferred_model(self.model_list.cards, for_fim=True)
        card = self._card(model)
        return card.context_tokens if card is not None else None


def _first_template(names: Iterable[str]) -> FimTemplate | None:
    return next((found for name in names if (found := find_template(name))), None)


def _is_not_up(error: ProviderError) -> bool:
    """Whether there was no answer, or one that says that something behind it is not there yet.

    A 500 is not one of them: some only fall over this one request, each time.
    """
    return isinstance(error, EndpointUnreachable | ServerOverloaded) and (
        error.status is None or error.status > 501
    )


def drop_empty(body: Mapping[str, Any]) -> dict[str, Any]:
    """A request's body without the members that are not set."""
    return {name: value for name, value in body.items() if value not in (None, "")}


def _with_headers(endpoint: Endpoint, headers: Mapping[str, str]) -> Endpoint:
    """The endpoint with headers of ours, which those of the user's settings override."""
    own = {name.lower() for name, _ in endpoint.connection.headers}
    ours = tuple(
        (name, Secret(value, "devstral-lsp"))
        for name, value in headers.items()
        if name.lower() not in own
    )
    return replace(
        endpoint,
        connection=replace(endpoint.connection, headers=(*ours, *endpoint.connection.headers)),
    )
