"""OpenAI's chat API, as nearly every server and gateway offers it.

Messages arrive in Mistral's shape and are adapted to OpenAI's. A message that we began (`prefix`)
is continued only where the server has a member for that.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from devstral_lsp.providers.base import ChatRequest, Chunk
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.openai_decoder import ChatDecoder
from devstral_lsp.providers.stop_sequences import stop_sequences_for_request

PATH = "/v1/chat/completions"


class OpenAiChat:
    """Chat at one endpoint, a `ChatBackend`.

    `prefill_fields` are the members that make the server continue our last message, None if it
    cannot.
    """

    def __init__(
        self, client: EndpointClient, prefill_fields: Mapping[str, Any] | None = None
    ) -> None:
        self.can_prefill = prefill_fields is not None
        self._prefill_fields = prefill_fields or {}
        self._client = client

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer, which begins with the text of a prefilled message.

        Raises ProviderError.
        """
        last = request.messages[-1] if request.messages else {}
        prefill = str(last.get("content") or "") if last.get("prefix") else ""
        body = _chat_body(request) | (dict(self._prefill_fields) if prefill else {})
        stream = self._client.stream(request, PATH, body, ChatDecoder)
        async with aclosing(_prepend(stream, prefill)) as chunks:
            async for chunk in chunks:
                yield chunk


def _chat_body(request: ChatRequest) -> dict[str, Any]:
    """The body of POST /v1/chat/completions, streamed.

    It has no prediction and no cache key: few servers know them, and they only save time.
    """
    return {
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


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    """Without Mistral's `prefix`, and with images in the form that OpenAI demands."""
    own = {name: value for name, value in message.items() if name != "prefix"}
    if isinstance(own.get("content"), list):
        own["content"] = [
            {**part, "image_url": {"url": part["image_url"]}}
            if isinstance(part, dict) and isinstance(part.get("image_url"), str)
            else part
            for part in own["content"]
        ]
    return own


async def _prepend(
    stream: AsyncGenerator[Chunk, None], prefill: str
) -> AsyncGenerator[Chunk, None]:
    """The answer with the prefill at its start: Mistral repeats it, other servers do not."""
    held, is_waiting = "", bool(prefill)
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            if not is_waiting:
                yield chunk
                continue
            held += chunk.text
            may_repeat = len(held) < len(prefill) and prefill.startswith(held)
            if chunk.finish is None and may_repeat:
                continue
            is_waiting = False
            yield replace(chunk, text=held if held.startswith(prefill) else prefill + held)
