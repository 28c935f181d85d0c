"""Checks whether an edit may be proposed, as for refactors.

The checks parse only the top-level block around the edit: parsing a document of 5,000 lines would
take longer than everything else together.
"""

from __future__ import annotations

from devstral_lsp.edits.checks import EditedSpan, why_unparsable, why_unsafe
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.languages import get_language
from devstral_lsp.next_edit.proposal import Proposal
from devstral_lsp.syntax.parse_window import extract_fragment
from devstral_lsp.text import Edit, Snapshot, Span, Text


def is_safe(snapshot: Snapshot, proposal: Proposal) -> bool:
    """Whether the edit adds no syntax error, secret, control token or hidden character."""
    text, language = snapshot.text, get_language(snapshot.language)
    last = max(proposal.first, min(proposal.end, text.line_count - 1))
    fragment = extract_fragment(text, max(0, proposal.first - 1), last, language)
    shift = fragment.offset(0)
    span = Span(proposal.edit.span.start - shift, proposal.edit.span.end - shift)
    part = Snapshot(snapshot.uri, None, snapshot.language, Text.of(fragment.string))
    edited = EditedSpan.of(ParsedDocument(part), span, [Edit(span, proposal.edit.text)])
    return why_unsafe(edited) is None and why_unparsable(edited) is None
