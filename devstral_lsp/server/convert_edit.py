"""Converts refactoring offers, changes and findings to LSP's types, and diagnostics from them.

Every form depends on the client's capabilities alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from lsprotocol import types

from devstral_lsp.characters import printable
from devstral_lsp.refactor.types import (
    Diagnostic,
    DiagnosticSeverity,
    FileChange,
    RefactorRefused,
    ReviewComment,
)
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.server.client_capabilities import ClientCapabilities, EditCapabilities
from devstral_lsp.server.convert_completion import escape_snippet
from devstral_lsp.server.plain_text import label_text
from devstral_lsp.server.positions import range_of, span_of
from devstral_lsp.text import Edit, Text

SOURCE = "devstral"
"""The source that the server's diagnostics name."""

APPLY_COMMAND = "devstral.apply"
"""Performs a code action, whose data is the argument, and applies its edits."""

MAX_RELATED = 5
"""Related locations of one diagnostic that are read."""
_INDENTED = re.compile(r"[\r\n][ \t]")
_BESIDE_A_NAME = re.compile(r"[\w$@#!?-]")

Operation = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


def from_lsp_diagnostic(
    text: Text, sent: types.Diagnostic, encoding: types.PositionEncodingKind
) -> Diagnostic:
    """A diagnostic of any server. Without a severity it counts as an error."""
    return Diagnostic(
        span=span_of(text, sent.range, encoding),
        message=_with_related(sent),
        severity=DiagnosticSeverity(sent.severity.value)
        if sent.severity
        else DiagnosticSeverity.ERROR,
        source=sent.source or "",
        code="" if sent.code is None else str(sent.code),
    )


def _with_related(sent: types.Diagnostic) -> str:
    """The message, and the messages about related locations."""
    related = sent.related_information or ()
    further = [
        f"line {each.location.range.start.line + 1} of {each.location.uri.rpartition('/')[2]}: "
        f"{each.message}"
        for each in related
    ]
    return "; ".join([sent.message, *further[:MAX_RELATED]])


def to_lsp_diagnostic(
    text: Text, finding: ReviewComment, encoding: types.PositionEncodingKind
) -> types.Diagnostic:
    """A review comment as a diagnostic."""
    return types.Diagnostic(
        range=range_of(text, finding.span, encoding),
        message=printable(finding.message),
        severity=types.DiagnosticSeverity(finding.severity.value),
        source=SOURCE,
    )


def code_action(
    data: ActionData, sent: Mapping[Diagnostic, types.Diagnostic], can: EditCapabilities
) -> types.CodeAction | types.Command:
    """An offer as a code action without its edit, or as a command for clients without CodeAction.

    The diagnostics that it fixes are those in `sent`, unchanged. A disabled offer has neither data
    nor a command.
    """
    offer = data.offer
    command = apply_command(data)
    if not can.code_action_literals:
        return command
    fixed = [sent[each] for each in offer.diagnostics if each in sent]
    return types.CodeAction(
        title=label_text(offer.title),
        kind=offer.kind,
        diagnostics=fixed or None,
        is_preferred=True if offer.is_preferred and can.preferred else None,
        disabled=types.CodeActionDisabled(label_text(offer.disabled)) if offer.disabled else None,
        command=None if can.resolves_edit or offer.disabled else command,
        data=data.to_json if can.resolves_edit and not offer.disabled else None,
    )


def apply_command(data: ActionData) -> types.Command:
    """The command that performs the action in the background."""
    title = label_text(data.offer.title)
    return types.Command(title=title, command=APPLY_COMMAND, arguments=[data.to_json])


def workspace_edit(
    changes: Sequence[FileChange], client: ClientCapabilities
) -> types.WorkspaceEdit:
    """All changes as one edit, in the form that the client supports.

    Raises RefactorRefused if a file is to be created, renamed or deleted and the client cannot.
    """
    _check_operations(changes, client.edits)
    if not client.edits.document_changes:
        return types.WorkspaceEdit(
            changes={
                each.uri: [_text_edit(each, edit, client.encoding) for edit in each.edits]
                for each in changes
                if each.edits
            }
        )
    names = _annotation_names(changes) if client.edits.annotations else {}
    operations = [
        operation
        for number, change in enumerate(changes)
        for operation in _operations(change, names.get(number), client)
    ]
    return types.WorkspaceEdit(
        document_changes=operations, change_annotations=_annotations(changes, names) or None
    )


