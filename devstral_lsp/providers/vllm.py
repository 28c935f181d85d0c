"""vLLM: gaps by a template on its text completions, sent as text or as token ids.

With a Mistral tokenizer it reads no control strings out of text, so the template's tokens must be
sent as ids. `/tokenize`, which is outside `/v1` and needs no key, shows which tokenizer is in use
and encodes the texts in between. vLLM's `suffix` works for DeepSeek V4 only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from devstral_lsp.errors import FimNotSupported, InvalidRequest, InvalidResponse, ProviderError
from devstral_lsp.providers.base import Chunk, Endpoint, FimRequest
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.strategy import TemplateStrategy
from devstral_lsp.providers.http.error_mapping import is_unknown_route
from devstral_lsp.providers.openai_chat import OpenAiChat
from devstral_lsp.providers.openai_completions import (
    PATH,
    complete_with_template,
    completions_payload,
)
from devstral_lsp.providers.openai_decoder import CompletionDecoder

_PREFILL_FIELDS = {"continue_final_message": True, "add_generation_prompt": False}
_ONE_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
_GUARD = "☺"
"""SentencePiece inserts a space before a text's start. A suffix must not get one: it is encoded
behind this sign, whose tokens are then removed, as mistral-common does."""


def build(name: str, endpoint: Endpoint) -> CompositeProvider:
    """The provider of one server."""
    client = EndpointClient(name, endpoint)
    tokenizer = _Tokenizer(client)
    strategies = (
        TemplateStrategy(client, partial(complete_with_template, client), tokenizer.knows),
        _TokenIdsStrategy(client, tokenizer),
    )
    chat = OpenAiChat(client, _PREFILL_FIELDS)
    return CompositeProvider(client, chat, strategies, sees=tokenizer.takes_images)


@dataclass(frozen=True, slots=True)
class _MistralTokenIds:
    """The ids of control tokens in one of Mistral's vocabularies, and how it encodes `sample`."""

    begin: int
    suffix: int
    prefix: int
    sample: tuple[int, ...]


_SAMPLE = "def f(a, b):\n    "
_VOCABULARIES = (
    # mistral-common 1.13.1, its two tekken files.
    _MistralTokenIds(1, 16, 14, (3149, 1284, 8897, 1044, 1289, 3640, 1260)),
    # The same, its SentencePiece files v3 and v7.
    _MistralTokenIds(1, 13, 11, (1569, 1053, 29500, 29476, 29493, 1055, 2097, 781, 1028)),
)


class _Tokenizer:
    """The server's tokenizer, over POST /tokenize."""

    def __init__(self, client: EndpointClient) -> None:
        self._client = client
        self._seeing: dict[str, bool] = {}
        """Whether each model takes images, as far as it was asked."""

    async def ids(self, text: str) -> tuple[int, ...]:
        """The token ids of a text, without special tokens around it. Raises ProviderError."""
        model = await self._client.model(for_fim=True)
        named = {"model": model} if model else {}
        body = {**named, "prompt": text, "add_special_tokens": False}
        answer = await self._client.http.post("/tokenize", body)
        found = answer.get("tokens") if isinstance(answer, dict) else None
        ids = found if isinstance(found, list) else []
        if (text and not ids) or not all(isinstance(each, int) for each in ids):
            raise InvalidResponse("The server did not say how it tokenizes a text.")
        window = answer.get("max_model_len")
        if isinstance(window, int) and window > 0:
            self._client.context_tokens = window
        return tuple(ids)

    async def takes_images(self) -> bool:
        """Whether a message with an image can be tokenized, which only a model that sees allows:
        no route of vLLM says so. Raises ProviderError where that is not known.
        """
        model = await self._client.model(for_fim=False)
        if model not in self._seeing:
            named = {"model": model} if model else {}
            image = {"type": "image_url", "image_url": {"url": _ONE_PIXEL}}
            body = {**named, "messages": [{"role": "user", "content": [image]}]}
            try:
                answer = await self._client.http.post("/tokenize", body)
            except ProviderError as error:
                if not _is_refused(error):
                    raise
                answer = None
            self._seeing[model] = isinstance(answer, dict) and bool(answer.get("tokens"))
        return self._seeing[model]

    async def knows(self, tokens: Sequence[str]) -> bool:
        """Whether each string is one token. True where there is no /tokenize to ask."""
        try:
            return len(await self.ids("".join(tokens))) == len(tokens)
        except ProviderError as error:
            if _is_refused(error):
                return True
            raise


class _TokenIdsStrategy:
    """The gap as ids, in the order of mistral-common's encode_fim, for Codestral."""

    name = "token ids"
    evidence = "the server's tokenizer reads no control tokens out of text"

    def __init__(self, client: EndpointClient, tokenizer: _Tokenizer) -> None:
        self._client = client
        self._tokenizer = tokenizer
        self._suffix: tuple[str, tuple[int, ...]] = ("", ())
        """The last suffix and its ids: it stays the same while a line is typed."""

    async def is_supported(self) -> bool:
        try:
            return await self._vocabulary() is not None
        except ProviderError as error:
            if _is_refused(error):
                return False
            raise

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        vocabulary = await self._vocabulary()
        if vocabulary is None:
            raise FimNotSupported("The server's tokenizer is not one that devstral-lsp knows.")
        suffix, prefix = await asyncio.gather(
            self._suffix_ids(request.suffix), self._tokenizer.ids(request.prompt)
        )
        ids = (vocabulary.begin, vocabulary.suffix, *suffix, vocabulary.prefix, *prefix)
        body = {**completions_payload(request, ids), "add_special_tokens": False}
        async with aclosing(self._client.stream(request, PATH, body, CompletionDecoder)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _vocabulary(self) -> _MistralTokenIds | None:
        template = await self._client.template()
        if template is None or not template.family.startswith("codestral"):
            return None
        sample = await self._tokenizer.ids(_SAMPLE)
        return next((each for each in _VOCABULARIES if each.sample == sample), None)

    async def _suffix_ids(self, suffix: str) -> tuple[int, ...]:
        if not suffix:
            return ()
        if self._suffix[0] != suffix:
            guard, whole = await asyncio.gather(
                self._tokenizer.ids(_GUARD), self._tokenizer.ids(_GUARD + suffix)
            )
            self._suffix = (suffix, whole[len(guard) :])
        return self._suffix[1]


def _is_refused(error: ProviderError) -> bool:
    """Whether the server has no such route, as gateways in front of it have none."""
    return is_unknown_route(error) or isinstance(
        error, FimNotSupported | InvalidRequest | InvalidResponse
    )
