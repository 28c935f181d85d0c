"""Drafts for a text that stayed, moved, or is gone."""

from __future__ import annotations

import pytest

from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.errors import StaleDocument
from devstral_lsp.refactor.reply_to_edits import RefactorDraft, finalize
from devstral_lsp.refactor.types import FileChange, ReviewComment
from devstral_lsp.text import Edit, Snapshot, Span, Text

TEXT = "".join(f"line {number}\n" for number in range(12))
ASKED = Snapshot("file:///a.py", 3, "python", Text.of(TEXT))
AT = TEXT.index("line 6")
EDIT = Edit(Span(AT, AT + 6), "changed")


def now(text: str) -> Snapshot:
    return Snapshot(ASKED.uri, 7, "python", Text.of(text))


def test_a_text_that_stayed_is_changed_in_its_present_version() -> None:
    outcome = finalize(RefactorDraft(edits=(EDIT,)), ASKED, now(TEXT), "Simplify")
    (change,) = outcome.changes
    assert (change.uri, change.version, change.edits) == (ASKED.uri, 7, (EDIT,))
    assert (change.label, change.needs_confirmation) == ("Simplify", False)


@pytest.mark.parametrize(
    ("path", "link", "caution", "needs_own_yes"),
    [
        ("a.py", "", "", False),
        ("tests/conftest.py", "", "pytest imports it", False),
        ("a.py", "it is a link that leads out", "it is a link that leads out", True),
    ],
)
def test_the_users_own_document_is_told_of_and_asked_about_only_if_it_is_another_file(
    path: str, link: str, caution: str, needs_own_yes: bool
) -> None:
    outcome = finalize(RefactorDraft(edits=(EDIT,)), ASKED, now(TEXT), "Simplify", path, link)
    (change,) = outcome.changes
    assert (change.caution, change.needs_own_yes) == (caution, needs_own_yes)


def test_edits_move_along() -> None:
    text = "new\n" + TEXT
    (change,) = finalize(RefactorDraft(edits=(EDIT,)), ASKED, now(text), "").changes
    assert str(apply_edits(change.before, change.edits)) == text.replace("line 6", "changed")


def test_what_was_touched_is_not_changed() -> None:
    with pytest.raises(StaleDocument, match="edited meanwhile"):
        finalize(RefactorDraft(edits=(EDIT,)), ASKED, now(TEXT.replace("line 6", "line six")), "")


def test_what_was_closed_is_not_changed() -> None:
    with pytest.raises(StaleDocument, match="closed"):
        finalize(RefactorDraft(edits=(EDIT,)), ASKED, None, "")


@pytest.mark.parametrize(
    "draft",
    [
        RefactorDraft(edits=(EDIT,), exceeds_selection=True),
        RefactorDraft(
            edits=(EDIT,), changes=(FileChange(uri="file:///b.py", needs_confirmation=True),)
        ),
    ],
)
def test_what_reaches_out_is_to_be_confirmed(draft: RefactorDraft) -> None:
    changes = finalize(draft, ASKED, now(TEXT), "").changes
    assert all(change.needs_confirmation for change in changes)


def test_no_edits_are_no_change() -> None:
    assert finalize(RefactorDraft(markdown="# Yes"), ASKED, now("other"), "").changes == ()


def test_findings_move_along_or_are_left_out() -> None:
    findings = (ReviewComment(Span(AT, AT + 6), "six"), ReviewComment(Span(0, 6), "zero"))
    text = TEXT.replace("line 0", "line zero, which is longer")
    (left,) = finalize(RefactorDraft(findings=findings), ASKED, now(text), "").findings
    assert text[left.span.start : left.span.end] == "line 6"
