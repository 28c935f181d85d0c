"""Ollama's conversations, the options that all its requests share, and the reading of its lines.

Messages come in Mistral's shape and leave in Ollama's: text and images apart, a tool call's
arguments as an object, what bounds an answer under `options`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from devstral_lsp.errors import InvalidResponse
from devstral_lsp.providers.base import ChatRequest, Chunk, FimRequest, FinishReason, Usage
from devstral_lsp.providers.endpoint_client import EndpointClient, drop_empty
from devstral_lsp.providers.openai_decoder import MOST_CALLS, count_of, text_of, too_many_calls

CHAT_PATH = "/api/chat"

_FINISHES: Mapping[str, FinishReason] = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}


class OllamaChat:
    """The conversations of one server. `chat` is a ChatProvider's."""

    continuing: Mapping[str, Any] | None = None
    """That it goes on with a message of ours depends on the model's template: not relied on."""

    def __init__(self, caller: EndpointClient) -> None:
        self.name = caller.name
        self._caller = caller

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer. Raises ProviderError."""
        body = {
            "model": await self._caller.model(for_fim=False),
            "messages": [_message(message) for message in request.messages],
            "tools": list(request.tools) or None,
            "format": _format(request.response_format),
            "options": options(request),
            "stream": True,
        }
        async with aclosing(
            self._caller.stream(CHAT_PATH, drop_empty(body), OllamaDecoder)
        ) as chunks:
            async for chunk in chunks:
                yield chunk

    async def close(self) -> None:
        """Nothing of its own is open."""


def options(request: FimRequest | ChatRequest, stops: Sequence[str] = ()) -> dict[str, Any]:
    """What bounds an answer. `stop` must be a list here, of any length."""
    return drop_empty(
        {
            "num_predict": max(request.max_tokens, 1),
            "temperature": request.temperature,
            "top_p": request.top_p if request.top_p else None,
            "seed": request.random_seed,
            "stop": [stop for stop in dict.fromkeys((*request.stop, *stops)) if stop] or None,
        }
    )


class OllamaDecoder:
    """Reads the lines of /api/generate and of /api/chat."""

    def __init__(self) -> None:
        self.finish: FinishReason | None = None
        self._usage: Usage | None = None
        self._calls: list[dict[str, Any]] = []

    def read(self, event: Mapping[str, Any]) -> str:
        """Take one line and give its text. Raises InvalidResponse."""
        message = event.get("message")
        spoken = message if isinstance(message, dict) else {}
        if "response" not in event and not spoken and "done" not in event:
            raise InvalidResponse("The endpoint sent a line that is no part of a completion.")
        self._add_calls(spoken.get("tool_calls"))
        if event.get("done") is True:
            self._end(event)
        text = spoken.get("content") if spoken else event.get("response")
        return text if isinstance(text, str) else ""

    def last(self) -> Chunk:
        """The chunk that ends the stream; TRUNCATED if no line said why it ended."""
        finish = FinishReason.TOOL_CALLS if self._calls else self.finish or FinishReason.INCOMPLETE
        return Chunk(finish=finish, usage=self._usage, tool_calls=tuple(self._calls))

    def _end(self, event: Mapping[str, Any]) -> None:
        """Older servers give no reason. "load" and "unload" mean that nothing was generated."""
        reason = event.get("done_reason") or "stop"
        self.finish = _FINISHES.get(str(reason), FinishReason.INCOMPLETE)
        prompt, answer = event.get("prompt_eval_count"), event.get("eval_count")
        if isinstance(answer, int):
            self._usage = Usage(prompt_tokens=count_of(prompt), completion_tokens=count_of(answer))

    def _add_calls(self, calls: Any) -> None:
        for call in calls if isinstance(calls, list) else ():
            given = call.get("function") if isinstance(call, dict) else None
            if isinstance(given, dict):
                arguments = json.dumps(given.get("arguments") or {}, ensure_ascii=False)
                function = {"name": str(given.get("name") or ""), "arguments": arguments}
                identity = str(call.get("id") or "")
                if len(self._calls) == MOST_CALLS:
                    raise too_many_calls()
                self._calls.append({"id": identity, "type": "function", "function": function})


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    calls = message.get("tool_calls")
    return drop_empty(
        {
            "role": message.get("role"),
            "images": [image for part in parts if (image := _image(part))] or None,
            "tool_calls": [_call(call) for call in calls] if isinstance(calls, list) else None,
            "tool_name": message.get("name") if message.get("role") == "tool" else None,
        }
    ) | {"content": text_of(content)}


def _image(part: Any) -> str:
    """The base64 of a data URI, which is all that Ollama takes."""
    given = part.get("image_url") if isinstance(part, dict) else None
    address = given.get("url") if isinstance(given, dict) else given
    return address.partition(";base64,")[2] if isinstance(address, str) else ""


def _call(call: Any) -> Any:
    """A tool call as it came from us, with its arguments as an object again."""
    function = call.get("function") if isinstance(call, dict) else None
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(arguments, str):
        return call
    try:
        parsed = json.loads(arguments)
    except (ValueError, RecursionError):
        parsed = {}
    return {"function": {"name": function.get("name"), "arguments": parsed}}


def _format(wanted: Mapping[str, Any] | None) -> Any:
    """`format`: a schema, or the word for any JSON."""
    kind = wanted.get("type") if wanted else None
    if kind == "json_schema" and wanted and isinstance(wanted.get("json_schema"), dict):
        return wanted["json_schema"].get("schema")
    return "json" if kind == "json_object" else None
