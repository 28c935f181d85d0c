"""The HTTP client of one endpoint, with its model, its limits and the fields that it refuses.

Shared by all providers but `local`. Chooses the model where the user named none, and
resends a request without a member that the endpoint refuses by name.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from devstral_lsp.errors import (
    BudgetExceeded,
    ContextLengthExceeded,
    EndpointUnreachable,
    InvalidRequest,
    InvalidResponse,
    ModelNotFound,
    ProviderError,
    ServerOverloaded,
)
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import (
    ChatRequest,
    Chunk,
    Endpoint,
    FimRequest,
    ModelInfo,
    Notice,
    Secret,
)
from devstral_lsp.providers.fim.templates import FimTemplate, find_template
from devstral_lsp.providers.http.client import HttpClient, drop_none
from devstral_lsp.providers.metering import Demand, Price, Priority, ProviderLimits
from devstral_lsp.providers.model_catalog import (
    apply_user_overrides,
    limits_for_window,
    lookup_model_info,
    preferred_model,
)
from devstral_lsp.providers.model_list import MODELS_PATH, ModelList
from devstral_lsp.providers.streaming import StreamDecoder, decode_stream

OPTIONAL_FIELDS = frozenset(
    {
        *("stream_options", "seed", "temperature", "top_p", "stop", "min_tokens", "prediction"),
        *("prompt_cache_key", "cache_prompt", "max_tokens", "logprobs", "n_probs"),
    }
)
"""Members without which the answer is still valid: the engine enforces stops and length itself.
If an endpoint refuses one by name, it is left out, or renamed, from then on."""

_BYTES_PER_TOKEN = 3.0
"""Of UTF-8: code has 3 to 4, and a Chinese character, of 3 bytes, is often one token. An estimate
that is too high is put right by the reply."""

_TEXT_MEMBERS = ("prompt", "suffix", "messages", "tools", "prediction")

_TOKENS_PER_PICTURE = 2_000
"""What a picture of a usual size costs; its bytes say nothing of that."""

_RENAMED: Mapping[str, str] = {"max_tokens": "max_completion_tokens"}
"""OpenAI's newer chat models know the limit by the second name only."""

_ANSWER_BOUNDS = ("max_tokens", "max_completion_tokens")
_MISTRAL = ("mistral", "codestral")


