"""From the engine's completions to LSP's items, and from params to requests."""

from __future__ import annotations

import doctest

import pytest
from lsprotocol import types

from devstral_lsp.completion.types import CURSOR, Completion, CompletionRequest, TriggerKind
from devstral_lsp.server import convert_completion
from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.session import DocumentView
from devstral_lsp.text import Snapshot, Span, Text

UTF16 = types.PositionEncodingKind.Utf16
SNIPPETS = ClientCapabilities(snippets=True)
PLAIN = ClientCapabilities()


def request_at(marked: str) -> CompletionRequest:
    before, after = marked.split(CURSOR)
    snapshot = Snapshot("untitled:1", 1, "python", Text.of(before + after))
    return CompletionRequest(snapshot=snapshot, offset=len(before))


def completion(request: CompletionRequest, text: str, covers: int = 0) -> Completion:
    span = Span(request.offset, request.offset + covers)
    return Completion(text=text, span=span, provider="local", id="7")


def columns(range_: types.Range | None) -> tuple[int, int]:
    assert range_ is not None
    assert range_.start.line == range_.end.line
    return range_.start.character, range_.end.character


def test_docstrings_say_what_happens() -> None:
    assert doctest.testmod(convert_completion).failed == 0


@pytest.mark.parametrize(
    ("marked", "text", "covers", "inserted", "reach"),
    [
        ("def f(a):\n    ret│", "urn a", 0, "return a", (4, 7)),
        ("x = │", "1", 0, "1", (4, 4)),
        ("│", "import os", 0, "import os", (0, 0)),
        ("a.b│", "c", 0, "bc", (2, 3)),
        ("f(│)", "x)", 1, "x)", (2, 3)),
        ("größe_é│", " = 1", 0, "größe_é = 1", (0, 7)),
        ('"😀"; ab│', "c", 0, "abc", (6, 8)),
        ("if x:\r\n    a│", "()\r\n    b()\r\n", 0, "a()\n    b()\n", (4, 5)),
    ],
)
def test_inline_item(
    marked: str, text: str, covers: int, inserted: str, reach: tuple[int, int]
) -> None:
    request = request_at(marked)
    item = convert_completion.inline_completion_item(
        request, completion(request, text, covers), UTF16
    )
    assert item.insert_text == inserted
    assert columns(item.range) == reach
    assert item.command == types.Command(
        title="Accepted", command="devstral.accepted", arguments=["7", "asked"]
    )


@pytest.mark.parametrize(
    ("marked", "text", "new_text"),
    [
        ("    for x in│", " xs:\n        a\n    b", "in xs:\n    a\nb"),
        ("\tfoo│", "(\n\t\t1,\n\n\t)", "foo(\n\t1,\n\n)"),
        ("    foo│", "(1,\n    2)\nbar", "foo(1,\n2)"),
        ("a│", ' = "$x{}\\"\nb', 'a = "\\$x{\\}\\\\"\nb'),
    ],
)
def test_menu_item_as_a_snippet(marked: str, text: str, new_text: str) -> None:
    request = request_at(marked)
    item = convert_completion.completion_item(request, completion(request, text), SNIPPETS)
    assert item is not None
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.insert_text_format == types.InsertTextFormat.Snippet
    assert item.text_edit.new_text == new_text


def test_what_was_cut_off_covers_nothing() -> None:
    """The bracket after the cursor stands in the part that cannot be said relative to the line."""
    request = request_at("    foo(│)")
    found = completion(request, "1,\n    2,\n)", covers=1)
    item = convert_completion.completion_item(request, found, SNIPPETS)
    assert item is not None
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.new_text == "1,\n2,"
    assert columns(item.text_edit.range) == (8, 8)


def test_nothing_is_offered_that_would_be_indented_wrongly() -> None:
    request = request_at("    pass│")
    assert (
        convert_completion.completion_item(request, completion(request, "\ndef g():"), SNIPPETS)
        is None
    )


def test_one_line_is_plain_text_even_for_snippets() -> None:
    request = request_at("print│")
    item = convert_completion.completion_item(request, completion(request, "('$1')"), SNIPPETS)
    assert item is not None
    assert item.insert_text_format == types.InsertTextFormat.PlainText
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.new_text == "print('$1')"


