"""From a reply to a result: parse it, check its edits, rebase them onto the current document.

Every fault of a reply is an UnusableReply, whose message is sent to the model. Reading blocks for
some milliseconds, since it parses the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from devstral_lsp.characters import printable
from devstral_lsp.edits.line_edits import minimal_line_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.edits.rebase import rebase_edits
from devstral_lsp.errors import StaleDocument
from devstral_lsp.paths.sensitive import why_sensitive
from devstral_lsp.refactor.errors import LossyReply, UnusableReply
from devstral_lsp.refactor.file_edits import ReplyFiles
from devstral_lsp.refactor.imports import import_edits
from devstral_lsp.refactor.parse_reply import ParsedComment, ParsedReply, ReplyFormat, parse
from devstral_lsp.refactor.safe_markdown import safe_markdown
from devstral_lsp.refactor.types import (
    FileChange,
    NamePolicy,
    RefactorResult,
    RefactorTask,
    ReplyKind,
    ReviewComment,
)
from devstral_lsp.refactor.validate import find_loss, find_violation, introduced_name
from devstral_lsp.text import Edit, Snapshot, Span, Text

MAX_UNSHOWN_LINES = 40
"""Lines of an edit within the selection that needs no preview; about as many as an editor shows."""
_LINE_END = re.compile(r"(?:\r\n|[\r\n])\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefactorDraft:
    """A result for the text that was sent to the model.

    `edits` are those of the document itself, `changes` those of other files. `exceeds_selection`:
    an edit touches more than the offer's span. `introduces` is as in `FileChange`. `loss` says what
    the edits remove without being asked to, "" if nothing.
    """

    edits: tuple[Edit, ...] = ()
    exceeds_selection: bool = False
    introduces: str = ""
    loss: str = ""
    changes: tuple[FileChange, ...] = ()
    markdown: str = ""
    findings: tuple[ReviewComment, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReplyReader:
    """Reads the replies to one request. `files` may be changed besides the document."""

    job: RefactorTask
    form: ReplyFormat
    files: ReplyFiles

    def draft(self, text: str) -> RefactorDraft:
        """The draft for the reply `text`. Raises UnusableReply and StaleDocument."""
        span, whole = self.job.offer.span, self.job.snapshot.text
        model_task = self.job.model_task
        answer = model_task.answer
        parsed = parse(
            text,
            self.form,
            answer,
            self.job.code,
            self.job.snapshot.language,
            around=(whole.slice(0, span.start), whole.slice(span.end, len(whole))),
            may_drop_definitions=model_task.may_remove and model_task.names is NamePolicy.CHANGED,
        )
        if answer is ReplyKind.MARKDOWN:
            return RefactorDraft(markdown=safe_markdown(parsed.markdown))
        if answer is ReplyKind.FINDINGS:
            return RefactorDraft(findings=tuple(self._findings(parsed.findings)))
        changes = self.files.changes(parsed.files) if parsed.files else ()
        return self._edited(parsed, changes)

    def _edited(self, parsed: ParsedReply, changes: tuple[FileChange, ...]) -> RefactorDraft:
        """The draft with the edits of the document itself, which have passed all checks."""
        document, span, model_task = (
            ParsedDocument(self.job.snapshot),
            self.job.offer.span,
            self.job.model_task,
        )
        own: tuple[Edit, ...] = ()
        if parsed.code is not None:
            own = minimal_line_edits(document.text, span, parsed.code)
        if not self.job.code and span.end < len(document.text):  # a blank line has its end
            own = tuple(replace(each, text=_LINE_END.sub("", each.text, 1)) for each in own)
        added = _missing_imports(document, own, parsed.imports) if parsed.imports else ()
        if added and not model_task.adds_imports:
            raise UnusableReply("The edit needs imports that the file lacks: do without them.")
        emptied = parsed.code is not None and not parsed.code.strip() and self.job.code.strip()
        blank = _blank_lines_left(document.text, span) if emptied else ()
        every = (*_merged(own, added), *blank)
        extra = [each.span for each in (*added, *blank)]
        reason = find_violation(document, span, every, names=model_task.names, extra_spans=extra)
        if reason is not None:
            raise UnusableReply(reason)
        adds_name = model_task.names is NamePolicy.ADDED
        loss = find_loss(
            document,
            span,
            every,
            names=model_task.names,
            may_remove=model_task.may_remove,
            reported=[each.span for each in self.job.offer.diagnostics],
        )
        draft = RefactorDraft(
            edits=every,
            exceeds_selection=_exceeds(
                _merged(own, added), self.job.offer.selected or span, document.text
            ),
            introduces=introduced_name(document, every) if adds_name else "",
            loss=loss or "",
            changes=changes,
        )
        if loss is not None:
            raise LossyReply(loss, draft)
        return draft

    def _findings(self, comments: Sequence[ParsedComment]) -> Iterator[ReviewComment]:
        """The comments, on the lines of the document."""
        text, span = self.job.snapshot.text, self.job.offer.span
        before, last = text.line_of(span.start) - 1, text.line_of(span.end)
        for each in comments:
            first, end = (min(before + line, last) for line in (each.first_line, each.last_line))
            code = text.line(first)
            start = text.line_start(first) + len(code) - len(code.lstrip())
            message = printable(each.message)
            yield ReviewComment(Span(start, text.line_end(end)), message, each.severity)


def _blank_lines_left(text: Text, span: Span) -> tuple[Edit, ...]:
    """Edits that remove the line end of a deleted span, and doubled blank lines."""
    first, line = text.line_of(span.start), text.line_of(span.end)
    end = line + 1 if span.end > text.line_start(line) else line
    count = 0
    while (
        first - count > 0
        and end + count < text.line_count - 1
        and not text.line(first - count - 1).strip()
        and not text.line(end + count).strip()
    ):
        count += 1
    below = end + count
    stop = text.line_start(below) if below < text.line_count else len(text)
    return (Edit(Span(span.end, stop), ""),) if stop > span.end else ()


def _exceeds(edits: Sequence[Edit], lines: Span, text: Text) -> bool:
    """Whether edits touch more than the whole `lines`, including the end of the last one."""
    below = text.line_of(lines.end) + 1
    end = text.line_start(below) if below < text.line_count else len(text)
    return any(each.span.start < lines.start or each.span.end > end for each in edits)


def _missing_imports(
    document: ParsedDocument, own: tuple[Edit, ...], imports: Sequence[str]
) -> tuple[Edit, ...]:
    """Edits that add the imports which the document lacks even after its own edits."""
    found = import_edits(document.edited(own), imports)
    lacking = [line for each in found for line in each.text.splitlines()]
    return import_edits(document, lacking)


def _merged(own: tuple[Edit, ...], added: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """All edits in ascending order; of two at one place, import lines come first."""
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


def finalize(
    draft: RefactorDraft,
    asked: Snapshot,
    now: Snapshot | None,
    title: str,
    path: str = "",
    link_caution: str = "",
    preview: str = "auto",
) -> RefactorResult:
    """The result for the document as it is `now`; None if it was closed. Raises StaleDocument.

    `asked` is the document as it was sent to the model, and `path` its path in the workspace
    folder. `link_caution` is why it is another file than its name suggests, "" if it is not.
    `preview` is the setting: which edits within the selection need a confirmation as well.
    """
    if now is None:
        raise StaleDocument("The document was closed meanwhile, so nothing was changed.")
    own: tuple[FileChange, ...] = ()
    if draft.edits:
        edits = rebase_edits(draft.edits, asked.text, now.text)
        if edits is None:
            raise StaleDocument(
                "What would be changed was edited meanwhile, so nothing was changed: ask again."
            )
        loss = _as_clause(draft.loss)
        change = FileChange(
            uri=now.uri,
            edits=edits,
            before=now.text,
            version=now.version,
            label=title,
            path=path,
            caution=link_caution or loss or why_sensitive(path),
            is_asked_for=not (link_caution or loss),
            needs_confirmation=draft.exceeds_selection
            or bool(draft.changes)
            or preview == "always"
            or (preview == "auto" and _changed_lines(draft.edits, asked.text) > MAX_UNSHOWN_LINES),
            introduced_name=draft.introduces,
        )
        own = (change,)
    findings = draft.findings
    return RefactorResult(
        changes=(*own, *draft.changes),
        markdown=draft.markdown,
        findings=None if findings is None else tuple(_moved(findings, asked.text, now.text)),
        title=title,
    )


def _changed_lines(edits: Sequence[Edit], text: Text) -> int:
    """The number of lines that edits replace or write, whichever is larger for each edit."""
    return sum(
        max(
            text.line_of(each.span.end) - text.line_of(each.span.start),
            each.text.count("\n"),
        )
        for each in edits
    )


def _as_clause(sentence: str) -> str:
    """A sentence as the clause of a caution."""
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _moved(findings: Sequence[ReviewComment], old: Text, new: Text) -> Iterator[ReviewComment]:
    """The findings at the current positions of their lines, without those of edited lines."""
    for each in findings:
        if there := rebase_edits((Edit(each.span, ""),), old, new):
            yield replace(each, span=there[0].span)
