"""`notebookDocument/…` from the raw message to the cells that the engine sees."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from lsprotocol import types

from devstral_lsp.completion.types import Completion, CompletionRequest
from devstral_lsp.server.routes import create_server

BOOK = "file:///work/n.ipynb"
OPEN, CHANGE, CLOSE = (f"notebookDocument/did{each}" for each in ("Open", "Change", "Close"))
INLINE = types.TEXT_DOCUMENT_INLINE_COMPLETION


class Asked:
    """Stands in for the engine, and keeps what it is asked."""

    def __init__(self) -> None:
        self.requests: list[CompletionRequest] = []

    async def complete(self, request: CompletionRequest) -> list[Completion]:
        self.requests.append(request)
        return []


class Book:
    """A notebook in an editor, written down as the editor would send it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = create_server()
        self.asked = Asked()

        monkeypatch.setattr(self.server, "complete", self.asked.complete)

    def send(self, method: str, params: Any) -> Any:
        protocol = self.server.protocol
        return {**protocol.requests, **protocol.notifications}[method](params)

    def open(self, **texts: str) -> None:
        """Cells by name; those in capitals are prose."""
        self.send(
            OPEN,
            {
                "notebookDocument": {
                    "uri": BOOK,
                    "notebookType": "jupyter-notebook",
                    "version": 1,
                    "cells": [cell(name) for name in texts],
                },
                "cellTextDocuments": [item(name, text) for name, text in texts.items()],
            },
        )

    def change(self, uri: str = BOOK, **what: Any) -> None:
        document = {"uri": uri, "version": 2}
        self.send(CHANGE, {"notebookDocument": document, "change": {"cells": what}})

    def ask(self, name: str, method: str = INLINE, character: int = 0) -> Any:
        """Ask in a cell; the answer is still to be awaited."""
        return self.send(
            method,
            {
                "textDocument": {"uri": name},
                "position": {"line": 0, "character": character},
                "context": {"triggerKind": 2 if method == INLINE else 1},
            },
        )

    async def around(self, name: str) -> tuple[list[str], list[str]]:
        """The texts above and below a cell, as the engine sees them."""
        await self.ask(name)
        return seen(self.asked.requests[-1])


def cell(name: str) -> dict[str, Any]:
    return {"kind": 1 if name.isupper() else 2, "document": name, "metadata": {"x": None}}


def item(name: str, text: str) -> dict[str, Any]:
    language = "markdown" if name.isupper() else "python"
    return {"uri": name, "languageId": language, "version": 1, "text": text}


def edit(name: str, start: int, end: int, text: str) -> dict[str, Any]:
    edges = {"start": {"line": 0, "character": start}, "end": {"line": 0, "character": end}}
    return {
        "document": {"uri": name, "version": 2},
        "changes": [{"range": edges, "text": text}],
    }


def seen(request: CompletionRequest) -> tuple[list[str], list[str]]:
    above, below = request.cells_above, request.cells_below
    return [str(each.text) for each in above], [str(each.text) for each in below]


@pytest.fixture
async def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    return Book(monkeypatch)


@pytest.mark.parametrize("method", [INLINE, types.TEXT_DOCUMENT_COMPLETION])
async def test_a_request_carries_the_cells_around_it(book: Book, method: str) -> None:
    book.open(a="import os", B="Prose", c="x = 1", d="y = 2")
    await book.ask("c", method)
    (request,) = book.asked.requests
    assert str(request.snapshot.text) == "x = 1"
    assert seen(request) == (["import os"], ["y = 2"])


async def test_the_cells_are_those_of_the_moment_of_reading(book: Book) -> None:
    book.open(a="import os", b="x = 1")
    answer = book.ask("b")
    book.change(textContent=[edit("a", 0, 6, "export")])
    book.change(structure={"array": {"start": 0, "deleteCount": 1}, "didClose": [{"uri": "a"}]})
    await answer
    assert seen(book.asked.requests[-1]) == (["import os"], [])
    assert await book.around("b") == ([], [])


@pytest.mark.parametrize(
    ("encoding", "character"),
    [
        (types.PositionEncodingKind.Utf8, 4),
        (types.PositionEncodingKind.Utf16, 2),
        (types.PositionEncodingKind.Utf32, 1),
    ],
)
async def test_cells_are_edited_in_the_encoding_that_was_agreed_on(
    book: Book, encoding: types.PositionEncodingKind, character: int
) -> None:
    book.server.session.encoding = encoding
    book.server.client = type(book.server.client)(encoding=encoding)
    book.open(a="😋x", b="")
    book.change(textContent=[edit("a", character, character + 1, "é")])
    assert await book.around("b") == (["😋é"], [])
    await book.ask("a", character=character)
    assert book.asked.requests[-1].offset == 1