@pytest.mark.parametrize(
    ("marked", "text", "label", "filtered"),
    [
        ("re│", "turn x", "return x", "return x"),
        ("re│", "turn x\n", "return x", "return x"),
        ("re│", "turn [\n    x\n]", "return [ …", "return ["),
        ("if x:│", "\n    pass", "pass", ""),
        ("│", "x" * 61, "x" * 59 + "…", "x" * 61),
        ("│", "x" * 60, "x" * 60, "x" * 60),
    ],
)
def test_label_and_filter(marked: str, text: str, label: str, filtered: str) -> None:
    request = request_at(marked)
    item = convert_completion.completion_item(request, completion(request, text), PLAIN)
    assert item is not None
    assert item.label == label
    assert item.filter_text == filtered


def test_lines_end_in_a_menu_as_they_do_beside_the_cursor() -> None:
    request = request_at("re│\r\n")
    item = convert_completion.completion_item(
        request, completion(request, "turn [\r\n    x\r\n]"), PLAIN
    )
    assert item is not None
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.new_text == "return [\n    x\n]"


def test_who_passes_the_edit_over_inserts_the_text_and_not_the_label() -> None:
    """As JupyterLab does, which puts the label in where there is no `insertText`."""
    request = request_at("re│")
    made = completion(request, "turn [\n    x\n]")
    bare = convert_completion.completion_item(
        request, made, ClientCapabilities(ignores_text_edit=True)
    )
    assert bare is not None
    assert bare.insert_text == "return [\n    x\n]"
    usual = convert_completion.completion_item(request, made, PLAIN)
    assert usual is not None
    assert usual.insert_text is None, "eglot would list all its lines"


def test_documentation_is_fenced_by_more_than_the_code_holds() -> None:
    request = request_at("│")
    client = ClientCapabilities(markdown=True)
    item = convert_completion.completion_item(
        request, completion(request, '"""\n````\n"""'), client
    )
    assert item is not None
    assert isinstance(item.documentation, types.MarkupContent)
    assert item.documentation.value == '`````python\n"""\n````\n"""\n`````'


def params_at(line: int, character: int, **context: object) -> types.InlineCompletionParams:
    context.setdefault("trigger_kind", types.InlineCompletionTriggerKind.Automatic)
    return types.InlineCompletionParams(
        types.InlineCompletionContext(**context),  # type: ignore[arg-type]
        types.TextDocumentIdentifier("untitled:1"),
        types.Position(line, character),
    )


def test_request_says_who_asked() -> None:
    snapshot = request_at("a\n😀b│").snapshot
    params = params_at(1, 3, trigger_kind=types.InlineCompletionTriggerKind.Invoked)
    request = convert_completion.inline_completion_request(DocumentView(snapshot), params, UTF16)
    assert (request.offset, request.trigger) == (4, TriggerKind.INVOKED)
    assert (
        convert_completion.inline_completion_request(
            DocumentView(snapshot), params_at(0, 0), UTF16
        ).trigger
        is TriggerKind.AUTOMATIC
    )


@pytest.mark.parametrize(
    ("start", "end", "taken"),
    [
        ((1, 2), (1, 4), True),
        ((1, 2), (1, 6), True),
        ((0, 0), (1, 4), False),
        ((1, 5), (1, 6), False),
        ((1, 2), (1, 3), False),
    ],
)
def test_the_chosen_item_must_lie_around_the_cursor(
    start: tuple[int, int], end: tuple[int, int], taken: bool
) -> None:
    snapshot = request_at("first\na.ge│xy").snapshot
    range_ = types.Range(types.Position(*start), types.Position(*end))
    chosen = types.SelectedCompletionInfo(range_, "getValue")
    params = params_at(1, 4, selected_completion_info=chosen)
    request = convert_completion.inline_completion_request(DocumentView(snapshot), params, UTF16)
    assert (request.selected is not None) is taken


def test_a_chosen_item_is_replaced_as_the_editor_would() -> None:
    """From where it starts to where it ends, which may lie behind the cursor."""
    snapshot = request_at("a.ge│xy").snapshot
    range_ = types.Range(types.Position(0, 2), types.Position(0, 6))
    chosen = types.SelectedCompletionInfo(range_, "getValue")
    params = params_at(0, 4, selected_completion_info=chosen)
    request = convert_completion.inline_completion_request(DocumentView(snapshot), params, UTF16)
    found = Completion(text="getValue()", span=Span(2, 4), provider="local", id="7")
    item = convert_completion.inline_completion_item(request, found, UTF16)
    assert item.insert_text == "getValue()"
    assert item.range == range_
