"""From a draft made for one text to an outcome for the text as it is by then.

No edit goes out for a version that it was not made or moved for. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from devstral_lsp.errors import StaleDocument
from devstral_lsp.paths.sensitive import why_sensitive
from devstral_lsp.refactor.rebase import rebase_edits
from devstral_lsp.refactor.types import FileChange, RefactorResult, ReviewComment
from devstral_lsp.text import Edit, Snapshot, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RefactorDraft:
    """What came of an answer, for the text that was asked about.

    `edits` are those of the document itself, `changes` those of other files. `exceeds_selection`
    says that an edit touches more than the offer's span, `introduces` is as in `FileChange`.
    """

    edits: tuple[Edit, ...] = ()
    exceeds_selection: bool = False
    introduces: str = ""
    changes: tuple[FileChange, ...] = ()
    markdown: str = ""
    findings: tuple[ReviewComment, ...] | None = None


def finalize(
    draft: RefactorDraft,
    asked: Snapshot,
    now: Snapshot | None,
    title: str,
    path: str = "",
    link_caution: str = "",
) -> RefactorResult:
    """The outcome for the document as it is `now`, None if it was closed. Raises StaleDocument.

    `path` is the document's, from its workspace folder; `link_caution` is why it is another file
    than it seems, "" if it is not.
    """
    if now is None:
        raise StaleDocument("The document was closed meanwhile, so nothing was changed.")
    own = _own(draft, asked, now, title) if draft.edits else ()
    caution = link_caution or why_sensitive(path)
    own = tuple(
        replace(each, path=path, caution=caution, is_asked_for=not link_caution) for each in own
    )
    found = draft.findings
    return RefactorResult(
        changes=(*own, *draft.changes),
        markdown=draft.markdown,
        findings=None if found is None else tuple(_moved(found, asked.text, now.text)),
        title=title,
    )


def _own(
    draft: RefactorDraft, asked: Snapshot, now: Snapshot, title: str
) -> tuple[FileChange, ...]:
    edits = rebase_edits(draft.edits, asked.text, now.text)
    if edits is None:
        raise StaleDocument(
            "What would be changed was edited meanwhile, so nothing was changed: ask again."
        )
    change = FileChange(
        uri=now.uri,
        edits=edits,
        before=now.text,
        version=now.version,
        label=title,
        needs_confirmation=draft.exceeds_selection or bool(draft.changes),
        introduced_name=draft.introduces,
    )
    return (change,)


def _moved(findings: Sequence[ReviewComment], old: Text, new: Text) -> Iterator[ReviewComment]:
    """The findings where their lines stand now; what was edited meanwhile has none any more."""
    for each in findings:
        there = rebase_edits((Edit(each.span, ""),), old, new)
        if there:
            yield replace(each, span=there[0].span)
