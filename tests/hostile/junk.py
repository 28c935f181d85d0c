"""What no decent editor sends, and settings that one may well send."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.hostile.papers import CANARY, CELLS, TYPED

NOTIFICATIONS = (
    "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose",
    "textDocument/didSave", "notebookDocument/didOpen", "notebookDocument/didChange",
    "notebookDocument/didClose", "workspace/didChangeWorkspaceFolders",
    "workspace/didChangeWatchedFiles",
)  # fmt: skip
REQUESTS = (
    "textDocument/inlineCompletion", "textDocument/completion", "workspace/executeCommand",
)  # fmt: skip
DIALECT = (
    "textDocument/didFocus", "textDocument/didShowCompletion",
    "textDocument/didPartiallyAcceptCompletion",
)  # fmt: skip

_PLACE = {"textDocument": {"uri": "no:where"}, "position": {"line": 0, "character": 0}}
_DEEP: Any = json.loads('{"a":' * 300 + "1" + "}" * 300)

_VALUES: tuple[Any, ...] = (
    None,
    [],
    7,
    CANARY,
    [None, CANARY],
    {},
    {"textDocument": None},
    {"textDocument": {"uri": 7}},
    {"textDocument": CANARY, "contentChanges": CANARY},
    {"textDocument": {"uri": "no:where", "version": 1}, "contentChanges": [{}]},
    {"textDocument": {"uri": "no:where", "version": "x"}, "contentChanges": CANARY},
    {**_PLACE, "position": {"line": -1, "character": 0}, "context": {"triggerKind": 2}},
    {**_PLACE, "position": {"line": 2**70, "character": 0}, "context": {"triggerKind": 2}},
    {**_PLACE, "position": {"character": 0}, "context": {"triggerKind": 2}},
    {"command": 7, "arguments": CANARY},
    {"event": CANARY},
    _DEEP,
)

NO_MESSAGES = (
    b"",
    b"{",
    b"[]",
    b"7",
    b"\xff\xfe\xfd",
    b"[" * 50_000,
    b'"' + CANARY.encode() + b'"',
    b'{"jsonrpc": "2.0", "id": [1], "method": "shutdown"}',
    b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}',
    b'[{"jsonrpc": "2.0", "id": 1, "method": "x"}, {"jsonrpc": "2.0", "method": "exit"}]',
    b'{"jsonrpc": "2.0", "id": 1' + b"0" * 5000 + b"}",
)
STRAY_LINES = (
    CANARY.encode() + b"\r\n",
    b"\r\n\r\n",
    b"Content-Type: nothing\r\n",
    b"Content-Length: many\r\n\r\n",
    b"Content-Length: 3\r\n",
    b"\n\xff\n",
)


def value(rng: Random) -> Any:
    """Params that fit nothing."""
    return rng.choice(_VALUES)


def change(rng: Random) -> dict[str, Any]:
    """A change with a range that may lie anywhere and run backwards."""
    line = rng.choice((0, 1, 2, 5, 30, 5000))
    ends = [{"line": line + rng.randint(0, 1), "character": rng.randint(0, 12)} for _ in range(2)]
    if rng.random() < 0.2:
        ends[1] = {"line": ends[0]["line"], "character": 2**31 - 1}
    return {"range": {"start": ends[0], "end": ends[1]}, "text": rng.choice(TYPED)}


def splice(rng: Random) -> dict[str, Any]:
    """A change of a notebook's cells that does not fit."""
    cell = {"kind": rng.choice((1, 2)), "document": rng.choice(CELLS)}
    return {"start": rng.choice((4, 99)), "deleteCount": rng.randint(0, 50), "cells": [cell]}


def command(rng: Random) -> tuple[dict[str, Any], bool]:
    """Params of `workspace/executeCommand`, and whether they are in order."""
    accepted = "devstral.accepted"
    if rng.random() < 0.5:
        return {"command": accepted, "arguments": [str(rng.randint(1, 400))]}, True
    name = rng.choice((accepted, "rm", ""))
    arguments: Any = rng.choice((None, [], [7], [7, CANARY], [{}]))
    return {"command": name, "arguments": arguments}, False


def folders(rng: Random) -> list[dict[str, str]]:
    uris = ("file:///nowhere", "file://[", "file:///%00", "untitled:x", "", "file:///nowhere/b")
    return [{"uri": rng.choice(uris), "name": CANARY} for _ in range(rng.randint(0, 2))]


def dialect_params(rng: Random) -> Any:
    item = {"command": {"command": "devstral.accepted", "arguments": [str(rng.randint(1, 400))]}}
    units = rng.choice((0, 1, 5, -1, "x"))
    valid = ({"item": item, "acceptedLength": units}, {"textDocument": {"uri": CELLS[0]}})
    return rng.choice((*valid, *valid, value(rng)))


def settings(rng: Random) -> Any:
    """Mostly settings in order, and else ones that cannot be read, or with which little is said."""
    odd: tuple[Any, ...] = (
        None, "on", 7, [], {"fim": 7}, {"fim": {"model": 7}}, {"fim": []},
        {"completion": {"debounce_ms": -1, "odd": "odd"}}, {"devstral": None}, _DEEP,
        {"fim": {"base_url": "http://[x"}}, {"fim": {"base_url": "http://127.0.0.1:1/v1"}},
        {"fim": {"provider": "local"}}, {"fim": {"provider": "codestral"}},
        {"completion": {"enabled": False}}, {"completion": {"menu": "never"}},
        {"completion": {"disabledLanguages": ["python"]}}, {"local": {"enabled": False}},
        {"fim": {"model": "no-such-model"}}, {"fim": {"model": "devstral-2512"}},
    )  # fmt: skip
    return usual_settings(rng) if rng.random() < 0.8 else rng.choice(odd)


def usual_settings(rng: Random) -> dict[str, Any]:
    """Settings in order; a new waiting time also makes a failed endpoint asked again."""
    wait_ms = rng.choice((0, 1, 5, 20, 60))
    base: dict[str, Any] = {"completion": {"debounce_ms": wait_ms}}
    return rng.choice(
        (
            base,
            {"devstral": base},
            {**base, "fim": {"model": "codestral-latest"}},
            {**base, "fim": {"model": "codestral-2508", "provider": "mistral"}},
            {**base, "context": {"enabled": False}},
            {**base, "context": {"deadline_ms": 0, "budget_tokens": 0}},
            {**base, "completion": {"multiline": "never", "debounce_ms": wait_ms}},
        )
    )
