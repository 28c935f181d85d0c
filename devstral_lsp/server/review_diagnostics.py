"""Publishes review comments as diagnostics that move with their lines.

A comment is removed when one of its lines is edited, when the lines are reviewed again, and when
the document is closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lsprotocol import types

from devstral_lsp.refactor.types import ReviewComment
from devstral_lsp.server.action_data import DiagnosticMap
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.convert_edit import from_lsp_diagnostic, to_lsp_diagnostic
from devstral_lsp.text import Edit, Snapshot, Span, Text, minimal_edit


@dataclass(frozen=True, slots=True)
class _TrackedComment:
    """A review comment and the span of its lines."""

    comment: ReviewComment
    lines: Span


class ReviewDiagnostics:
    """The review comments of one session, by document."""

    def __init__(self, server: ServerContext) -> None:
        self._server = server
        self._comments: dict[str, list[_TrackedComment]] = {}
        self._published: dict[str, list[types.Diagnostic]] = {}

    def replace(self, reviewed: Snapshot, span: Span, comments: Iterable[ReviewComment]) -> None:
        """Replace the comments on `span`. Offsets are in the text of `reviewed`."""
        now = self._server.session.snapshot(reviewed.uri)
        if now is None:
            return
        edit = minimal_edit(reviewed.text, now.text)
        fresh = [_tracked(reviewed.text, each) for each in comments]
        followed = [_followed(each, edit, reviewed.text) for each in fresh]
        kept = [
            each
            for each in self._comments.get(now.uri, ())
            if each.lines.end < span.start or each.lines.start > span.end
        ]
        self._comments[now.uri] = [*kept, *(each for each in followed if each is not None)]
        self.publish(now)

    def track_edit(self, uri: str, edit: Edit, text: Text) -> None:
        """Move the comments with an edit of a document, whose text was `text` before."""
        known = self._comments.get(uri)
        if known:
            if edit.span == Span(0, len(text)):  # Some editors send the whole text at every key.
                edit = minimal_edit(text, Text.of(edit.text))
            followed = [_followed(each, edit, text) for each in known]
            self._comments[uri] = [each for each in followed if each is not None]

    def publish(self, snapshot: Snapshot) -> None:
        """Publish the comments on a document if they have changed."""
        uri, encoding = snapshot.uri, self._server.client.encoding
        if uri not in self._comments and uri not in self._published:
            return
        diagnostics = [
            to_lsp_diagnostic(snapshot.text, each.comment, encoding)
            for each in self._comments.get(uri, ())
        ]
        if diagnostics != self._published.get(uri, []):
            self._send(uri, snapshot.version, diagnostics)
        self._published[uri] = diagnostics

    def sent(self, snapshot: Snapshot) -> DiagnosticMap:
        """The published comments on a document, which editors may send back with a request."""
        encoding = self._server.client.encoding
        published = self._published.get(snapshot.uri, ())
        return {from_lsp_diagnostic(snapshot.text, each, encoding): each for each in published}

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._comments.pop(uri, None)
        if self._published.pop(uri, None):
            self._send(uri, None, [])

    def _send(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        known = version if self._server.client.edits.diagnostic_versions else None
        self._server.protocol.notify(
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
            types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics, version=known),
        )


def _tracked(text: Text, comment: ReviewComment) -> _TrackedComment:
    first = text.line_of(comment.span.start)
    last = text.line_of(comment.span.end)
    return _TrackedComment(comment, Span(text.line_start(first), text.line_end(last)))


def _followed(tracked: _TrackedComment, edit: Edit, text: Text) -> _TrackedComment | None:
    """The comment after an edit of `text`; None if the edit touches its lines."""
    lines, at = tracked.lines, edit.span
    if at.start > lines.end or (at.start == lines.end and edit.text.startswith(("\n", "\r"))):
        return tracked
    before = at.end < lines.start or (at.end == lines.start and _ends_a_line(edit, text))
    if not before:
        return None
    shift = len(edit.text) - (at.end - at.start)
    comment = replace(tracked.comment, span=_shifted(tracked.comment.span, shift))
    return _TrackedComment(comment, _shifted(lines, shift))


def _ends_a_line(edit: Edit, text: Text) -> bool:
    """Whether the text before the edit's end will end a line, or be empty."""
    if edit.text:
        return edit.text.endswith(("\n", "\r"))
    start = edit.span.start
    return start == 0 or text.slice(start - 1, start) in ("\n", "\r")


def _shifted(span: Span, shift: int) -> Span:
    return Span(span.start + shift, span.end + shift)
