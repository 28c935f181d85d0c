"""From an endpoint's events to chunks: the loop that all APIs share; decoders read the events."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any

from devstral_lsp.errors import InvalidResponse, ProviderError
from devstral_lsp.providers.base import Chunk, FinishReason, most_characters
from devstral_lsp.providers.http.response import DRAIN_TIMEOUT_S, STREAM_END
from devstral_lsp.providers.metering import Usage

_CUT = frozenset(
    {
        *("length", "model_length", "max_length", "max_tokens", "max_output_tokens"),
        *("limit", "token_limit", "context_length"),
    }
)
_TOOLS = frozenset({"tool_calls", "tool_use", "function_call"})
_GIVEN_UP = frozenset(
    {
        *("content_filter", "safety", "recitation", "cancelled", "canceled", "timeout"),
        *("none", "load", "unload"),
    }
)
"""Finish reasons by the vendors' words for them, in lower case."""


def finish_reason(word: Any) -> FinishReason:
    """The reason that an endpoint gave for ending its answer.

    There are dozens of words for "the model was done", so that it is what an unknown one means.
    """
    reason = str(word).lower()
    if reason in _CUT:
        return FinishReason.LENGTH
    if reason in _TOOLS:
        return FinishReason.TOOL_CALLS
    return FinishReason.INCOMPLETE if reason in _GIVEN_UP else FinishReason.STOP


def piece_of(text: Any) -> str:
    """The text in one piece of an answer; null or missing is empty.

    Raises InvalidResponse for anything else, which would leave a hole in the answer.
    """
    if text is None or isinstance(text, str):
        return text or ""
    raise InvalidResponse("The endpoint sent a piece of an answer whose text is no text.")


Tokens = Sequence[tuple[str, float]]
"""Each token's text, and the natural logarithm of its probability."""


def tokens_of(given: Any) -> Tokens:
    """The tokens of one event with their log-probabilities, () where they are not as expected.

    They come as a list of objects from llama.cpp's native routes and from Ollama, as `content` in
    chats and from llama.cpp's `/v1/completions`, and as two lists from OpenAI's completions.
    """
    if isinstance(given, dict) and isinstance(given.get("content"), list):
        given = given["content"]
    if isinstance(given, list):
        pairs = [(one.get("token"), one.get("logprob")) for one in given if isinstance(one, dict)]
        is_whole = len(pairs) == len(given)
    elif isinstance(given, dict):
        texts, logprobs = given.get("tokens"), given.get("token_logprobs")
        if not (isinstance(texts, list) and isinstance(logprobs, list)):
            return ()
        pairs, is_whole = list(zip(texts, logprobs, strict=False)), len(texts) == len(logprobs)
    else:
        return ()
    known = [(text, p) for text, p in pairs if isinstance(text, str) and isinstance(p, int | float)]
    return tuple(known) if is_whole and len(known) == len(pairs) else ()


class StreamDecoder(ABC):
    """Reads one answer while it streams, in the format of one API."""

    def __init__(self) -> None:
        self.finish: FinishReason | None = None
        """None until an event has given a finish reason."""
        self.usage: Usage | None = None
        self.tool_calls: dict[int, dict[str, Any]] = {}
        """By their index, in the shape of OpenAI's API."""
        self.tokens: Tokens = ()
        """Those of the event that was read last, where the endpoint gives their probabilities."""

    @abstractmethod
    def read(self, event: Mapping[str, Any]) -> str | None:
        """Take one event and return its text; None if it is no part of a completion.

        Raises ProviderError.
        """

    def last(self) -> Chunk:
        """The chunk that ends the stream; INCOMPLETE if no event gave a finish reason."""
        return Chunk(
            finish=self.finish or FinishReason.INCOMPLETE,
            usage=self.usage,
            tool_calls=tuple(self.tool_calls[index] for index in sorted(self.tool_calls)),
        )


async def decode_stream(
    events: AsyncGenerator[dict[str, Any], None], decoder: StreamDecoder, max_tokens: int
) -> AsyncGenerator[Chunk, None]:
    """Yield each piece of text, then the last chunk once the connection is free again.

    Events that are no part of a completion, such as a ping, are passed over. Raises InvalidResponse
    if only such come, and where the text is certainly longer than `max_tokens`.
    """
    left = longest = 2 * most_characters(max_tokens)
    has_events = is_completion = False
    async with aclosing(events):
        async for event in events:
            has_events = True
            if event is STREAM_END:
                if is_completion:
                    decoder.finish = FinishReason.STOP
                break
            text = decoder.read(event)
            is_completion = is_completion or text is not None
            if text:
                left -= len(text)
                if left < 0:
                    raise InvalidResponse(
                        f"The endpoint goes on beyond the {max_tokens} tokens it was asked for, "
                        "so the connection was closed. Check the model, or the server at base_url."
                    )
                for chunk in _chunks(text, decoder.tokens):
                    yield chunk
            if decoder.finish is not None:
                await _read_rest(events, decoder)
    has_answer = decoder.finish is not None or left < longest or decoder.tool_calls
    if has_events and not has_answer:
        raise InvalidResponse(
            "The endpoint sent no completion: is this the right provider, and base_url the address "
            "of its API?"
        )
    yield decoder.last()


def _chunks(text: str, tokens: Tokens) -> Iterator[Chunk]:
    """The text of an event, token by token where they make it up."""
    if "".join(token for token, _ in tokens) == text:
        for token, logprob in tokens:
            yield Chunk(token, logprob=logprob)
    else:
        yield Chunk(text, logprob=min((each for _, each in tokens), default=None))


async def _read_rest(events: AsyncGenerator[dict[str, Any], None], decoder: StreamDecoder) -> None:
    """Read what may follow the finish: usage, the end mark. Its failures no longer matter."""
    with suppress(TimeoutError, ProviderError):
        async with asyncio.timeout(DRAIN_TIMEOUT_S):
            async for event in events:
                if event is not STREAM_END:
                    decoder.read(event)