async def test_cells_come_go_and_move(book: Book) -> None:
    book.open(a="1", b="2", c="3")
    book.change(
        structure={
            "array": {"start": 1, "deleteCount": 1, "cells": [cell("x"), cell("Y")]},
            "didOpen": [item("x", "new"), item("Y", "prose")],
            "didClose": [{"uri": "b"}],
        }
    )
    assert await book.around("c") == (["1", "new"], [])
    book.change(structure={"array": {"start": 0, "deleteCount": 1}})
    book.change(structure={"array": {"start": 3, "deleteCount": 0, "cells": [cell("a")]}})
    assert await book.around("c") == (["new"], ["1"]), "the first is the last now"
    book.change(structure={"array": {"start": 2, "deleteCount": 1}})
    assert await book.around("x") == ([], ["1"])


async def test_a_cell_may_change_kind_and_language(book: Book) -> None:
    book.open(a="1", b="2")
    as_prose = {"kind": 1, "document": "a"}
    book.change(
        structure={
            "array": {"start": 0, "deleteCount": 1, "cells": [as_prose]},
            "didOpen": [{**item("a", "# 1"), "languageId": "markdown"}],
            "didClose": [{"uri": "a"}],
        }
    )
    assert await book.around("b") == ([], [])
    snapshot = book.server.session.snapshot("a")
    assert snapshot is not None
    assert (snapshot.language, str(snapshot.text)) == ("markdown", "# 1")
    book.change(data=[{"kind": 2, "document": "a"}])
    assert await book.around("b") == (["# 1"], [])


async def test_a_closed_notebook_leaves_nothing_behind(book: Book) -> None:
    book.open(a="1", b="2")
    closed = {"notebookDocument": {"uri": BOOK}, "cellTextDocuments": [{"uri": "a"}]}
    book.send(CLOSE, closed)
    assert book.server.session.snapshots() == ()
    await book.ask("b")
    assert book.asked.requests == []


async def test_cells_that_are_opened_as_documents_are_documents(book: Book) -> None:
    for name, text in (("a", "1"), ("b", "2")):
        book.send("textDocument/didOpen", {"textDocument": item(name, text)})
    assert await book.around("b") == ([], [])


@pytest.mark.parametrize(
    ("uri", "what"),
    [
        (BOOK, {"structure": {"array": {"start": 9, "deleteCount": 0, "cells": [cell("x")]}}}),
        (BOOK, {"structure": {"array": {"start": 1, "deleteCount": 2}}}),
        (BOOK, {"structure": {"array": {"start": -1, "deleteCount": 1}}}),
        (BOOK, {"structure": {}}),
        (BOOK, {"data": [cell("x")]}),
        (BOOK, {"data": [{"kind": 3, "document": "a"}]}),
        (BOOK, {"textContent": [edit("x", 0, 1, "y")]}),
        (BOOK, {"textContent": "x"}),
        ("file:///other.ipynb", {"structure": {"array": {"start": 0, "deleteCount": 0}}}),
        ("file:///other.ipynb", {"data": [cell("a")]}),
    ],
)
async def test_what_does_not_fit_is_one_line_in_the_log(
    book: Book, uri: str, what: Any, caplog: pytest.LogCaptureFixture
) -> None:
    book.open(a="1", b="2")
    with caplog.at_level(logging.DEBUG):
        book.change(uri, **what)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(CHANGE)
    assert await book.around("b") == (["1"], [])


async def test_what_fits_of_a_change_is_taken(book: Book, caplog: pytest.LogCaptureFixture) -> None:
    book.open(a="1", b="2")
    book.change(
        structure={"array": {"start": 9, "deleteCount": 0}},
        textContent=[edit("x", 0, 1, "y"), edit("a", 0, 1, "3")],
    )
    assert len(caplog.records) == 1
    assert await book.around("b") == (["3"], [])


async def test_closing_a_notebook_that_is_not_open_closes_its_cells_all_the_same(
    book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    book.send("textDocument/didOpen", {"textDocument": item("a", "1")})
    book.send(CLOSE, {"notebookDocument": {"uri": BOOK}, "cellTextDocuments": [{"uri": "a"}]})
    assert book.server.session.snapshots() == ()
    (record,) = caplog.records
    assert record.getMessage().startswith(CLOSE)


async def test_metadata_changes_nothing(book: Book, caplog: pytest.LogCaptureFixture) -> None:
    book.open(a="1", b="2")
    params = {"notebookDocument": {"uri": BOOK, "version": 2}, "change": {"metadata": {"k": 1}}}
    book.send(CHANGE, params)
    assert caplog.records == []
    assert await book.around("b") == (["1"], [])
