"""The messages of a task, kept within a token budget.

Chat APIs require the result of every tool call, in order, right after the message with the calls.
Ids are replaced by nine letters and digits, which Mistral requires.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from devstral_lsp.characters import printable
from devstral_lsp.context.choice import CHARACTERS_PER_TOKEN
from devstral_lsp.refactor.safe_markdown import safe_markdown

LEFT_OUT = "(This answer was left out to save room. Call the tool again if you need it.)"

_ID_LETTERS = 9
_NEVER_DROPPED = 4
"""The newest tool results, which the model is working with."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call as the model made it. `arguments` is None if they were not a JSON object."""

    id: str
    name: str
    arguments: Mapping[str, Any] | None


class Conversation:
    """The conversation so far. `messages` is what to send next."""

    def __init__(self, system: str, user: str, budget_tokens: int) -> None:
        self._messages: list[dict[str, Any]] = [
            {"role": "system", "content": system},
            {"role": "user", "content": user},
        ]
        self._budget = int(budget_tokens * CHARACTERS_PER_TOKEN)
        self._calls = 0

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        """All messages; beyond the budget, the oldest tool results without their text."""
        spare = _size(self._messages) - self._budget
        answers = [each for each in self._messages if each["role"] == "tool"]
        left_out: set[int] = set()
        for answer in answers[:-_NEVER_DROPPED]:
            if spare <= 0:
                break
            spare -= len(answer["content"]) - len(LEFT_OUT)
            left_out.add(id(answer))
        return [
            {**each, "content": LEFT_OUT} if id(each) in left_out else each
            for each in self._messages
        ]

    def add_assistant(self, text: str, calls: Sequence[Mapping[str, Any]]) -> list[ToolCall]:
        """Add the model's `text` and tool calls, in the format of the chat API."""
        read = [self._read(call) for call in calls]
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if read:
            message["tool_calls"] = [_written(each) for each in read]
        self._messages.append(message)
        return read

    def add_tool_result(self, call: ToolCall, text: str) -> None:
        """Add the result of a call. The calls of a message get their results in order."""
        self._messages.append(
            {"role": "tool", "tool_call_id": call.id, "name": call.name, "content": text}
        )

    def add_user(self, text: str) -> None:
        """Add a user message."""
        self._messages.append({"role": "user", "content": text})

    def transcript(self) -> str:
        """The conversation in Markdown, with tool calls and their results."""
        return "\n\n".join(part for each in self._messages[1:] for part in _told(each)) + "\n"

    def _read(self, call: Mapping[str, Any]) -> ToolCall:
        self._calls += 1
        function = call.get("function")
        function = function if isinstance(function, Mapping) else {}
        name = str(function.get("name") or "")
        return ToolCall(_id(self._calls), name, _object(function.get("arguments")))


def _id(number: int) -> str:
    """Nine letters and digits: Mistral answers any other id with status 400 (code 3280)."""
    return blake2b(str(number).encode(), digest_size=8).hexdigest()[:_ID_LETTERS]


def _object(arguments: object) -> Mapping[str, Any] | None:
    """The arguments, which endpoints send as JSON text or as an object."""
    if isinstance(arguments, Mapping):
        return arguments
    try:
        value = json.loads(arguments) if isinstance(arguments, str) else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _written(call: ToolCall) -> dict[str, Any]:
    arguments = json.dumps(call.arguments or {}, ensure_ascii=False)
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}


def _told(message: Mapping[str, Any]) -> Iterator[str]:
    """A message in Markdown, with text from files in fences, so that it is not rendered."""
    text = printable(message["content"])
    match message["role"]:
        case "user":
            yield f"## You\n\n{_fenced(text)}"
        case "tool":
            yield _fenced(text)
        case _:
            if text:
                yield f"## The model\n\n{safe_markdown(text)}"
            for call in message.get("tool_calls", ()):
                function = call["function"]
                yield f"### {printable(function['name'])}\n\n{_fenced(_readable(function))}"


def _readable(function: Mapping[str, Any]) -> str:
    """The arguments of a call, with line ends in strings as such."""
    arguments = json.loads(function["arguments"])
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in arguments.items()
    )


def _fenced(text: str) -> str:
    longest = max((len(each) for each in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _size(messages: Sequence[Mapping[str, Any]]) -> int:
    """Code points of all messages, calls included."""
    return sum(len(each["content"]) + len(str(each.get("tool_calls", ""))) for each in messages)
