"""What was asked of the server and what it owes: every answer is judged by what its request meant.

Holds each request until it is answered, and every document as it was when it was asked about. It
sends nothing. A fault is an AssertionError that names ids, versions and places, and no text.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.hostile.sheet import Sheet

KEYSTROKE_CODES = frozenset({-32800, -32801, -32802})
"""RequestCancelled, ContentModified and ServerCancelled: editors show these to nobody."""

_SNIPPET_PART = re.compile(r"\\([\\$}])|([$}])")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request. `codes` are the errors it may get; `sheet` is None where nothing is to come."""

    method: str
    codes: frozenset[int]
    may_succeed: bool = True
    uri: str = ""
    version: Any = None
    sheet: Sheet | None = None
    offset: int = 0
    selected: Mapping[str, Any] | None = None
    sent_s: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        return f"{self.method} of {self.uri[:40]!r} version {self.version} at {self.offset}"


class Ledger:
    """The requests of one session."""

    def __init__(self) -> None:
        self.waiting: dict[Any, Asked] = {}
        self.slowest_s = 0.0
        self.items = 0
        self.failures = 0
        self.nameless = 0
        """Errors without an id that are still to come."""
        self._latest: dict[str, Any] = {}

    def ask(self, msg_id: Any, asked: Asked) -> None:
        assert msg_id not in self.waiting
        self.waiting[msg_id] = asked

    def oldest_s(self) -> float:
        """How long the request has been waiting that has been waiting longest."""
        now_s = time.monotonic()
        return max((now_s - asked.sent_s for asked in self.waiting.values()), default=0.0)

    def take(self, message: Mapping[str, Any]) -> None:
        """Judge an answer. Raises AssertionError."""
        msg_id = message.get("id")
        if msg_id is None:
            self.nameless -= 1
            assert message["error"]["code"] in (-32700, -32600), "an error without an id"
            assert self.nameless >= 0, "an error that nobody asked for"
            return
        asked = self.waiting.pop(msg_id, None)
        assert asked is not None, f"an answer to {msg_id!r}, which was answered or never asked"
        self.slowest_s = max(self.slowest_s, time.monotonic() - asked.sent_s)
        assert ("result" in message) != ("error" in message), f"no answer to {msg_id}: {asked}"
        if "error" in message:
            self.failures += 1
            code = message["error"]["code"]
            assert code in asked.codes, f"{code} to {msg_id}: {asked}"
        else:
            assert asked.may_succeed, f"a result to {msg_id}: {asked}"
            self._take_result(msg_id, asked, message["result"])

    def _take_result(self, msg_id: Any, asked: Asked, result: Any) -> None:
        if asked.method not in ("textDocument/inlineCompletion", "textDocument/completion"):
            assert result is None, f"something to {msg_id}: {asked}"
            return
        items = result["items"]
        if not items:
            return
        assert asked.sheet is not None, f"an item for a document that is not open, {asked}"
        assert self._latest.get(asked.uri, -1) < msg_id, f"{msg_id} after a newer one: {asked}"
        self._latest[asked.uri] = msg_id
        assert len(items) <= 3
        for item in items:
            self.items += 1
            judge = _judge_inline if asked.method.endswith("inlineCompletion") else _judge_menu
            if fault := judge(asked, asked.sheet, item):
                raise AssertionError(f"{fault} in the answer to {msg_id}: {asked}")


def _judge_inline(asked: Asked, sheet: Sheet, item: Mapping[str, Any]) -> str:
    text = item["insertText"]
    if not isinstance(text, str) or item["command"]["command"] != "devstral.accepted":
        return "not the form that works everywhere"
    return _judge(asked, sheet, item["range"], text)


def _judge_menu(asked: Asked, sheet: Sheet, item: Mapping[str, Any]) -> str:
    edit = item["textEdit"]
    text = edit["newText"]
    if item["filterText"].split("\n")[0] != item["filterText"]:
        return "a filter of several lines"
    if item.get("insertTextFormat") == 2:
        if any(match[2] for match in _SNIPPET_PART.finditer(text)):
            return "a snippet that is not escaped"
        text = _SNIPPET_PART.sub(r"\1", text)
        start, _ = sheet.line_at(asked.offset)
        line = sheet.text[start : asked.offset]
        indentation = line[: len(line) - len(line.lstrip(" \t"))]
        text = text.replace("\n", "\n" + indentation)
    return _judge(asked, sheet, edit["range"], text)


def _judge(asked: Asked, sheet: Sheet, range_: Mapping[str, Any], text: str) -> str:
    """What is wrong with putting `text` in the place of a range; "" if nothing is."""
    start, end = sheet.span(range_)
    if range_ != {"start": sheet.position(start), "end": sheet.position(end)}:
        return "a range with ends that are no places"
    line_start, line_end = sheet.line_at(asked.offset)
    if not line_start <= start <= asked.offset <= end <= line_end:
        return "a range that is not around the cursor in its line"
    if "\r" in text:
        return "a carriage return"
    before, after = sheet.text[start : asked.offset], sheet.text[asked.offset : end]
    if asked.selected is not None:
        return _judge_selected(asked.selected, sheet, range_, text)
    if not text.startswith(before):
        return "a text that does not begin with what it replaces"
    if not _holds(text[len(before) :], after):
        return "a text that takes away what stands after the cursor"
    return "" if text != before + after else "a text that changes nothing"


def _judge_selected(
    selected: Mapping[str, Any], sheet: Sheet, range_: Mapping[str, Any], text: str
) -> str:
    start, end = sheet.span(selected["range"])
    item_start, item_end = sheet.span(range_)
    if (item_start, item_end >= end) != (start, True):
        return "a range that is not that of the chosen item"
    chosen = selected["text"].replace("\r\n", "\n").replace("\r", "\n")
    return "" if text.startswith(chosen) else "a text that does not continue the chosen item"


def _holds(text: str, wanted: str) -> bool:
    """Whether the characters of `wanted` stand in `text` in their order."""
    rest = iter(text)
    return all(character in rest for character in wanted)
