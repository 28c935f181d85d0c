"""From an action that was taken to its edit, and all that may come between."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from devstral_lsp.errors import EndpointUnreachable, StaleDocument
from devstral_lsp.refactor.types import FileChange, RefactorRefused, RefactorResult, ReviewComment
from devstral_lsp.server.requests import code_action_resolve
from devstral_lsp.text import Edit, Span
from tests.server.conftest import StartInside
from tests.server.orders import APPLIED, TEXT, action, code_actions, command, ordered, replaced
from tests.support.inside import Inside, Run, at
from tests.support.workbench import EVERYTHING, NOTHING

RESOLVE = "codeAction/resolve"
SECOND_LINE = at(1, 0, 10)


def with_edits(**abilities: Any) -> Any:
    """Everything, with other abilities for edits."""
    capabilities = copy.deepcopy(EVERYTHING)
    capabilities["workspace"]["workspaceEdit"] = abilities
    return capabilities


async def resolved(session: Inside, taken: Any) -> Any:
    return await session.result(RESOLVE, taken)


async def test_the_edit_is_for_the_version_of_that_moment(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.engine.come_to = replaced
    uri = session.open(TEXT)
    made = await resolved(session, action(uri))
    assert made == {
        **action(uri),
        "edit": {
            "documentChanges": [
                {
                    "textDocument": {"uri": uri, "version": 1},
                    "edits": [{"range": SECOND_LINE, "newText": "second = 22"}],
                }
            ]
        },
    }


async def test_a_plain_client_gets_plain_changes(inside: StartInside) -> None:
    session = inside(with_edits())
    session.engine.come_to = replaced
    uri = session.open(TEXT)
    made = await resolved(session, action(uri))
    assert made["edit"] == {"changes": {uri: [{"range": SECOND_LINE, "newText": "second = 22"}]}}


@pytest.mark.parametrize(
    "foreign",
    [
        {"title": "Organize imports", "kind": "source", "somethingNew": [1]},
        {"title": "theirs", "data": {"id": 5}, "diagnostics": "odd"},
        {"title": "theirs", "data": {"action": 1, "uri": None}},
        {"title": "theirs", "command": {"title": "x", "command": "theirs.run"}},
        {"title": "ours, spoilt", "data": {**ordered("file:///work/a.py"), "span": [5, -1]}},
        {"title": "ours, spoilt", "data": {**ordered("file:///work/a.py"), "version": "1"}},
    ],
)
async def test_what_is_not_ours_goes_back_as_it_came(inside: StartInside, foreign: Any) -> None:
    session = inside(EVERYTHING)
    session.open(TEXT)
    assert await resolved(session, foreign) == foreign
    assert session.engine.runs == []


async def test_an_edit_elsewhere_moves_the_edit_along(inside: StartInside) -> None:
    """While the model thinks, and between the offer and its being taken."""
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await code_actions(session, uri, at(1, 0))
    session.change(uri, 2, {"range": at(4, 0), "text": "\n"})
    answer = session.request(RESOLVE, action(uri))
    await session.until(lambda: session.engine.runs)
    (run,) = session.engine.runs
    assert run.snapshot.version == 1
    session.change(uri, 3, {"range": at(0, 0), "text": "zeroth = 0\n"})
    run.outcome.set_result(replaced(run))
    (change,) = (await answer)["result"]["edit"]["documentChanges"]
    assert change["textDocument"]["version"] == 3
    assert change["edits"][0]["range"] == at(2, 0, 10)


async def test_a_version_that_nobody_remembers_is_refused(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT, version=5)
    assert await session.error(session.request(RESOLVE, action(uri, version=3))) == -32801
    (told,) = session.shown
    assert "ask again" in told
    assert session.engine.runs == []


async def test_a_span_that_is_not_in_the_document_is_refused(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open("short")
    assert await session.error(session.request(RESOLVE, action(uri))) == -32801


async def test_an_edit_of_the_same_lines_refuses_it(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    answer = session.request(RESOLVE, action(uri))
    await session.until(lambda: session.engine.runs)
    (run,) = session.engine.runs
    outcome = replaced(run)
    session.change(uri, 2, {"range": at(1, 0), "text": "x"})
    run.outcome.set_result(outcome)
    assert await session.error(answer) == -32801
    (told,) = session.shown
    assert "Nothing has been changed" in told


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (RefactorRefused("The reply breaks the code."), "The reply breaks the code."),
        (EndpointUnreachable("The endpoint cannot be reached."), "The endpoint cannot be reached."),
        (KeyError("text of the user"), "devstral-lsp failed at this. Its log says where."),
    ],
)
async def test_a_failure_is_told_once_and_the_action_stays_as_it_is(
    inside: StartInside, failure: Exception, told: str
) -> None:
    session = inside(EVERYTHING)

    def fail(_: Run) -> RefactorResult:
        raise failure

    session.engine.come_to = fail
    uri = session.open(TEXT)
    assert await resolved(session, action(uri)) == action(uri)
    assert session.shown == [told]


async def test_a_stale_outcome_has_an_error_of_its_own(inside: StartInside) -> None:
    session = inside(EVERYTHING)

    def fail(_: Run) -> RefactorResult:
        raise StaleDocument("It was edited meanwhile.")

    session.engine.come_to = fail
    assert await session.error(session.request(RESOLVE, action(session.open(TEXT)))) == -32801
    assert session.shown == ["It was edited meanwhile."]


@pytest.mark.parametrize(
    "outcome",
    [
        RefactorResult(markdown="# It adds.", title="Explain"),
        RefactorResult(findings=(ReviewComment(Span(10, 20), "Two is too many."),), title="Review"),
        RefactorResult(title="Simplify"),
    ],
)
async def test_what_is_no_edit_becomes_a_command(
    inside: StartInside, outcome: RefactorResult
) -> None:
    session = inside(EVERYTHING)
    session.engine.come_to = lambda _: outcome
    session.replies["window/showDocument"] = {"result": {"success": True}}
    uri = session.open(TEXT)
    made = await resolved(session, action(uri))
    assert "edit" not in made
    assert made["command"]["arguments"] == [ordered(uri)]
    assert len(session.engine.runs) == 1
    await session.result("workspace/executeCommand", made["command"])
    shown = ("window/showDocument", "textDocument/publishDiagnostics", "window/showMessage")
    await session.until(lambda: any(session.all(method) for method in shown))
    assert len(session.engine.runs) == 1, "the model is not asked a second time"


async def test_what_takes_long_becomes_a_command(
    inside: StartInside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emacs gives up after ten seconds, and stands still for as long."""
    monkeypatch.setattr(code_action_resolve, "RESOLVE_TIMEOUT_S", 0.0)
    session = inside(EVERYTHING)
    session.replies["workspace/applyEdit"] = APPLIED
    uri = session.open(TEXT)
    made = await resolved(session, action(uri))
    await session.result("workspace/executeCommand", made["command"])
    await session.until(lambda: session.engine.runs)
    (run,) = session.engine.runs
    run.outcome.set_result(replaced(run))
    await session.until(lambda: session.all("workspace/applyEdit"))


