"""OpenAI's chat API, as nearly every server and gateway offers it.

Messages arrive in Mistral's shape and are adapted to OpenAI's. A message that we began (`prefix`)
is continued only where the server has a member for that. Where a model's template refuses a system
message, its text goes into the user's.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from devstral_lsp.providers.base import ChatRequest, Chunk
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.http.error_facts import SYSTEM_ROLE
from devstral_lsp.providers.openai_decoder import ReasonlessDecoder, text_of
from devstral_lsp.providers.optional_feature import OptionalFeature
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
        self._system_role = OptionalFeature(is_refusal=lambda error: SYSTEM_ROLE in error.fields)

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer, which begins with the text of a prefilled message.

        Raises ProviderError.
        """
        return self._system_role.stream(lambda is_used: self._stream(request, folds=not is_used))

    def _stream(self, request: ChatRequest, *, folds: bool) -> AsyncGenerator[Chunk, None]:
        messages = _folded(request.messages) if folds else request.messages
        last = messages[-1] if messages else {}
        prefill = str(last.get("content") or "") if last.get("prefix") else ""
        body = _chat_body(replace(request, messages=messages))
        body |= dict(self._prefill_fields) if prefill else {}
        return _prepend(self._client.stream(request, PATH, body, ReasonlessDecoder), prefill)


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


def _folded(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The messages without those of the system, whose text begins the user's first one."""
    texts = [text_of(each.get("content")) for each in messages if each.get("role") == "system"]
    others = [each for each in messages if each.get("role") != "system"]
    first = next((at for at, each in enumerate(others) if each.get("role") == "user"), None)
    head = "\n\n".join(texts)
    if not head:
        return others
    if first is None:
        return [{"role": "user", "content": head}, *others]
    content = others[first].get("content")
    if isinstance(content, list):
        whole: Any = [{"type": "text", "text": f"{head}\n\n"}, *content]
    else:
        whole = f"{head}\n\n{content or ''}"
    return [*others[:first], {**others[first], "content": whole}, *others[first + 1 :]]


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