class EndpointClient:
    """The endpoint of the provider `name`. `headers` are sent with every request."""

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        *,
        models_path: str = MODELS_PATH,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.name = name
        self.endpoint = _with_headers(endpoint, headers)
        self.base_url = endpoint.base_url or PROVIDERS[name].default_base_url
        self.http = HttpClient.of(self.endpoint, PROVIDERS[name].default_base_url)
        self.model_list = ModelList(self.http, models_path)
        self.context_tokens: int | None = None
        """The window that the server reported or named in a refusal; None to use the model's card.
        """
        self.further_names: tuple[str, ...] = ()
        """Other names of the model at the server: a file, a repository."""
        self._refused: set[str] = set()
        self._notified: set[str] = set()

    @property
    def limits(self) -> ProviderLimits:
        """The limits of a prompt for the model's context window, and within the quota."""
        model = self.endpoint.model or preferred_model(self.model_list.cards, for_fim=True)
        card = self.model_list.card(model)
        listed = card.context_tokens if card is not None else None
        limits = limits_for_window(self.endpoint.context_tokens or self.context_tokens or listed)
        meter = self.endpoint.meter
        return limits if meter is None else meter.narrow(limits)

    async def model(self, *, for_fim: bool) -> str:
        """The user's model, else the most suitable one on offer; "" if there is none to choose."""
        if self.endpoint.model:
            return self.endpoint.model
        await self.model_list.fetch()
        return (
            preferred_model(self.model_list.cards, for_fim=for_fim)
            or PROVIDERS[self.name].default_model
        )

    async def template(self) -> FimTemplate | None:
        """The FIM template of the model, by any of its names; None if that is not known.

        Raises ProviderError where the server, which may know more names, is not up. A 500 does not
        count as that: some servers fail on this one request every time.
        """
        model = await self.model(for_fim=True)
        if (found := _first_template((model, *self.further_names))) is not None:
            return found
        await self.model_list.fetch()
        failure = self.model_list.failure
        if isinstance(failure, InvalidResponse):
            raise failure
        if isinstance(failure, EndpointUnreachable | ServerOverloaded) and (
            failure.status is None or failure.status > 501
        ):
            raise failure
        card = self.model_list.card(model)
        return _first_template(sorted(card.names)) if card is not None else None

    async def stream(
        self,
        request: FimRequest | ChatRequest,
        path: str,
        body: Mapping[str, Any],
        make_decoder: Callable[[], StreamDecoder],
        *,
        names_model: bool = True,
        on_headers: Callable[[Mapping[str, str]], None] = lambda headers: None,
    ) -> AsyncGenerator[Chunk, None]:
        """POST `body`, made from `request`, and stream its answer.

        Left out are members that are None, and such OPTIONAL_FIELDS as the endpoint refuses.
        `names_model`: add the model's id. `on_headers` gets the headers of any reply. Raises
        ProviderError.
        """
        body = drop_none(body)
        if names_model and (model := await self.model(for_fim=isinstance(request, FimRequest))):
            body = {"model": model, **body}
        kind = ""

        def take_headers(headers: Mapping[str, str]) -> None:
            nonlocal kind
            kind = headers.get("content-type", "").lower()
            on_headers(headers)

        while True:
            sent = self._without_refused(body)
            has_begun = False
            try:
                stream = self._metered(request, path, sent, make_decoder(), take_headers)
                async with aclosing(stream) as chunks:
                    async for chunk in chunks:
                        has_begun = True
                        if "application/json" in kind:
                            self._notify_not_streamed()
                        yield chunk
                return
            except ModelNotFound:
                self.model_list.forget()
                raise
            except ContextLengthExceeded as error:
                self._learn_window(error.limit_tokens)
                raise
            except InvalidRequest as error:
                refused = set(error.fields) & OPTIONAL_FIELDS & set(sent)
                if has_begun or not refused:
                    raise
                self._refused |= refused

    async def _metered(
        self,
        request: FimRequest | ChatRequest,
        path: str,
        body: dict[str, Any],
        decoder: StreamDecoder,
        on_headers: Callable[[Mapping[str, str]], None],
    ) -> AsyncGenerator[Chunk, None]:
        """One request and its answer, if the budget allows it. Raises ProviderError."""
        if (meter := self.endpoint.meter) is None:
            events = self.http.events(path, body, request, on_headers)
            async with aclosing(decode_stream(events, decoder, request.max_tokens)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        model = str(body.get("model", "")) or self.endpoint.model
        try:
            permit = await meter.admit(demand_of(request, model, self._price_of(model)))
        except BudgetExceeded as error:
            if isinstance(request, FimRequest) and request.priority is Priority.MANUAL:
                self.endpoint.notify(Notice(f"budget: {error}", str(error)))  # it names a time
            raise
        bounds = [name for name in _ANSWER_BOUNDS if name in body]
        body = body | dict.fromkeys(bounds, permit.max_tokens)

        def learn_headers(headers: Mapping[str, str]) -> None:
            permit.learn(headers)
            on_headers(headers)

        usage, failure, is_answered = None, None, False
        try:
            events = self.http.events(path, body, request, learn_headers)
            async with aclosing(decode_stream(events, decoder, request.max_tokens)) as chunks:
                async for chunk in chunks:
                    usage = chunk.usage or usage
                    is_answered = True
                    yield chunk
        except ProviderError as error:
            failure = error
            raise
        finally:
            permit.settle(usage, failure, is_answered=is_answered)

    def _price_of(self, model: str) -> Price | None:
        """The model's price as far as it is known by now."""
        at_mistral = self.name in _MISTRAL
        facts = lookup_model_info(model, self.model_list.cards, at_mistral=at_mistral)
        return apply_user_overrides(facts, self.endpoint).price

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """What the endpoint says about the model in use.

        The window that the server reported takes precedence over the model's card, and the user's
        settings over both.
        """
        model = await self.model(for_fim=for_fim)
        await self.model_list.fetch()
        facts = lookup_model_info(model, self.model_list.cards, at_mistral=False)
        if self.context_tokens is not None:
            facts = replace(facts, context_tokens=self.context_tokens, source="the endpoint")
        return apply_user_overrides(facts, self.endpoint)

    def notify_once(self, topic: str, message: str) -> None:
        """Notify the user, once per topic."""
        if topic not in self._notified:
            self._notified.add(topic)
            self.endpoint.notify(Notice(topic, message))

    def _notify_not_streamed(self) -> None:
        self.notify_once(
            "not streamed",
            f"{self.name} does not stream its answers although requests ask for it, so completions "
            "come late. Switch streaming on in the server, or in the proxy in front of it.",
        )

    async def close(self) -> None:
        await self.model_list.close()
        await self.http.close()

    def _learn_window(self, limit_tokens: int | None) -> None:
        """Keep the window that a refusal named, if it is the smallest so far."""
        known = self.context_tokens
        if limit_tokens is not None and (known is None or limit_tokens < known):
            self.context_tokens = limit_tokens

    def _without_refused(self, body: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in body.items() if name not in self._refused}
        for name in self._refused & body.keys() & _RENAMED.keys():
            kept[_RENAMED[name]] = body[name]
        return kept


def _first_template(names: Iterable[str]) -> FimTemplate | None:
    return next((found for name in names if (found := find_template(name))), None)


def _with_headers(endpoint: Endpoint, headers: Mapping[str, str]) -> Endpoint:
    """The endpoint with our headers, which those of the user's settings override."""
    own = {name.lower() for name, _ in endpoint.connection.headers}
    ours = tuple(
        (name, Secret(value, "devstral-lsp"))
        for name, value in headers.items()
        if name.lower() not in own
    )
    connection = replace(endpoint.connection, headers=(*ours, *endpoint.connection.headers))
    return replace(endpoint, connection=connection)


def demand_of(request: FimRequest | ChatRequest, model: str, price: Price | None) -> Demand:
    """What `request` may cost."""
    size, pictures = _size([getattr(request, name, "") for name in _TEXT_MEMBERS])
    return Demand(
        model=model,
        prompt_tokens=int(size / _BYTES_PER_TOKEN) + _TOKENS_PER_PICTURE * pictures + 1,
        max_tokens=request.max_tokens,
        priority=request.priority,
        price=price,
    )


def _size(value: object) -> tuple[int, int]:
    """The bytes of the text in a message, and the number of pictures."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "replace")), 0
    if isinstance(value, Mapping):
        if "image_url" in value:
            return 0, 1
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return 0, 0
    sizes = [_size(each) for each in value]
    return sum(size for size, _ in sizes), sum(pictures for _, pictures in sizes)
