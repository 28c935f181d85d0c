"""An editor like VS Code with one document: what it sends at a key, what it shows of an answer.

At a key: `didChange` (incremental), `$/cancelRequest` for the request under way, and a new
`textDocument/inlineCompletion` after the editor's own debounce. An answer counts only while its
request is the newest. It replaces what is shown; an empty one takes it away. Meanwhile the text
shown shrinks under keys that agree, grows under backspace, and goes at a key that disagrees.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.replay.client import RequestFailed, ServerGone
from benchmarks.replay.document import (
    Ghost,
    Take,
    erased,
    ghost_of,
    position_of,
    right_part,
    typed_along,
)
from benchmarks.replay.records import Record, Show

AUTOMATIC = 2
"""InlineCompletionTriggerKind.Automatic."""

SILENT_ERRORS = range(-32802, -32799)
"""Cancelled, modified, cancelled by the server: VS Code shows a notification for all others."""


PATIENCE_S = 0.72
"""VS Code 1.139 with its default `quickSuggestions` (`offWhenInlineCompletions`): where the cursor
stands at a word's end, it cancels a request that is this old and does not ask again."""


@dataclass(slots=True)
class Asking:
    """A request that is due or under way; `number` is its id once it was sent."""

    number: int | None = None


class Server(Protocol):
    """Who is told and asked: `client.Client`, or an engine within this process."""

    def notify(self, method: str, params: Any) -> None: ...

    def send_request(self, method: str, params: Any) -> tuple[int, asyncio.Future[Any]]: ...


def now_s() -> float:
    """The time that everybody in a session lives by."""
    return asyncio.get_running_loop().time()


class Editor:
    """The open document, its cursor and its ghost text. Times are the event loop's, in seconds."""

    def __init__(self, client: Server, debounce_s: float, impatient: bool = False) -> None:
        self._client, self._debounce_s, self._impatient = client, debounce_s, impatient
        self._asking: Asking | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.changed = asyncio.Event()
        self.record = Record()

    def open(self, uri: str, language_id: str, text: str, cursor: int) -> None:
        self._uri, self._version, self._text, self._cursor = uri, 1, text, cursor
        self.ghost: Ghost | None = None
        self.shown_at, self.shown_next, self.last_key_at = 0.0, "", 0.0
        self.truly_next = ""
        self.record = Record()
        item = {"uri": uri, "languageId": language_id, "version": 1, "text": text}
        self._client.notify("textDocument/didOpen", {"textDocument": item})

    async def close(self) -> None:
        self._cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._client.notify("textDocument/didClose", {"textDocument": {"uri": self._uri}})

    def press(self, key: str, truly_next: str) -> None:
        """Types a key. `truly_next` is what remains of the trace after it, "" after a slip."""
        self._replace(self._cursor, self._cursor, key)
        self.ghost = typed_along(self.ghost, key) if self.ghost else None
        self.record.typed_keys += 1
        self._after_key(truly_next)

    def erase(self, truly_next: str) -> None:
        removed = self._text[self._cursor - 1]
        self._replace(self._cursor - 1, self._cursor, "")
        self.ghost = erased(self.ghost, removed) if self.ghost else None
        self.record.backspaces += 1
        self._after_key(truly_next)

    def accept(self, take: Take, truly_next: str) -> None:
        """The whole ghost text (then its command is run), or its first line (the rest stays)."""
        ghost = self.ghost
        assert ghost
        if take.whole:
            end = self._cursor + ghost.covers
            self._replace(self._cursor, end, ghost.text + ghost.keeps, len(ghost.text))
            self.ghost = None
        else:
            self._replace(self._cursor, self._cursor, take.text)
            self.ghost = typed_along(ghost, take.text)
        self.record.accepts += 1
        if take.whole and ghost.command:
            command = ghost.command
            params = {"command": command["command"], "arguments": command.get("arguments", [])}
            self._start(self._execute(params))
        self._after_key(truly_next)

    def _replace(self, start: int, end: int, new: str, moved: int | None = None) -> None:
        span = {"start": position_of(self._text, start), "end": position_of(self._text, end)}
        self._text = self._text[:start] + new + self._text[end:]
        self._cursor = start + (len(new) if moved is None else moved)
        self._version += 1
        document = {"uri": self._uri, "version": self._version}
        params = {"textDocument": document, "contentChanges": [{"range": span, "text": new}]}
        self._client.notify("textDocument/didChange", params)

    def _after_key(self, truly_next: str) -> None:
        self.truly_next = truly_next
        self.last_key_at = now_s()
        self._cancel()
        self._asking = Asking()
        self._start(self._ask(self._asking))

    def _cancel(self) -> None:
        if self._asking and self._asking.number is not None:
            self._client.notify("$/cancelRequest", {"id": self._asking.number})
        self._asking = None

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, asking: Asking) -> None:
        await asyncio.sleep(self._debounce_s)
        if asking is not self._asking:
            return
        params = {
            "textDocument": {"uri": self._uri},
            "position": position_of(self._text, self._cursor),
            "context": {"triggerKind": AUTOMATIC},
        }
        asking.number, answer = self._client.send_request("textDocument/inlineCompletion", params)
        self.record.requests += 1
        if self._impatient and self._at_word_end():
            asyncio.get_running_loop().call_later(PATIENCE_S, self._give_up, asking)
        result = await self._result(answer)
        if asking is self._asking:
            self._asking = None
            tier = _tier(result)
            self.record.tiers.update(filter(None, [tier]))
            self._show(result, tier)

    def _give_up(self, asking: Asking) -> None:
        if asking is self._asking:
            self._cancel()

    def _at_word_end(self) -> bool:
        return self._text[self._cursor - 1 : self._cursor].isidentifier()

    async def _execute(self, params: dict[str, Any]) -> None:
        await self._result(self._client.send_request("workspace/executeCommand", params)[1])

    async def _result(self, answer: asyncio.Future[Any]) -> Any:
        try:
            return await answer
        except ServerGone:
            return None  # the session sees that it ended
        except RequestFailed as failed:
            self.record.failures += failed.code not in SILENT_ERRORS
            return None

    def _show(self, result: Any, tier: str) -> None:
        """Puts the first item that can be shown in the place of what is shown."""
        ghosts = (ghost_of(item, self._text, self._cursor) for item in _items(result))
        new, old = next((ghost for ghost in ghosts if ghost), None), self.ghost
        self.ghost = new
        if new and old and new.text == old.text:
            return
        if new and old and new.text.startswith(old.text):
            self.record.shows[-1].right = self._right(new)
        elif new:
            self.shown_at, self.shown_next = now_s(), self.truly_next
            after_ms = 1000 * (self.shown_at - self.last_key_at)
            around = self._text[: self._cursor], self._text[self._cursor :]
            self.record.shows.append(Show(after_ms, self._right(new), new.text, *around, tier))
        self.record.flickers += bool(new and old and not new.text.startswith(old.text))
        self.record.withdrawn += bool(old and not new)
        self.changed.set()

    def _right(self, ghost: Ghost) -> bool:
        return right_part(ghost, self.truly_next) is not None


def _items(result: Any) -> list[dict[str, Any]]:
    return result["items"] if isinstance(result, dict) else result or []


def _tier(result: Any) -> str:
    """devstral-lsp names the tier behind the completion's id, in the acceptance command."""
    for item in _items(result)[:1]:
        match item.get("command"):
            case {"arguments": [_, str(tier), *_]}:
                return tier
    return ""
