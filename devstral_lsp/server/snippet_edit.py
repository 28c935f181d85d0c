"""An edit that lets the user choose another name for what it defines, as it is put in.

A snippet (LSP 3.18, "SnippetTextEdit") in the place of a text edit, for clients that take one. What
becomes of two of them, and of the indentation in them, is up to the client: there is none where the
text that comes out would not be the text that was checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from devstral_lsp.refactor.types import FileChange
from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.convert_completion import escape_snippet
from devstral_lsp.server.positions import range_of

_INDENTED = re.compile(r"[\r\n][ \t]")
_BESIDE_A_NAME = re.compile(r"[\w$@#!?-]")


def snippet_edit(
    changes: Sequence[FileChange], client: ClientCapabilities
) -> types.WorkspaceEdit | None:
    """The one change of `changes`, with the name that it introduces as a placeholder.

    None where it cannot be a snippet: for several changes, or one in several places, that is to be
    confirmed or whose file there is something to say of, that has indented lines behind its first
    one, or whose name is part of other words.
    """
    if not client.edits.snippets or len(changes) != 1 or not _is_plain(changes[0]):
        return None
    change, (edit,) = changes[0], changes[0].edits
    parts = edit.text.split(change.introduced_name)
    if not _stands_alone(parts):
        return None
    placeholder = f"${{1:{change.introduced_name}}}"
    snippet = types.SnippetTextEdit(
        range=range_of(change.before, edit.span, client.encoding),
        snippet=types.StringValue(placeholder.join(escape_snippet(part) for part in parts)),
    )
    document = types.OptionalVersionedTextDocumentIdentifier(change.uri, change.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, [snippet])])


def _is_plain(change: FileChange) -> bool:
    """Whether it is one edit of whole lines, which reads the same as text and as a snippet."""
    if (
        len(change.edits) != 1
        or change.version is None
        or change.needs_confirmation
        or change.caution
    ):
        return False
    (edit,), before, name = change.edits, change.before, change.introduced_name
    starts_line = edit.span.start == before.line_start(before.line_of(edit.span.start))
    is_name = name.isidentifier() and name not in str(before)
    return is_name and starts_line and not _INDENTED.search(edit.text)


def _stands_alone(parts: Sequence[str]) -> bool:
    """Whether what was between `parts` is there, and part of no longer word."""
    beside = [*(each[-1:] for each in parts[:-1]), *(each[:1] for each in parts[1:])]
    return len(parts) > 1 and not any(_BESIDE_A_NAME.match(each) for each in beside)
