"""The findings of a review, which stay with their lines."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp.refactor.types import (
    Diagnostic,
    DiagnosticSeverity,
    RefactorResult,
    ReviewComment,
)
from devstral_lsp.text import Span
from tests.server.conftest import StartInside
from tests.server.orders import TEXT, code_actions, command, ordered
from tests.support.inside import Inside, Run, at
from tests.support.workbench import EVERYTHING, NOTHING

PUBLISH = "textDocument/publishDiagnostics"
TOO_MANY = ReviewComment(Span(10, 16), "Two is too many.")
"""On `second`, in the second line."""
THREE = ReviewComment(Span(21, 30), "So is three.", DiagnosticSeverity.HINT)


async def reviewed(session: Inside, uri: str, *findings: ReviewComment) -> list[Any]:
    """Have the second line reviewed; gives what is published."""
    known = len(session.all(PUBLISH))
    session.engine.come_to = lambda _: RefactorResult(findings=findings, title="Review")
    await session.result("workspace/executeCommand", command("devstral.apply", ordered(uri)))
    await session.until(lambda: len(session.all(PUBLISH)) > known)
    return published(session)


def published(session: Inside) -> list[Any]:
    """The lines and messages that the editor shows now."""
    told = session.all(PUBLISH)[-1]["diagnostics"]
    return [(each["range"]["start"]["line"], each["message"]) for each in told]


async def test_a_finding_is_a_diagnostic_of_ours(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await reviewed(session, uri, TOO_MANY)
    (told,) = session.all(PUBLISH)
    diagnostic = {
        "range": at(1, 0, 6),
        "message": "Two is too many.",
        "severity": 2,
        "source": "devstral",
    }
    assert told == {"uri": uri, "version": 1, "diagnostics": [diagnostic]}


async def test_a_client_that_knows_no_versions_gets_none(inside: StartInside) -> None:
    session = inside(NOTHING)
    await reviewed(session, session.open(TEXT), TOO_MANY)
    assert "version" not in session.all(PUBLISH)[0]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"range": at(0, 0), "text": "zeroth\n"}, [(2, "Two is too many."), (3, "So is three.")]),
        ({"range": at(1, 0), "text": "zeroth\n"}, [(2, "Two is too many."), (3, "So is three.")]),
        ({"range": at(1, 10), "text": "\nmore"}, [(1, "Two is too many."), (3, "So is three.")]),
        ({"range": at(1, 3), "text": "x"}, [(2, "So is three.")]),
        ({"range": at(1, 10), "text": "2"}, [(2, "So is three.")]),
        ({"range": at(1, 0), "text": "# "}, [(2, "So is three.")]),
        ({"text": f"zeroth\n{TEXT}"}, [(2, "Two is too many."), (3, "So is three.")]),
        ({"text": TEXT.replace("second", "2nd")}, [(2, "So is three.")]),
        ({"text": ""}, []),
    ],
)
async def test_findings_move_with_their_lines_and_go_when_these_are_edited(
    inside: StartInside, change: Any, left: list[Any]
) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    assert len(await reviewed(session, uri, TOO_MANY, THREE)) == 2
    session.change(uri, 2, change)
    assert published(session) == left


async def test_typing_elsewhere_on_a_line_of_its_own_tells_nothing_new(
    inside: StartInside,
) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await reviewed(session, uri, TOO_MANY)
    session.change(uri, 2, {"range": at(4, 9), "text": "5"})
    assert len(session.all(PUBLISH)) == 1


async def test_another_review_replaces_what_was_said_of_its_lines(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    assert await reviewed(session, uri, TOO_MANY, THREE) == [
        (1, "Two is too many."),
        (2, "So is three."),
    ]
    assert await reviewed(session, uri) == [(2, "So is three.")]


async def test_a_review_that_ends_after_an_edit_finds_its_lines(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)

    def moved(run: Run) -> RefactorResult:
        """The engine settles for the text as it is; then comes another edit."""
        session.change(uri, 2, {"range": at(0, 0), "text": "zeroth\n"})
        assert run.now() is not None
        session.change(uri, 3, {"range": at(0, 0), "text": "before\n"})
        return RefactorResult(findings=(ReviewComment(Span(17, 23), "Two."),), title="Review")

    session.engine.come_to = moved
    await session.result("workspace/executeCommand", command("devstral.apply", ordered(uri)))
    await session.until(lambda: session.all(PUBLISH))
    assert published(session) == [(3, "Two.")]


async def test_closing_the_document_clears_them(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await reviewed(session, uri, TOO_MANY)
    session.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert published(session) == []
    session.open(TEXT, uri)
    assert len(session.all(PUBLISH)) == 2


async def test_a_finding_can_be_fixed_though_the_client_sends_no_diagnostics(
    inside: StartInside,
) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await reviewed(session, uri, TOO_MANY, THREE)
    await code_actions(session, uri, at(1, 2))
    (selection,) = session.engine.selections
    seen = Diagnostic(TOO_MANY.span, TOO_MANY.message, DiagnosticSeverity.WARNING, "devstral")
    assert selection.diagnostics == (seen,)
    assert [each.message for each in selection.other_diagnostics] == [THREE.message]


async def test_what_was_remarked_stays_when_another_action_finds_nothing_to_do(
    inside: StartInside,
) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await reviewed(session, uri, TOO_MANY)
    session.engine.come_to = lambda _: RefactorResult(title="Simplify")
    await session.result("workspace/executeCommand", command("devstral.apply", ordered(uri)))
    await session.until(lambda: session.shown)
    assert session.shown == ["Simplify: there is nothing to do here."]
    assert published(session) == [(1, "Two is too many.")]


async def test_a_review_without_a_finding_clears_its_lines_and_says_so(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await reviewed(session, uri, TOO_MANY)
    assert await reviewed(session, uri) == []
    await session.until(lambda: session.shown)
    assert session.shown == ["Review: there is nothing to do here."]
