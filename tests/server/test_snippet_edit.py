"""When the edit of an action lets the user choose the name, and that the text is the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lsprotocol import types

from devstral_lsp.refactor.types import FileChange
from devstral_lsp.server.client_capabilities import ClientCapabilities, EditCapabilities
from devstral_lsp.server.convert_edit import snippet_edit
from devstral_lsp.text import Edit, Span, Text
from tests.support.lsp_edits import expanded

BEFORE = "x = '😀'\ndef f(a):\n    b = a * 2\n    return b\n"
NEW = '    return twice(a, "${}\\\\")\n\n\ndef twice(a):\n'
AT = BEFORE.index("    b")
CHANGE = FileChange(
    uri="file:///work/a.py",
    edits=(Edit(Span(AT, AT), NEW),),
    before=Text.of(BEFORE),
    version=3,
    introduced_name="twice",
)
TAKES = ClientCapabilities(edits=EditCapabilities(snippets=True, document_changes=True))


def snippet_of(change: FileChange, client: ClientCapabilities = TAKES) -> str | None:
    made = snippet_edit([change], client)
    if made is None:
        return None
    assert made.changes is None
    assert made.document_changes is not None
    (document,) = made.document_changes
    assert isinstance(document, types.TextDocumentEdit)
    assert (document.text_document.uri, document.text_document.version) == (change.uri, 3)
    (edit,) = document.edits
    assert isinstance(edit, types.SnippetTextEdit)
    assert edit.range == types.Range(types.Position(2, 0), types.Position(2, 0))
    return edit.snippet.value


def test_the_name_can_be_typed_once_for_all_its_places() -> None:
    snippet = snippet_of(CHANGE)
    assert snippet is not None
    assert expanded(snippet) == NEW
    assert expanded(snippet, "double") == NEW.replace("twice", "double")


def written(text: str, **more: Any) -> FileChange:
    return replace(CHANGE, edits=(Edit(Span(AT, AT), text),), **more)


@pytest.mark.parametrize(
    "change",
    [
        replace(CHANGE, introduced_name=""),
        replace(CHANGE, introduced_name="thrice"),
        replace(CHANGE, needs_confirmation=True),
        replace(CHANGE, version=None),
        replace(CHANGE, edits=(*CHANGE.edits, Edit(Span(len(BEFORE), len(BEFORE)), "twice(1)\n"))),
        replace(CHANGE, edits=(Edit(Span(AT + 4, AT + 4), NEW),)),
        replace(CHANGE, before=Text.of(BEFORE + "# twice\n")),
        written("    return twice(a)\n\n\ndef twice(a):\n    pass\n\n"),
        written("    return twice(a)\r\n\tdef twice(a):\r\n"),
        written("    return twice(a) + twice_more\n"),
        written("    return $twice(a)\n"),
        written("    return a-twice\n"),
    ],
    ids=[
        "no name",
        "another name",
        "to be confirmed",
        "not open",
        "two places",
        "within a line",
        "a name that stands there",
        "indented",
        "indented by a tab",
        "a part of a name",
        "a variable of a shell",
        "a hyphen",
    ],
)
def test_otherwise_it_is_plain_text(change: FileChange) -> None:
    assert snippet_of(change) is None


def test_for_a_client_that_takes_none_and_for_two_files_as_well() -> None:
    assert (
        snippet_of(CHANGE, ClientCapabilities(edits=EditCapabilities(document_changes=True)))
        is None
    )
    other = replace(CHANGE, uri="file:///work/b.py")
    assert snippet_edit([CHANGE, other], TAKES) is None
