"""OpenAI's wire for conversations, as nearly every server and gateway speaks it.

Messages come in Mistral's own shape, which differs in little; what differs is put right here. A
message that we began (`prefix`) is continued only where the server has a member for it. Knows the
bodies, not how bytes travel.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol

from devstral_lsp.providers.base import ChatProvider, ChatRequest, Chunk, FimRequest
from devstral_lsp.providers.endpoint_client import EndpointClient, drop_empty
from devstral_lsp.providers.fim.via_chat import fim_via_chat
from devstral_lsp.providers.openai_decoder import ChatDecoder
from devstral_lsp.providers.stop_sequences import stop_sequences_for_request

PATH = "/v1/chat/completions"


def chat_body(request: ChatRequest, model: str) -> dict[str, Any]:
    """The body of POST /v1/chat/completions, streamed, without members that are not set.

    A prediction and a cache key are left out: few servers know them, and they only save time.
    """
    return drop_empty(
        {
            "model": model,
            "messages": [_message(message) for message in request.messages],
            "max_tokens": max(request.max_tokens, 1),
            "stop": stop_sequences_for_request(request.stop),
            "temperature": request.temperature,
            "top_p": request.top_p if request.top_p else None,
            "seed": request.random_seed,
            "response_format": request.response_format,
            "tools": list(request.tools) or None,
            "tool_choice": "required" if request.tool_choice == "any" else request.tool_choice,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    )


def prefilled_message(request: ChatRequest) -> str:
    """The text of a last message that is to be continued; "" if there is none."""
    last = request.messages[-1] if request.messages else {}
    return str(last.get("content") or "") if last.get("prefix") else ""


class OpenAiChat:
    """The conversations of one endpoint. `chat` is a ChatProvider's.

    `continuing` are the members that make the server go on with our last message, None if it
    cannot.
    """

    def __init__(
        self, caller: EndpointClient, continuing: Mapping[str, Any] | None = None, path: str = PATH
    ) -> None:
        self.name = caller.name
        self._caller = caller
        self._path = path
        self.continuing = continuing

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer, which begins with what we began. Raises ProviderError."""
        model = await self._caller.model(for_fim=False)
        begun = prefilled_message(request)
        body = chat_body(request, model) | (dict(self.continuing or {}) if begun else {})
        stream = self._caller.stream(self._path, body, ChatDecoder)
        async with aclosing(_repeating(stream, begun)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def close(self) -> None:
        """Nothing of its own is open."""


class Prefill(ChatProvider, Protocol):
    """Conversations, and by which members they can be made to go on with a message of ours."""

    continuing: Mapping[str, Any] | None


class ChatStrategy:
    """A gap filled by conversation, and the user told once that this is the poorer way."""

    name = "chat"
    evidence = "since no other way was found"

    def __init__(self, caller: EndpointClient, chat: Prefill) -> None:
        self._caller = caller
        self._chat = chat

    async def is_supported(self) -> bool:
        return True

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text."""
        model = await self._caller.model(for_fim=True)
        self._caller.notify_once(
            "no-fim",
            f"No fill-in-the-middle was found for {model or 'the model'} at {self._caller.name}. "
            "Gaps are filled by its chat endpoint instead, which is slower and dearer.",
        )
        continuing = self._chat.continuing is not None
        stream = fim_via_chat(self._chat, request, continuing=continuing)
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                yield chunk


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    """Without Mistral's `prefix`, and with images in the form that OpenAI demands."""
    own = {name: value for name, value in message.items() if name != "prefix"}
    if isinstance(own.get("content"), list):
        own["content"] = [_part(part) for part in own["content"]]
    return own


def _part(part: Any) -> Any:
    if isinstance(part, dict) and isinstance(part.get("image_url"), str):
        return {**part, "image_url": {"url": part["image_url"]}}
    return part


async def _repeating(
    stream: AsyncGenerator[Chunk, None], begun: str
) -> AsyncGenerator[Chunk, None]:
    """The answer with what we began at its start: Mistral repeats that, other servers do not."""
    held, waiting = "", bool(begun)
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            if not waiting:
                yield chunk
                continue
            held += chunk.text
            if chunk.finish is None and (not held or _may_repeat(held, begun)):
                continue
            waiting = False
            whole = held if held.startswith(begun) else begun + held
            yield replace(chunk, text=whole)


def _may_repeat(text: str, begun: str) -> bool:
    """Whether `text` is a part of `begun` so far, so that more must come to tell."""
    return len(text) < len(begun) and begun.startswith(text)
