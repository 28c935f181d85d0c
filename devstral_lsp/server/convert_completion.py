"""Converts completion requests from LSP's params, and completions to LSP's items.

The form of an item depends on the client's capabilities alone.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lsprotocol import types

from devstral_lsp.completion.types import (
    Completion,
    CompletionRequest,
    SelectedPopupItem,
    TriggerKind,
)
from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.positions import offset_at, range_of, span_of
from devstral_lsp.server.session import DocumentView
from devstral_lsp.text import Span

ACCEPTED_COMMAND = "devstral.accepted"
"""The editor runs it when an item has been accepted whole; its argument is the completion's id."""

SORT_LAST = "~"
"""Sorts after letters and digits, so that items of other sources stay on top."""

_LABEL_WIDTH = 60
_WORD_REACH = 200
"""Code points before the cursor that are searched for a word's start."""

_WORD_AT_END = re.compile(r"(?<!\w)\w*+\Z")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SNIPPET_SPECIAL = re.compile(r"[\\$}]")
_BACKTICKS = re.compile(r"`+")


def completion_request(
    view: DocumentView, position: types.Position, encoding: types.PositionEncodingKind
) -> CompletionRequest:
    """The request at `position`, with an automatic trigger."""
    return CompletionRequest(
        snapshot=view.snapshot,
        offset=offset_at(view.snapshot.text, position, encoding),
        cells_above=view.above,
        cells_below=view.below,
    )


def as_invoked(request: CompletionRequest) -> CompletionRequest:
    """The request as one that the user invoked."""
    return replace(request, trigger=TriggerKind.INVOKED)


def inline_completion_request(
    view: DocumentView, params: types.InlineCompletionParams, encoding: types.PositionEncodingKind
) -> CompletionRequest:
    """The request at the cursor, with the item that is selected in the editor's menu."""
    request = completion_request(view, params.position, encoding)
    context = params.context
    invoked = context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
    return replace(
        request,
        trigger=TriggerKind.INVOKED if invoked else TriggerKind.AUTOMATIC,
        selected=_selected(request, context.selected_completion_info, encoding),
    )


def inline_completion_item(
    request: CompletionRequest,
    completion: Completion,
    encoding: types.PositionEncodingKind,
) -> types.InlineCompletionItem:
    r"""A plain string that begins with the text its range covers, from a word's start.

    This one form works in VS Code, Neovim and lsp-mode: VS Code shows nothing when the covered
    text is no prefix, lsp-mode needs a range, Neovim cannot place snippets. Lines end in "\n",
    which Neovim needs and VS Code turns into the document's own.
    """
    start, covered = _covered(request)
    end = max(request.offset, completion.span.end)
    if request.selected is not None:
        # VS Code shows only what starts where its own item starts, and replaces as much.
        start, covered = completion.span.start, ""
        end = max(end, request.selected.span.end)
    return types.InlineCompletionItem(
        insert_text=covered + _LINE_END.sub("\n", completion.text),
        range=range_of(request.snapshot.text, Span(start, end), encoding),
        command=_accepted(completion),
    )


def completion_item(
    request: CompletionRequest, completion: Completion, client: ClientCapabilities
) -> types.CompletionItem | None:
    """A menu item; None if the client could insert no line of it correctly."""
    start, covered = _covered(request)
    end = max(request.offset, completion.span.end)
    text, kind = _LINE_END.sub("\n", completion.text), types.InsertTextFormat.PlainText
    if client.snippets and _LINE_END.search(text):
        text, kind = reindent_relative(_indentation(request), text), types.InsertTextFormat.Snippet
        if not text.strip():
            return None
        if text.count("\n") < len(_LINE_END.findall(completion.text)):
            end = request.offset  # The covered text belongs to the part that was cut off.
    new_text = covered + text
    snippet = kind is types.InsertTextFormat.Snippet
    as_is = client.supports_insert_as_is and not snippet and _LINE_END.search(text)
    return types.CompletionItem(
        label=_label(new_text),
        kind=types.CompletionItemKind.Text,
        label_details=_label_details(client),
        detail=None if client.label_details else "devstral",
        documentation=_documentation(new_text, request.snapshot.language, client),
        sort_text=SORT_LAST,
        filter_text=_LINE_END.split(new_text, maxsplit=1)[0],
        insert_text=new_text if client.ignores_text_edit else None,
        insert_text_format=kind,
        insert_text_mode=types.InsertTextMode.AsIs if as_is else None,
        text_edit=types.TextEdit(
            range=range_of(request.snapshot.text, Span(start, end), client.encoding),
            new_text=escape_snippet(new_text) if snippet else new_text,
        ),
        command=_accepted(completion),
    )


