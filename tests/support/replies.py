"""What a model answers to a refactor, in the form that it is asked for."""

from __future__ import annotations

import json
from typing import Any

from tests.support.answers import Answer


def code(new: str, *imports: str) -> Answer:
    """New code for the span."""
    return _json(code=new, imports=list(imports))


def markdown(text: str) -> Answer:
    """Prose."""
    return _json(markdown=text)


def findings(*remarks: tuple[int, str]) -> Answer:
    """A review: lines, counted from 1 in what was shown, and what is wrong there."""
    told = [
        {"first_line": line, "last_line": line, "severity": "warning", "message": message}
        for line, message in remarks
    ]
    return _json(findings=told)


def calling(name: str, **arguments: str) -> Answer:
    """The call of a tool."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"id": "abcdefghi", "index": 0, "function": function}
    return Answer(text=(), tool_calls=[call], finish_reason="tool_calls")


def calls(*made: tuple[str, dict[str, Any]]) -> Answer:
    """Calls of tools, all in one answer: their names, and what they are called with."""
    written = [
        {
            "id": f"call{number:05}",
            "index": number,
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for number, (name, arguments) in enumerate(made)
    ]
    return Answer(text=(), tool_calls=written, finish_reason="tool_calls")


def call(name: str, **arguments: Any) -> Answer:
    """One call of a tool."""
    return calls((name, arguments))


def endless() -> Answer:
    """A reply that begins and never ends."""
    return Answer(text=('{"code": "def', "x" * 1000), end="hang", after_bytes=600)


def _json(**members: Any) -> Answer:
    whole = json.dumps(members)
    middle = len(whole) // 2
    return Answer(text=(whole[:middle], whole[middle:]))
