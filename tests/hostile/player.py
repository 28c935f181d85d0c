"""An editor that does whatever comes into its head: writes messages, and listens to the answers.

Which messages go out is decided by the seed alone; what comes back is the ledger's to judge.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from tests.hostile import junk
from tests.hostile.ledger import KEYSTROKE_CODES, Asked, Ledger
from tests.hostile.papers import BOOK, CANARY, CELLS, TYPED, Paper, papers
from tests.hostile.post import Post
from tests.support.fake_mistral import KEY
from tests.support.wire import Wire, framed

INVALID_PARAMS, NO_SUCH_METHOD, NO_REQUEST = -32602, -32601, -32600
LINE_OF_THE_LARGE = 400
"""Edits go to its first lines, so that our own counting does not take longer than the server's."""


class Player:
    """One session. `trail` holds the last messages, without any text."""

    def __init__(self, wire: Wire, post: Post, rng: Random, encoding: str) -> None:
        self.ledger = Ledger()
        self.trail: deque[str] = deque(maxlen=40)
        self._wire = wire
        self._post = post
        self._rng = rng
        self._replies = Random(rng.random())
        self._papers = papers(encoding)
        self._count = 0
        self._has_strayed = False
        self._is_set_right = True
        self._moves: tuple[tuple[Callable[[], None], int], ...] = (
            (self._type, 40), (self._ask_somewhere, 12), (self._menu, 8), (self._cancel, 10),
            (self._wild_change, 6), (self._reopen, 4), (self._command, 2), (self._configure, 2),
            (self._set_right, 4), (self._folders, 1), (self._unknown, 3), (self._malformed, 4),
            (self._garbage, 3), (self._book, 3), (self._dialect, 2), (self._wrong_way, 2),
        )  # fmt: skip

    def open_all(self) -> None:
        for paper in self._papers.values():
            if not paper.in_book:
                self._tell("textDocument/didOpen", {"textDocument": paper.open(self._rng)})
        self._open_book()

    def ask_everywhere(self) -> None:
        """Under new settings, the ghost text and the menu of each document that is open."""
        self._set_right()
        for paper in self._papers.values():
            if paper.sheet is not None:
                position = paper.sheet.position(paper.cursor)
                self._inline(paper, position)
                self._keystroke("textDocument/completion", paper, position, {"triggerKind": 1})

    def move(self) -> None:
        """Do anything."""
        moves, weights = zip(*self._moves, strict=True)
        self._rng.choices(moves, weights)[0]()

    async def listen(self) -> None:
        """Judge what comes, until the connection ends. Raises AssertionError."""
        while True:
            message = await self._wire.receive()
            if "method" in message:
                self._hear(message)
            else:
                self.ledger.take(message)
            if "result" not in message:
                told = json.dumps(message)
                assert CANARY not in told, "source text in a message"
                assert KEY not in told, "the key in a message"

    def ask(self, method: str, params: Any, asked: Asked, msg_id: Any = None) -> None:
        """Send a request that the ledger waits for."""
        self._count += 1
        msg_id = self._count if msg_id is None else msg_id
        self.ledger.ask(msg_id, asked)
        self._send({"id": msg_id, "method": method, "params": params})

    def _tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Mapping[str, Any]) -> None:
        self.trail.append(_without_text(message))
        self._has_strayed = False
        self._post.put(framed(json.dumps({"jsonrpc": "2.0", **message}).encode()))

    def _hear(self, message: Mapping[str, Any]) -> None:
        """Answer the server's own requests, well or badly or not at all."""
        if "id" not in message:
            return
        asks_settings = message["method"] == "workspace/configuration"
        reply = self._replies.choice(("null", "null", "settings", "error", "junk", "silence"))
        if asks_settings and self._is_set_right:
            settings = junk.usual_settings(self._replies)
            return self._send({"id": message["id"], "result": [settings]})
        if reply == "silence":
            return
        outcome: dict[str, Any] = {"result": None}
        if reply == "settings" and asks_settings:
            outcome = {"result": [junk.settings(self._replies)]}
        elif reply == "error":
            outcome = {"error": {"code": -32603, "message": CANARY}}
        elif reply == "junk":
            outcome = {"result": self._replies.choice(([], [7], "x", {"a": 1}, [[[]]]))}
        for _ in range(self._replies.choice((1, 1, 1, 2))):
            self._send({"id": message["id"], **outcome})

    def _any_open(self) -> Paper | None:
        """Mostly one of the first few: somebody types in one document at a time."""
        known = [paper for paper in self._papers.values() if paper.sheet is not None]
        if not known:
            return None
        return self._rng.choice(known[:3] if self._rng.random() < 0.5 else known)

    def _edit(self, paper: Paper, changes: list[dict[str, Any]], version: int) -> None:
        document = {"uri": paper.uri, "version": version}
        if paper.in_book:
            content = [{"document": document, "changes": changes}]
            book = {"uri": BOOK, "version": version}
            params: Any = {"notebookDocument": book, "change": {"cells": {"textContent": content}}}
            self._tell("notebookDocument/didChange", params)
        else:
            params = {"textDocument": document, "contentChanges": changes}
            self._tell("textDocument/didChange", params)
        paper.change(changes, version)

    def _type(self) -> None:
        """A key, then the request that an editor sends for it."""
        paper = self._any_open()
        if paper is None or paper.sheet is None:
            return self._reopen()
        text = self._rng.choice(TYPED)
        start = paper.cursor
        if self._rng.random() < 0.2:
            start, text = max(0, start - self._rng.randint(1, 4)), ""
        if len(paper.sheet.lines) > LINE_OF_THE_LARGE:
            start = paper.cursor = min(start, paper.sheet.lines[LINE_OF_THE_LARGE][0])
        sheet = paper.sheet
        range_ = {"start": sheet.position(start), "end": sheet.position(paper.cursor)}
        at = min(sheet.span(range_))
        self._edit(paper, [{"range": range_, "text": text}], paper.version + 1)
        paper.move(at + len(text))
        if self._rng.random() < 0.8:
            self._inline(paper, paper.sheet.position(paper.cursor))

    def _ask_somewhere(self) -> None:
        paper = self._rng.choice(list(self._papers.values()))
        position = {"line": self._rng.randint(0, 60), "character": self._rng.randint(0, 30)}
        if self._rng.random() < 0.2:
            far = self._rng.choice((1000, 2**31 - 1))
            position[self._rng.choice(("line", "character"))] = far
        self._inline(paper, position)

    def _inline(self, paper: Paper, position: dict[str, int]) -> None:
        trigger = self._rng.choice((1, 2, 2, 2))
        context: dict[str, Any] = {"triggerKind": trigger}
        if self._rng.random() < 0.1:
            context["selectedCompletionInfo"] = self._chosen(position)
        self._keystroke("textDocument/inlineCompletion", paper, position, context)

    def _menu(self) -> None:
        if (paper := self._any_open()) is not None and paper.sheet is not None:
            position = paper.sheet.position(paper.cursor)
            self._keystroke("textDocument/completion", paper, position, {"triggerKind": 1})

    def _chosen(self, position: dict[str, int]) -> dict[str, Any]:
        """An item of the editor's own menu, with a range around the cursor or anywhere."""
        line, character = position["line"], position["character"]
        start, end = character - self._rng.randint(0, 6), character + self._rng.randint(-4, 3)
        begin = {"line": line, "character": max(0, start)}
        finish = {"line": line, "character": min(max(0, end), 2**31 - 1)}
        text = self._rng.choice(("getValue", "", "a\r\nb", "😀", "items"))
        return {"range": {"start": begin, "end": finish}, "text": text}

    def _keystroke(
        self, method: str, paper: Paper, position: dict[str, int], context: dict[str, Any]
    ) -> None:
        place = {"textDocument": {"uri": paper.uri}, "position": position, "context": context}
        sheet = paper.sheet
        asked = Asked(
            method=method,
            codes=KEYSTROKE_CODES,
            uri=paper.uri,
            version=paper.version,
            sheet=sheet,
            offset=sheet.offset(position) if sheet else 0,
            selected=_in_force(paper, position, context.get("selectedCompletionInfo")),
        )
        self.ask(method, place, asked)

    def _cancel(self) -> None:
        recent = self._count - self._rng.randint(0, 12)
        msg_id = self._rng.choice((recent, recent, recent, self._count + 500, "x", None, [1], 1.5))
        self._tell("$/cancelRequest", self._rng.choice(({"id": msg_id}, {"id": msg_id}, {}, [])))

    def _wild_change(self) -> None:
        """Out of range, backwards, overlapping, several, or the whole text."""
        paper = self._rng.choice([each for each in self._papers.values() if not each.in_book])
        large = paper.sheet is not None and len(paper.sheet.text) > 100_000
        changes = [junk.change(self._rng) for _ in range(1 if large else self._rng.randint(0, 4))]
        if self._rng.random() < 0.2 and not large:
            changes.append({"text": paper.text})
        self._edit(paper, changes, paper.version + self._rng.choice((1, 1, 5, 0, -1, -9)))

    def _reopen(self) -> None:
        paper = self._rng.choice([each for each in self._papers.values() if not each.in_book])
        closes = self._rng.random() < 0.7
        if closes:
            self._tell("textDocument/didClose", {"textDocument": {"uri": paper.uri}})
            paper.sheet = None
        if not closes or self._rng.random() < 0.8:
            self._tell("textDocument/didOpen", {"textDocument": paper.open(self._rng)})

    def _open_book(self) -> None:
        cells = [{"kind": 2, "document": uri} for uri in CELLS]
        book = {"uri": BOOK, "notebookType": "jupyter", "version": 1, "cells": cells}
        items = [self._papers[uri].open(self._rng) for uri in CELLS]
        params = {"notebookDocument": book, "cellTextDocuments": items}
        self._tell("notebookDocument/didOpen", params)

    def _book(self) -> None:
        """Close it, open it again, or splice what is not there."""
        if self._rng.random() < 0.6:
            change = {"cells": {"structure": {"array": junk.splice(self._rng)}}}
            book = {"uri": BOOK, "version": 2}
            params: Any = {"notebookDocument": book, "change": change}
            return self._tell("notebookDocument/didChange", params)
        documents = [{"uri": uri} for uri in CELLS]
        params = {"notebookDocument": {"uri": BOOK}, "cellTextDocuments": documents}
        self._tell("notebookDocument/didClose", params)
        for uri in CELLS:
            self._papers[uri].sheet = None
        if self._rng.random() < 0.8:
            self._open_book()

    def _command(self) -> None:
        method, (params, fits) = "workspace/executeCommand", junk.command(self._rng)
        codes = frozenset() if fits else frozenset({INVALID_PARAMS})
        self.ask(method, params, Asked(method=method, codes=codes, may_succeed=fits))

    def _configure(self) -> None:
        self._is_set_right = False
        self._tell("workspace/didChangeConfiguration", {"settings": junk.settings(self._rng)})

    def _set_right(self) -> None:
        """What cannot be read may narrow until there is something better: both ways bring that."""
        self._is_set_right = True
        settings = junk.usual_settings(self._rng)
        self._tell("workspace/didChangeConfiguration", {"settings": settings})

    def _folders(self) -> None:
        event = {"added": junk.folders(self._rng), "removed": junk.folders(self._rng)}
        self._tell("workspace/didChangeWorkspaceFolders", {"event": event})

    def _unknown(self) -> None:
        method = self._rng.choice(("workspace/symbol", "$/next", "no", "", "signIn", "\0"))
        asked = Asked(method=method, codes=frozenset({NO_SUCH_METHOD}), may_succeed=False)
        if self._rng.random() < 0.5:
            self.ask(method, junk.value(self._rng), asked)
        else:
            self._tell(method, junk.value(self._rng))

    def _malformed(self) -> None:
        """Params that nobody can read, in requests and in notifications."""
        params = junk.value(self._rng)
        if self._rng.random() < 0.5:
            return self._tell(self._rng.choice(junk.NOTIFICATIONS), params)
        method = self._rng.choice(junk.REQUESTS)
        codes = frozenset({INVALID_PARAMS, *KEYSTROKE_CODES})
        self.ask(method, params, Asked(method=method, codes=codes, may_succeed=False))

    def _garbage(self) -> None:
        """What is no message, framed, or stray lines between two messages."""
        if self._rng.random() < 0.4:
            # Two in a row may make up a header, and then a message that nobody counted.
            if not self._has_strayed:
                self._post.put(self._rng.choice(junk.STRAY_LINES))
            self._has_strayed = True
            return
        self._has_strayed = False
        self.trail.append("something that is no message")
        self.ledger.nameless += 1
        self._post.put(framed(self._rng.choice(junk.NO_MESSAGES)))

    def _dialect(self) -> None:
        self._tell(self._rng.choice(junk.DIALECT), junk.dialect_params(self._rng))

    def _wrong_way(self) -> None:
        """A request without an id, a notification with one, a second handshake, an odd response."""
        way = self._rng.randint(0, 3)
        if way == 0:
            return self._tell(self._rng.choice(junk.REQUESTS), junk.value(self._rng))
        if way == 1:
            msg_id: Any = self._rng.choice((99_999, "nobody", None, [], 1))
            return self._send({"id": msg_id, "result": junk.value(self._rng)})
        method = "initialize" if way == 2 else self._rng.choice(junk.NOTIFICATIONS)
        code = NO_REQUEST if way == 2 else NO_SUCH_METHOD
        asked = Asked(method=method, codes=frozenset({code}), may_succeed=False)
        self.ask(method, {}, asked)


def _in_force(paper: Paper, position: Any, chosen: Any) -> Mapping[str, Any] | None:
    """The chosen item, if it is one for the cursor's place."""
    if chosen is None or paper.sheet is None:
        return None
    offset = paper.sheet.offset(position)
    start, end = paper.sheet.span(chosen["range"])
    line_start, line_end = paper.sheet.line_at(offset)
    around = line_start <= start <= offset <= end <= line_end
    return {**chosen} if around else None


def _without_text(message: Mapping[str, Any]) -> str:
    """A message in a few words, none of them from a document."""
    params = message.get("params")
    found = params if isinstance(params, dict) else {}
    document = found.get("textDocument")
    uri = document.get("uri", "") if isinstance(document, dict) else ""
    version = document.get("version") if isinstance(document, dict) else None
    edits = found.get("contentChanges") if version is not None else None
    changes = [each.get("range") for each in edits or () if isinstance(each, dict)]
    named = {"uri": uri, "version": version, "at": found.get("position"), "changes": changes}
    told = {name: value for name, value in named.items() if value not in (None, "", [])}
    return ascii({"id": message.get("id"), "method": message.get("method"), **told})