def reindent_relative(indentation: str, text: str) -> str:
    r"""`text` with its further lines indented relative to a line that starts with `indentation`.

    Editors with snippets (Neovim, Helix, VS Code) put that line's indentation before each of them.
    A line that is indented less cannot be expressed this way: the text ends before it.

    >>> reindent_relative("    ", "if x:\n        y\n    z\nend")
    'if x:\n    y\nz'
    """
    first, *rest = _LINE_END.split(text)
    kept = [first]
    for line in rest:
        if line.strip() and not line.startswith(indentation):
            return "\n".join(kept).rstrip()
        kept.append(line[len(indentation) :])
    return "\n".join(kept)


def escape_snippet(text: str) -> str:
    r"""`text` as a snippet that inserts it literally.

    >>> escape_snippet("${a}\\n")
    '\\${a\\}\\\\n'
    """
    return _SNIPPET_SPECIAL.sub(r"\\\g<0>", text)


def _selected(
    request: CompletionRequest,
    chosen: types.SelectedCompletionInfo | None,
    encoding: types.PositionEncodingKind,
) -> SelectedPopupItem | None:
    """The selected item, if it replaces text on the cursor's line around the cursor."""
    if chosen is None:
        return None
    text, offset = request.snapshot.text, request.offset
    span = span_of(text, chosen.range, encoding)
    line = text.line_of(offset)
    around = text.line_start(line) <= span.start <= offset <= span.end <= text.line_end(line)
    return SelectedPopupItem(span=span, text=chosen.text) if around else None


def _covered(request: CompletionRequest) -> tuple[int, str]:
    """The offset of the word before the cursor, and the word; "" if there is none."""
    text, offset = request.snapshot.text, request.offset
    line_start = text.line_start(text.line_of(offset))
    before = text.slice(max(line_start, offset - _WORD_REACH), offset)
    match = _WORD_AT_END.search(before)
    word = match.group() if match else ""
    return offset - len(word), word


def _indentation(request: CompletionRequest) -> str:
    """The indentation of the cursor's line, up to the cursor."""
    text, offset = request.snapshot.text, request.offset
    before = text.slice(text.line_start(text.line_of(offset)), offset)
    return before[: len(before) - len(before.lstrip(" \t"))]


def _accepted(completion: Completion) -> types.Command:
    """The command that reports acceptance. The server reads the id, benchmarks the tier."""
    return types.Command(
        title="Accepted",
        command=ACCEPTED_COMMAND,
        arguments=[completion.id, completion.tier.value],
    )


def _label(text: str) -> str:
    """The first line that is not empty, shortened."""
    whole = text.strip()
    line = _LINE_END.split(whole, maxsplit=1)[0].rstrip()
    if len(line) > _LABEL_WIDTH:
        return line[: _LABEL_WIDTH - 1] + "…"
    return line if line == whole else f"{line} …"


def _label_details(client: ClientCapabilities) -> types.CompletionItemLabelDetails | None:
    if not client.label_details:
        return None
    return types.CompletionItemLabelDetails(description="devstral")


def _documentation(
    text: str, language: str, client: ClientCapabilities
) -> str | types.MarkupContent:
    """The whole text, in a code block if the client supports Markdown."""
    if not client.markdown:
        return text
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return types.MarkupContent(
        kind=types.MarkupKind.Markdown, value=f"{fence}{language}\n{text}\n{fence}"
    )