def snippet_edit(
    changes: Sequence[FileChange], client: ClientCapabilities
) -> types.WorkspaceEdit | None:
    """The one change of `changes`, with the name that it introduces as a placeholder to rename.

    A SnippetTextEdit (LSP 3.18) in place of a text edit. None where the result could differ from
    the text that was checked, because clients indent snippets and merge placeholders differently:
    several changes or places, a confirmation or caution, indented lines after the first one, or a
    name that is part of other words.
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


def _check_operations(changes: Iterable[FileChange], can: EditCapabilities) -> None:
    for change in changes:
        missing = (
            ("create", change.is_new and not can.creates),
            ("rename", change.renamed_from and not can.renames),
            ("delete", change.is_deleted and not can.deletes),
        )
        for verb, lacks in missing:
            if lacks:
                raise RefactorRefused(
                    f"This would {verb} a file, which the editor does not let a language server "
                    "do. Nothing has been changed."
                )


def _annotation_names(changes: Sequence[FileChange]) -> dict[int, str]:
    """The annotation ids of changes that need a confirmation or a caution, by index.

    Changes that need a confirmation of their own share one id per reason, so that confirming the
    others does not confirm them.
    """
    reasons = list(dict.fromkeys(each.caution for each in changes if each.needs_own_yes))
    return {
        number: f"caution-{reasons.index(each.caution)}" if each.needs_own_yes else str(number)
        for number, each in enumerate(changes)
        if each.needs_confirmation or each.caution
    }


def _annotations(
    changes: Sequence[FileChange], names: Mapping[int, str]
) -> dict[str, types.ChangeAnnotation]:
    alike: dict[str, list[FileChange]] = {}
    for number, name in names.items():
        alike.setdefault(name, []).append(changes[number])
    return {name: _annotation(those) for name, those in alike.items()}


def _annotation(alike: Sequence[FileChange]) -> types.ChangeAnnotation:
    """The annotation of changes that are confirmed together."""
    first = alike[0]
    if first.needs_own_yes:
        labels = label_text("; ".join(each.label or each.path for each in alike))
        return types.ChangeAnnotation(
            label=f"Check this: {first.caution}", description=labels, needs_confirmation=True
        )
    return types.ChangeAnnotation(
        label=label_text(first.label) or "Refactoring by devstral-lsp",
        description=f"Take care: {first.caution}." if first.caution else None,
        needs_confirmation=first.needs_confirmation,
    )


def _operations(
    change: FileChange, annotation: str | None, client: ClientCapabilities
) -> Iterable[Operation]:
    """The operations on one file, in the order in which they must happen."""
    if change.renamed_from:
        yield types.RenameFile(change.renamed_from, change.uri, annotation_id=annotation)
    if change.is_new:
        options = types.CreateFileOptions(overwrite=False, ignore_if_exists=False)
        yield types.CreateFile(change.uri, options=options, annotation_id=annotation)
    if change.is_deleted:
        yield types.DeleteFile(change.uri, annotation_id=annotation)
    elif change.edits:
        # The version is that of the old name, under which the document was open.
        version = None if change.renamed_from else change.version
        yield types.TextDocumentEdit(
            text_document=types.OptionalVersionedTextDocumentIdentifier(change.uri, version),
            edits=[
                _annotated(_text_edit(change, edit, client.encoding), annotation)
                for edit in change.edits
            ],
        )


def _text_edit(
    change: FileChange, edit: Edit, encoding: types.PositionEncodingKind
) -> types.TextEdit:
    return types.TextEdit(range=range_of(change.before, edit.span, encoding), new_text=edit.text)


def _annotated(
    edit: types.TextEdit, annotation: str | None
) -> types.TextEdit | types.AnnotatedTextEdit:
    if annotation is None:
        return edit
    return types.AnnotatedTextEdit(annotation, range=edit.range, new_text=edit.new_text)


def _is_plain(change: FileChange) -> bool:
    """Whether it is one edit of whole lines that is the same as text and as a snippet."""
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
    """Whether the name between `parts` occurs, and never within a longer word."""
    beside = [*(each[-1:] for each in parts[:-1]), *(each[:1] for each in parts[1:])]
    return len(parts) > 1 and not any(_BESIDE_A_NAME.match(each) for each in beside)
