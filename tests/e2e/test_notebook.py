"""`notebookDocument/…`: a notebook that is opened, edited, rearranged and closed."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.e2e.conftest import StartEditor, key_for
from tests.support.clients import NEOVIM, VSCODE
from tests.support.editor import CURSOR, Editor, Place
from tests.support.fake_mistral import FakeMistral
from tests.support.wire import Wire

pytestmark = pytest.mark.long

BOOK = "file:///home/me/n.ipynb"
CODE = types.NotebookCellKind.Code
FUNCTION = "def f(a, b):\n    "


def uri_of(name: str) -> str:
    return f"vscode-notebook-cell:/home/me/n.ipynb#{name}"


def item(name: str, text: str) -> types.TextDocumentItem:
    return types.TextDocumentItem(uri_of(name), "python", 1, text)


class NotebookEditor:
    """What an editor sends about one notebook."""

    def __init__(self, editor: Editor, **texts: str) -> None:
        self.editor = editor
        self.version = 1
        cells = [types.NotebookCell(CODE, uri_of(name)) for name in texts]
        editor.client.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(
                types.NotebookDocument(BOOK, "jupyter-notebook", 1, cells),
                [item(name, text) for name, text in texts.items()],
            )
        )

    def change(self, cells: types.NotebookDocumentCellChanges) -> None:
        self.version += 1
        document = types.VersionedNotebookDocumentIdentifier(self.version, BOOK)
        event = types.NotebookDocumentChangeEvent(cells=cells)
        self.editor.client.notebook_document_did_change(
            types.DidChangeNotebookDocumentParams(document, event)
        )

    def insert(self, at: int, name: str, text: str) -> None:
        array = types.NotebookCellArrayChange(at, 0, [types.NotebookCell(CODE, uri_of(name))])
        structure = types.NotebookDocumentCellChangeStructure(array, [item(name, text)])
        self.change(types.NotebookDocumentCellChanges(structure=structure))

    def remove(self, at: int, name: str) -> None:
        array = types.NotebookCellArrayChange(at, 1)
        gone = [types.TextDocumentIdentifier(uri_of(name))]
        structure = types.NotebookDocumentCellChangeStructure(array, None, gone)
        self.change(types.NotebookDocumentCellChanges(structure=structure))

    def edit(self, name: str, marked: str, text: str) -> None:
        """Insert `text` at the cursor of a cell that reads `marked`."""
        at = self.place(name, marked).position
        change = types.TextDocumentContentChangePartial(types.Range(at, at), text)
        document = types.VersionedTextDocumentIdentifier(self.version + 1, uri_of(name))
        content = types.NotebookDocumentCellContentChanges(document, [change])
        self.change(types.NotebookDocumentCellChanges(text_content=[content]))

    def place(self, name: str, marked: str) -> Place:
        return Place(uri_of(name), self.editor.position_after(marked.split(CURSOR)[0]))

    def close(self) -> None:
        self.editor.client.notebook_document_did_close(
            types.DidCloseNotebookDocumentParams(types.NotebookDocumentIdentifier(BOOK), [])
        )


async def test_a_session(start: StartEditor, mistral: FakeMistral) -> None:
    editor = await start(NEOVIM, **key_for(mistral))
    book = NotebookEditor(editor, a="import os\n", b='s = "😋"\n', c=FUNCTION)
    book.edit("b", 's = "😋│"\n', "é")
    book.insert(1, "d", "import sys\n")
    book.remove(0, "a")
    (found,) = await editor.inline(book.place("c", FUNCTION + CURSOR))
    assert found.insert_text == "return a + b"
    book.edit("b", 's = "😋é"│\n', "; f = lambda a, b: ")
    await editor.inline(book.place("b", 's = "😋é"; f = lambda a, b: │'))
    prompt = mistral.completions[-1].body["prompt"]
    assert prompt.endswith('s = "😋é"; f = lambda a, b: ')
    assert "import sys" in prompt, "the other cells are part of the program"
    assert "import os" not in prompt, "this one was removed"
    assert await editor.inline(book.place("a", "import os│")) == []
    book.close()
    assert await editor.inline(book.place("c", FUNCTION + CURSOR)) == []
    assert editor.shown == []


async def test_saving_a_notebook_hurts_nothing(start: StartEditor, mistral: FakeMistral) -> None:
    """We do not ask for it; some editors send it all the same."""
    editor = await start(VSCODE, **key_for(mistral))
    book = NotebookEditor(editor, a=FUNCTION)
    saved = types.DidSaveNotebookDocumentParams(types.NotebookDocumentIdentifier(BOOK))
    editor.client.notebook_document_did_save(saved)
    (found,) = await editor.inline(book.place("a", FUNCTION + CURSOR))
    assert found.insert_text == "return a + b"


async def test_all_cells_of_all_notebooks_are_asked_for(wire: Wire) -> None:
    can = await wire.initialize()
    assert can["notebookDocumentSync"] == {
        "notebookSelector": [{"notebook": "*", "cells": [{"language": "*"}]}],
        "save": False,
    }
