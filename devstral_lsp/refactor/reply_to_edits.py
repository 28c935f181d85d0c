"""From the text of an answer to a draft: read, turned into edits, and looked at once more.

All that speaks against an answer is a UnusableReply, whose sentence the model is told. Blocks for
some milliseconds: it parses the document. Knows no conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devstral_lsp.characters import printable
from devstral_lsp.refactor.add_imports import import_edits
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.file_edits import ReplyFiles
from devstral_lsp.refactor.finalize import RefactorDraft
from devstral_lsp.refactor.introduced_name import new_name
from devstral_lsp.refactor.line_edits import minimal_line_edits
from devstral_lsp.refactor.parse_reply import ParsedComment, ParsedReply, ReplyFormat, parse
from devstral_lsp.refactor.parsed_text import ParsedDocument
from devstral_lsp.refactor.safe_markdown import safe_markdown
from devstral_lsp.refactor.types import (
    FileChange,
    NamePolicy,
    RefactorTask,
    ReplyKind,
    ReviewComment,
)
from devstral_lsp.refactor.validate import find_violation
from devstral_lsp.text import Edit, Span, Text


@dataclass(frozen=True, slots=True)
class ReplyReader:
    """Reads the answers to one job. `files` are those that the answer may hold besides."""

    job: RefactorTask
    form: ReplyFormat
    files: ReplyFiles

    def draft(self, text: str) -> RefactorDraft:
        """What the answer comes to. Raises UnusableReply."""
        parsed = self._parsed(text)
        answer = self.job.errand.answer
        if answer is ReplyKind.MARKDOWN:
            return RefactorDraft(markdown=safe_markdown(parsed.markdown))
        if answer is ReplyKind.FINDINGS:
            return RefactorDraft(findings=tuple(self._findings(parsed.findings)))
        changes = self.files.changes(parsed.files) if parsed.files else ()
        return self._edited(parsed, changes)

    def _parsed(self, text: str) -> ParsedReply:
        snapshot, span = self.job.snapshot, self.job.offer.span
        whole = snapshot.text
        return parse(
            text,
            self.form,
            self.job.errand.answer,
            self.job.code,
            snapshot.language,
            around=(whole.slice(0, span.start), whole.slice(span.end, len(whole))),
        )

    def _edited(self, parsed: ParsedReply, changes: tuple[FileChange, ...]) -> RefactorDraft:
        """The edits of the document itself, if nothing speaks against them."""
        document, span = ParsedDocument(self.job.snapshot), self.job.offer.span
        errand = self.job.errand
        own = (
            minimal_line_edits(document.text, span, parsed.code) if parsed.code is not None else ()
        )
        added = _missing(document, own, parsed.imports) if parsed.imports else ()
        if added and not errand.adds_imports:
            raise UnusableReply("The edit needs imports that the file lacks: do without them.")
        every = _merged(own, added)
        extra = [each.span for each in added]
        reason = find_violation(document, span, every, names=errand.names, extra_spans=extra)
        if reason is not None:
            raise UnusableReply(reason)
        out = _reach_out(document.text, every, self.job.offer.selected or span)
        name = new_name(document, every) if errand.names is NamePolicy.ADDED else ""
        return RefactorDraft(edits=every, exceeds_selection=out, introduces=name, changes=changes)

    def _findings(self, remarks: Sequence[ParsedComment]) -> Iterator[ReviewComment]:
        """The remarks, from the lines that were shown to where these stand."""
        text, span = self.job.snapshot.text, self.job.offer.span
        before, last = text.line_of(span.start) - 1, text.line_of(span.end)
        for each in remarks:
            first, end = (min(before + line, last) for line in (each.first_line, each.last_line))
            code = text.line(first)
            start = text.line_start(first) + len(code) - len(code.lstrip())
            message = printable(each.message)
            yield ReviewComment(Span(start, text.line_end(end)), message, each.severity)


def _reach_out(text: Text, edits: Sequence[Edit], lines: Span) -> bool:
    """Whether edits touch more than `lines`, which are whole ones; the last one's end is theirs."""
    below = text.line_of(lines.end) + 1
    end = text.line_start(below) if below < text.line_count else len(text)
    return any(each.span.start < lines.start or each.span.end > end for each in edits)


def _missing(
    document: ParsedDocument, own: tuple[Edit, ...], imports: Sequence[str]
) -> tuple[Edit, ...]:
    """What adds those imports that the document lacks even with its own edits made."""
    found = import_edits(document.edited(own), imports)
    lacking = [line for each in found for line in each.text.splitlines()]
    return import_edits(document, lacking)


def _merged(own: tuple[Edit, ...], added: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """All edits in rising order; of two at one place, import lines come first."""
    merged = {each.span.start: each for each in own}
    for each in added:
        at = each.span.start
        if any(edit.span.start < at < edit.span.end for edit in own):
            raise UnusableReply(
                "The code holds the imports of the file: put further ones among them."
            )
        same = merged.get(at)
        merged[at] = Edit(same.span, each.text + same.text) if same is not None else each
    return tuple(merged[at] for at in sorted(merged))
