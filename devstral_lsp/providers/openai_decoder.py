"""Reads the events of a streamed completion whose choices hold a `delta`, or a `text`.

Mistral's FIM and every chat API send the first, OpenAI's older completions API the second. Tolerant
where schemas and servers differ: content may be text, null or a list of typed chunks, usage may
come in any event, tool calls whole or in pieces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from devstral_lsp.errors import InvalidResponse, ServerOverloaded
from devstral_lsp.providers.base import Chunk
from devstral_lsp.providers.metering import Usage
from devstral_lsp.providers.streaming import StreamDecoder, finish_reason, piece_of, tokens_of

_FAILURES = frozenset({"error", "abort"})
"""Finish reasons of failures; vLLM sends the second when it gives up."""
MAX_TOOL_CALLS = 128
"""In one answer; a handful is usual."""
MAX_TOKENS = 1 << 40
"""Larger counts are invalid: JSON may hold numbers of any size."""
_THINKING, _THOUGHT = "<think>", "</think>"
_NO_COMPLETION = "The endpoint sent an event that is not part of a completion."


class ChatDecoder(StreamDecoder):
    """The answer of a chat endpoint, or of Mistral's FIM, in pieces of a message."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: dict[int, int] = {}
        """The number of the tool call that an index stands for at the moment."""
        self._last = -1

    def read(self, event: Mapping[str, Any]) -> str | None:
        """Take one event and give its text; None if it is no part of a completion.

        Raises InvalidResponse or ServerOverloaded.
        """
        usage = usage_of(event.get("usage"))
        # LiteLLM puts zeros into every event, beside the one that counts.
        if usage is not None and (self.usage is None or usage != Usage()):
            self.usage = usage
        choices = event.get("choices")
        if not isinstance(choices, list):
            return "" if usage is not None else None
        return self._take(choices[0]) if choices else ""

    def _take(self, choice: Any) -> str:
        """The text in one choice; its end and its tool calls are kept."""
        delta = _delta(choice)
        calls = delta.get("tool_calls")
        for position, call in enumerate(calls if isinstance(calls, list) else ()):
            self._add_call(position, call)
        self._end(choice.get("finish_reason"))
        content = delta.get("content")
        return _text_of_parts(content) if isinstance(content, list) else piece_of(content)

    def _end(self, reason: Any) -> None:
        if not isinstance(reason, str):
            return
        if reason in _FAILURES:
            raise ServerOverloaded(
                "The endpoint failed in the middle of its answer; it passes by itself."
            )
        if reason:
            self.finish = finish_reason(reason)

    def _add_call(self, position: int, piece: Any) -> None:
        """Join the pieces of a tool call by their index; arguments may be text or an object.

        Some servers give each call of an answer the index 0, or none: an id or a name that is not
        the call's own begins another one.
        """
        if not isinstance(piece, dict) or not isinstance(piece.get("function"), dict):
            return
        given = piece["function"]
        identity, name = str(piece.get("id") or ""), str(given.get("name") or "")
        index = piece["index"] if isinstance(piece.get("index"), int) else position
        is_rest = not isinstance(piece.get("index"), int) and not identity and not name
        call = self.tool_calls.get(self._last if is_rest else self._calls.get(index, -1))
        if call is None or _is_another(call, identity, name):
            call = self._new_call(index)
        function = call["function"]
        call["id"] = call["id"] or identity
        function["name"] = function["name"] or name
        function["arguments"] += _arguments(given.get("arguments"))

    def _new_call(self, index: int) -> dict[str, Any]:
        if len(self.tool_calls) == MAX_TOOL_CALLS:
            raise too_many_calls()
        # Sorted by index, and among those of one index as they came.
        number = self._last = self._calls[index] = index * MAX_TOOL_CALLS + len(self.tool_calls)
        empty = {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
        return self.tool_calls.setdefault(number, empty)


class ReasonlessDecoder(ChatDecoder):
    """The answer of a chat without the reasoning in tags that some servers leave at its start."""

    def __init__(self) -> None:
        super().__init__()
        self._held: str | None = ""
        """What may be reasoning or its tag; None once the answer itself has begun."""
        self._reasons = False

    def read(self, event: Mapping[str, Any]) -> str | None:
        """The same, without what is reasoning."""
        text = super().read(event)
        if self._held is None or not text:
            return text
        self._held += text
        begin = self._held.lstrip()
        if begin.startswith(_THINKING):
            self._reasons = True
        if not self._reasons:
            return "" if _THINKING.startswith(begin) else self._begin(self._held)
        _, closed, answer = self._held.partition(_THOUGHT)
        if closed and (answer := answer.lstrip("\n")):
            return self._begin(answer)
        self._held = closed or self._held[-len(_THOUGHT) :]
        return ""

    def last(self) -> Chunk:
        """The same, with what was held in the case that a tag follows; reasoning is not shown."""
        held, self._held = self._held, None
        return replace(super().last(), text="" if self._reasons else held or "")

    def _begin(self, text: str) -> str:
        self._held = None
        self._reasons = False
        return text


class CompletionDecoder(ChatDecoder):
    """The answer of a completions endpoint, whose text is in the choice itself."""

    def _take(self, choice: Any) -> str:
        if not isinstance(choice, dict):
            raise InvalidResponse(_NO_COMPLETION)
        if "delta" in choice or "message" in choice:
            return super()._take(choice)
        self._end(choice.get("finish_reason"))
        self.tokens = tokens_of(choice.get("logprobs"))
        return piece_of(choice.get("text"))


def text_of(content: Any) -> str:
    """The text in a message's content, without thinking and other typed chunks."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    typed = (part for part in parts if isinstance(part, dict) and part.get("type") == "text")
    return "".join(part["text"] for part in typed if isinstance(part.get("text"), str))


def _text_of_parts(parts: Sequence[Any]) -> str:
    """The text in a list of typed chunks, without thinking. Raises InvalidResponse for a hole."""
    typed = (part for part in parts if isinstance(part, dict) and part.get("type") == "text")
    return "".join(piece_of(part.get("text")) for part in typed)


def too_many_calls() -> InvalidResponse:
    return InvalidResponse(f"The endpoint called more than {MAX_TOOL_CALLS} tools in one answer.")


def _delta(choice: Any) -> Mapping[str, Any]:
    if not isinstance(choice, dict):
        raise InvalidResponse(_NO_COMPLETION)
    delta = choice.get("delta", choice.get("message"))
    if isinstance(delta, dict):
        return delta
    if "text" in choice:
        raise InvalidResponse(
            "The endpoint answers in another API's form: is this the right provider?"
        )
    if delta is not None:
        raise InvalidResponse(_NO_COMPLETION)
    return {}


def _is_another(call: Mapping[str, Any], identity: str, name: str) -> bool:
    """Whether a piece with this id and name begins another call than `call`."""
    if identity and call["id"]:
        return identity != str(call["id"])
    own = call["function"]
    if not name or not own["name"]:
        return False
    return name != own["name"] or _is_whole(own["arguments"])


def _is_whole(arguments: str) -> bool:
    """Whether nothing can follow: some servers repeat a call's name with each of its pieces."""
    if not arguments.endswith("}"):
        return False  # spares parsing all that has come with each piece
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return False
    return True


def _arguments(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def usage_of(value: Any) -> Usage | None:
    """The token counts of an event, None if it holds none."""
    if not isinstance(value, dict):
        return None
    return Usage(
        prompt_tokens=count_of(value.get("prompt_tokens")),
        completion_tokens=count_of(value.get("completion_tokens")),
        cached_tokens=_cached(value),
    )


def _cached(usage: Mapping[str, Any]) -> int:
    """Mistral's documentation and schema name three places, DeepSeek's a fourth."""
    for name in ("prompt_tokens_details", "prompt_token_details"):
        details = usage.get(name)
        if isinstance(details, dict) and "cached_tokens" in details:
            return count_of(details["cached_tokens"])
    return count_of(usage.get("num_cached_tokens") or usage.get("prompt_cache_hit_tokens"))


def count_of(value: Any) -> int:
    """A number of tokens; 0 if `value` is none."""
    return value if isinstance(value, int) and 0 < value <= MAX_TOKENS else 0