async def test_a_client_that_takes_no_command_waits(
    inside: StartInside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code_action_resolve, "RESOLVE_TIMEOUT_S", 0.0)
    capabilities = copy.deepcopy(EVERYTHING)
    capabilities["textDocument"]["codeAction"]["resolveSupport"]["properties"] = ["edit"]
    session = inside(capabilities)
    answer = session.request(RESOLVE, action(session.open(TEXT)))
    await session.until(lambda: session.engine.runs)
    (run,) = session.engine.runs
    run.outcome.set_result(replaced(run))
    assert "edit" in (await answer)["result"]


async def test_two_who_ask_for_the_same_share_the_work(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    answers = [session.request(RESOLVE, action(uri)) for _ in range(2)]
    await session.until(lambda: session.engine.runs)
    session.notify("$/cancelRequest", {"id": session.last_number})
    assert await session.error(answers[1]) == -32800
    (run,) = session.engine.runs
    run.outcome.set_result(replaced(run))
    assert "edit" in (await answers[0])["result"]


async def test_cancelling_hangs_up(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    answer = session.request(RESOLVE, action(session.open(TEXT)))
    await session.until(lambda: session.engine.runs)
    session.notify("$/cancelRequest", {"id": session.last_number})
    assert await session.error(answer) == -32800
    await session.engine.runs[0].ended.wait()
    assert session.shown == []


FILES = (
    FileChange(
        uri="file:///work/new.py",
        edits=(Edit(Span(0, 0), "x = 1\n"),),
        is_new=True,
        label="Add tests",
        needs_confirmation=True,
    ),
    FileChange(uri="file:///work/c.py", renamed_from="file:///work/b.py"),
    FileChange(uri="file:///work/d.py", is_deleted=True),
)


async def confirmed_edit(session: Inside) -> Any:
    """The edit of the action's command: of an action's own edit the server learns nothing."""
    made = await resolved(session, action(session.open(TEXT)))
    assert "edit" not in made
    await session.result("workspace/executeCommand", made["command"])
    await session.until(lambda: session.all("workspace/applyEdit"))
    return session.all("workspace/applyEdit")[0]["edit"]


async def test_files_are_created_renamed_and_deleted_with_what_is_to_be_confirmed(
    inside: StartInside,
) -> None:
    session = inside(EVERYTHING)
    session.engine.come_to = lambda _: RefactorResult(changes=FILES, title="Move")
    made = await confirmed_edit(session)
    assert made == {
        "documentChanges": [
            {
                "kind": "create",
                "uri": "file:///work/new.py",
                "options": {"overwrite": False, "ignoreIfExists": False},
                "annotationId": "0",
            },
            {
                "textDocument": {"uri": "file:///work/new.py", "version": None},
                "edits": [{"range": at(0, 0), "newText": "x = 1\n", "annotationId": "0"}],
            },
            {"kind": "rename", "oldUri": "file:///work/b.py", "newUri": "file:///work/c.py"},
            {"kind": "delete", "uri": "file:///work/d.py"},
        ],
        "changeAnnotations": {"0": {"label": "Add tests", "needsConfirmation": True}},
    }


@pytest.mark.parametrize(
    ("change", "verb"), [(FILES[0], "create"), (FILES[1], "rename"), (FILES[2], "delete")]
)
async def test_what_a_client_cannot_do_with_files_is_refused(
    inside: StartInside, change: FileChange, verb: str
) -> None:
    others = [each for each in ("create", "rename", "delete") if each != verb]
    session = inside(
        with_edits(documentChanges=True, resourceOperations=others, changeAnnotationSupport={})
    )
    session.engine.come_to = lambda _: RefactorResult(changes=(change,), title="Move")
    uri = session.open(TEXT)
    made = await resolved(session, action(uri))
    assert "edit" not in made
    if change.needs_confirmation:
        await session.result("workspace/executeCommand", made["command"])
    await session.until(lambda: session.shown)
    (told,) = session.shown
    assert f"{verb} a file" in told


async def test_several_files_become_a_question_where_there_is_no_preview(
    inside: StartInside,
) -> None:
    session = inside(
        with_edits(documentChanges=True, resourceOperations=["create", "rename", "delete"])
    )
    session.engine.come_to = lambda _: RefactorResult(changes=FILES, title="Move")
    session.replies["window/showMessageRequest"] = {"result": {"title": "Apply"}}
    session.replies["workspace/applyEdit"] = APPLIED
    made = await resolved(session, action(session.open(TEXT)))
    await session.result("workspace/executeCommand", made["command"])
    await session.until(lambda: session.all("workspace/applyEdit"))
    (question,) = session.all("window/showMessageRequest")
    assert "3 files" in question["message"]


async def test_what_is_to_be_confirmed_goes_where_it_will_be(inside: StartInside) -> None:
    """Some editors have a preview for edits, and none for those of code actions."""
    capabilities = copy.deepcopy(EVERYTHING)
    del capabilities["textDocument"]["codeAction"]["honorsChangeAnnotations"]
    session = inside(capabilities)
    session.engine.come_to = lambda _: RefactorResult(changes=FILES, title="Move")
    assert (await confirmed_edit(session))["changeAnnotations"]


async def test_the_note_of_an_edit_comes_when_it_is_made(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.engine.come_to = lambda run: replace(replaced(run), markdown="Doubled.")
    uri = session.open(TEXT)
    assert "edit" in await resolved(session, action(uri))
    session.change(uri, 2, {"range": at(4, 0), "text": "x"})
    session.change(uri, 3, {"range": at(4, 0, 1), "text": ""})
    assert session.shown == [], "another edit is not that edit"
    session.change(uri, 4, {"range": at(1, 9), "text": "2"})
    await session.until(lambda: session.shown)
    assert session.shown == ["Doubled."]


async def test_resolving_is_no_business_of_a_client_without_actions(inside: StartInside) -> None:
    session = inside(NOTHING)
    session.engine.come_to = replaced
    uri = session.open(TEXT)
    session.replies["workspace/applyEdit"] = APPLIED
    await session.result("workspace/executeCommand", command("devstral.apply", ordered(uri)))
    await session.until(lambda: session.all("workspace/applyEdit"))
    (sent,) = session.all("workspace/applyEdit")
    assert sent["edit"] == {"changes": {uri: [{"range": SECOND_LINE, "newText": "second = 22"}]}}


async def test_another_servers_action_that_is_nested_too_deeply_is_answered(
    inside: StartInside,
) -> None:
    nested: list[Any] = []
    for _ in range(600):
        nested = [nested]
    answer = await inside(EVERYTHING).request(RESOLVE, {"title": "other", "data": nested})
    assert answer["error"]["code"] == -32603
