"""Commands: answered at once, done in the background, and told to the user when they fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.errors import EndpointUnreachable
from devstral_lsp.refactor.types import FileChange, RefactorResult
from devstral_lsp.server import apply_result, jobs
from devstral_lsp.text import Edit, Span
from tests.server.conftest import StartInside
from tests.server.orders import APPLIED, OFFER, TEXT, command, ordered, replaced
from tests.support.inside import Inside, Run, at
from tests.support.workbench import EVERYTHING, NOTHING

EXECUTE = "workspace/executeCommand"
APPLY_EDIT = "workspace/applyEdit"
QUESTION = "window/showMessageRequest"


async def run(session: Inside, name: str, *arguments: Any, **more: Any) -> None:
    assert await session.result(EXECUTE, command(name, *arguments, **more)) is None


async def applying(session: Inside, uri: str, new: str = "second = 22") -> Any:
    """Have an order done, up to the edit that is sent."""
    known = len(session.all(APPLY_EDIT))
    session.engine.come_to = lambda run: replaced(run, new)
    await run(session, "devstral.apply", ordered(uri, version=_version(session, uri)))
    await session.until(lambda: len(session.all(APPLY_EDIT)) > known)
    return session.all(APPLY_EDIT)[-1]


def _version(session: Inside, uri: str) -> int:
    snapshot = session.server.session.snapshot(uri)
    assert snapshot is not None
    assert snapshot.version is not None
    return snapshot.version


async def test_rewrite_does_what_the_words_say_on_the_lines(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    said = {"uri": uri, "range": at(1, 2, 5), "instruction": "  double it "}
    await run(session, "devstral.rewrite", said)
    await session.until(lambda: session.engine.runs)
    (done,) = session.engine.runs
    about = "This is about `con`, which is selected in the code."
    assert done.offer.argument == f"double it\n\n{about}"
    assert done.offer.span == OFFER.span
    assert session.all(APPLY_EDIT) == [], "answered before it is done"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("devstral.rewrite", []),
        ("devstral.rewrite", [{"uri": "file:///work/a.py", "instruction": "x"}]),
        ("devstral.rewrite", [{"uri": "file:///work/a.py", "range": {}, "instruction": "x"}]),
        ("devstral.rewrite", [{"uri": "file:///no.py", "range": at(0, 0), "instruction": "x"}]),
        ("devstral.task", []),
        ("devstral.task", [{"instruction": " "}]),
        ("devstral.task", [{"uri": "file:///work/a.py"}]),
        ("devstral.apply", []),
        ("devstral.apply", [{"action": "simplify"}]),
        ("devstral.elsewhere", []),
    ],
)
async def test_arguments_that_make_no_sense_are_an_error(
    inside: StartInside, name: str, arguments: list[Any]
) -> None:
    session = inside(EVERYTHING)
    session.open(TEXT)
    assert await session.error(session.request(EXECUTE, command(name, *arguments))) == -32602
    assert session.engine.runs == []


async def test_rewrite_without_words_is_told_and_no_error(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await run(session, "devstral.rewrite", {"uri": uri, "range": at(0, 0), "instruction": " "})
    assert len(session.shown) == 1
    assert session.engine.runs == []


async def test_a_failure_is_told_once(inside: StartInside) -> None:
    session = inside(EVERYTHING)

    def fail(_: Run) -> RefactorResult:
        raise EndpointUnreachable("The endpoint cannot be reached.")

    session.engine.come_to = fail
    await run(session, "devstral.apply", ordered(session.open(TEXT)))
    await session.until(lambda: session.shown)
    assert session.shown == ["The endpoint cannot be reached."]


async def test_an_order_for_a_text_that_is_gone_is_told(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT, version=9)
    await run(session, "devstral.apply", ordered(uri, version=1))
    assert len(session.shown) == 1
    await run(session, "devstral.apply", ordered("file:///closed.py"))
    assert len(session.shown) == 2
    assert session.engine.runs == []


async def test_the_version_is_looked_at_right_before_the_edit_is_sent(
    inside: StartInside,
) -> None:
    """The outcome was made for a version that has moved on: the edit moves along."""
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await run(session, "devstral.apply", ordered(uri))
    await session.until(lambda: session.engine.runs)
    done = session.engine.runs[0]
    outcome = replaced(done)
    session.change(uri, 2, {"range": at(0, 0), "text": "zeroth = 0\n\n"})
    done.outcome.set_result(outcome)
    await session.until(lambda: session.all(APPLY_EDIT))
    (sent,) = session.all(APPLY_EDIT)
    assert sent["label"] == "Simplify"
    (change,) = sent["edit"]["documentChanges"]
    assert change["textDocument"]["version"] == 2
    assert change["edits"][0]["range"] == at(3, 0, 10)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"result": {"applied": False, "failureReason": "It is read-only"}}, "It is read-only"),
        ({"result": {"applied": False}}, "has not made the edit"),
        ({"result": None}, "has not made the edit"),
        ({"error": {"code": -32603, "message": "no"}}, "has not made the edit"),
    ],
)
async def test_an_edit_that_the_editor_does_not_make_is_told(
    inside: StartInside, answer: Any, told: str
) -> None:
    session = inside(EVERYTHING)
    session.replies[APPLY_EDIT] = answer
    await applying(session, session.open(TEXT))
    await session.until(lambda: session.shown)
    (shown,) = session.shown
    assert told in shown


async def test_an_edit_that_is_said_to_be_made_and_is_not_is_told(
    inside: StartInside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neovim drops an edit of another version, and says that it made it."""
    monkeypatch.setattr(apply_result, "APPLY_CONFIRM_TIMEOUT_S", 0.0)
    session = inside(EVERYTHING)
    session.replies[APPLY_EDIT] = APPLIED
    await applying(session, session.open(TEXT))
    await session.until(lambda: session.shown)
    (shown,) = session.shown
    assert "has not changed" in shown


async def test_edits_of_a_document_go_one_after_the_other(inside: StartInside) -> None:
    """The second is made for the text that the first one leaves."""
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    other = replace(OFFER, span=Span(21, 30), title="Another")
    for offer in (OFFER, other):
        await run(session, "devstral.apply", ordered(uri, offer))
    await session.until(lambda: len(session.engine.runs) == 2)
    first, second = session.engine.runs
    change = FileChange(
        uri=uri,
        edits=(Edit(Span(43, 51), "fifth = 55"),),
        before=second.snapshot.text,
        version=1,
    )
    first.outcome.set_result(replaced(first, "second = 22\nmore = 3"))
    second.outcome.set_result(RefactorResult(changes=(change,), title="Another"))
    await session.until(lambda: session.all(APPLY_EDIT))
    number = next(each["id"] for each in session.heard if each["method"] == APPLY_EDIT)
    session.reply(number, APPLIED)
    await settle(session)
    assert len(session.all(APPLY_EDIT)) == 1, "the edit was made, but is still to be seen"
    session.change(uri, 2, {"range": at(1, 0, 10), "text": "second = 22\nmore = 3"})
    await session.until(lambda: len(session.all(APPLY_EDIT)) == 2)
    (made,) = session.all(APPLY_EDIT)[1]["edit"]["documentChanges"]
    assert made["textDocument"]["version"] == 2
    assert made["edits"][0]["range"]["start"]["line"] == 5


async def test_an_editor_that_never_answers_holds_up_nothing_for_ever(
    inside: StartInside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply_result, "PENDING_EDIT_TIMEOUT_S", 0.0)
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await applying(session, uri)
    await applying(session, uri, "second = 23")
    await session.result("shutdown", None)


def to_confirm(done: Run) -> RefactorResult:
    """A change to confirm, and what the model says of it."""
    (own,) = replaced(done).changes
    changes = (replace(own, needs_confirmation=True, label="Edit a.py"),)
    return RefactorResult(changes=changes, title="Simplify", markdown="Simplified.")


async def discarded(session: Inside) -> str:
    """Have a preview discarded, as VS Code answers, up to what is said then; gives the document."""
    session.replies[APPLY_EDIT] = {"result": {"applied": False}}
    session.engine.come_to = to_confirm
    uri = session.open(TEXT)
    await run(session, "devstral.apply", ordered(uri))
    await session.until(lambda: session.all(QUESTION))
    return uri


async def test_a_preview_that_is_discarded_keeps_the_work_and_is_no_failure(
    inside: StartInside,
) -> None:
    session = inside(EVERYTHING)
    await discarded(session)
    (question,) = session.all(QUESTION)
    assert [each["title"] for each in question["actions"]] == ["Show again", "Apply all"]
    assert question["type"] == 3, "a piece of information, no warning"
    assert session.shown == [], "nothing was done"


async def test_an_error_is_no_discard(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.replies[APPLY_EDIT] = {"error": {"code": -32603, "message": "no"}}
    session.engine.come_to = to_confirm
    await run(session, "devstral.apply", ordered(session.open(TEXT)))
    await session.until(lambda: session.shown)
    assert "has not made the edit" in session.shown[0]
    assert session.all(QUESTION) == []


@pytest.mark.parametrize(("choice", "asks"), [("Show again", True), ("Apply all", False)])
async def test_it_is_shown_again_or_applied_without_asking_the_model_again(
    inside: StartInside, choice: str, asks: bool
) -> None:
    session = inside(EVERYTHING)
    uri = await discarded(session)
    session.change(uri, 2, {"range": at(0, 0), "text": "zeroth = 0\n"})
    session.replies[APPLY_EDIT] = APPLIED
    number = next(each["id"] for each in session.heard if each["method"] == QUESTION)
    session.reply(number, {"result": {"title": choice}})
    await session.until(lambda: len(session.all(APPLY_EDIT)) == 2)
    sent = session.all(APPLY_EDIT)[1]["edit"]
    (change,) = sent["documentChanges"]
    assert change["textDocument"]["version"] == 2
    assert change["edits"][0]["range"] == at(2, 0, 10)
    assert bool(sent.get("changeAnnotations")) is asks
    assert session.shown == [], "not before it is done"
    session.change(uri, 3, {"range": at(2, 0, 10), "text": "second = 22"})
    await session.until(lambda: session.shown)
    assert session.shown == ["Simplified."]
    assert len(session.engine.runs) == 1
    await run(session, "devstral.showAgain")
    await session.until(lambda: session.all("window/showDocument"))
    assert len(session.all(APPLY_EDIT)) == 2, "it has been applied, and is shown as a diff"


async def test_an_edit_that_was_discarded_first_is_undone_once(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = await discarded(session)
    session.replies[APPLY_EDIT] = APPLIED
    await run(session, "devstral.showAgain")
    await session.until(lambda: len(session.all(APPLY_EDIT)) == 2)
    session.change(uri, 2, {"range": at(1, 0, 10), "text": "second = 22"})
    await run(session, "devstral.undoLast")
    await session.until(lambda: len(session.all(APPLY_EDIT)) == 3)
    session.change(uri, 3, {"range": at(1, 0, 11), "text": "second = 2"})
    await settle(session)
    await run(session, "devstral.undoLast")
    await session.until(lambda: any("no edit of devstral-lsp" in each for each in session.shown))


async def test_apply_all_still_asks_for_what_needs_a_yes_of_its_own(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    careful = replace(OTHER, needs_confirmation=True, caution="continuous integration runs it")
    session.engine.come_to = lambda done: RefactorResult(
        changes=(*to_confirm(done).changes, careful), title="Simplify"
    )
    session.replies[APPLY_EDIT] = {"result": {"applied": False}}
    await run(session, "devstral.apply", ordered(session.open(TEXT)))
    await session.until(lambda: session.all(QUESTION))
    number = next(each["id"] for each in session.heard if each["method"] == QUESTION)
    session.reply(number, {"result": {"title": "Apply all"}})
    await session.until(lambda: len(session.all(APPLY_EDIT)) == 2)
    annotations = session.all(APPLY_EDIT)[1]["edit"]["changeAnnotations"].values()
    assert [each["needsConfirmation"] for each in annotations] == [True]


async def test_what_was_discarded_is_shown_again_by_command(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    await run(session, "devstral.showAgain")
    await session.until(lambda: session.shown)
    assert "no edit to show" in session.shown[0]
    await discarded(session)
    await run(session, "devstral.showAgain")
    await session.until(lambda: len(session.all(APPLY_EDIT)) == 2)


async def test_the_note_of_a_question_comes_after_the_yes(inside: StartInside) -> None:
    """Where the server asks, as in Helix: nothing is done while the question is open."""
    session = inside(NOTHING)
    session.engine.come_to = lambda done: RefactorResult(
        changes=(*to_confirm(done).changes, OTHER), title="Simplify", markdown="Simplified."
    )
    await run(session, "devstral.apply", ordered(session.open(TEXT)))
    await session.until(lambda: session.all(QUESTION))
    await settle(session)
    assert session.shown == []
    number = next(each["id"] for each in session.heard if each["method"] == QUESTION)
    session.reply(number, {"result": {"title": "Discard"}})
    await settle(session)
    assert session.shown == [], "Discard is an answer"
    await run(session, "devstral.showAgain")
    await session.until(lambda: len(session.all(QUESTION)) == 2)


OTHER = FileChange(uri="file:///b.py", edits=(Edit(Span(0, 0), "a = 1\n"),))
ELSEWHERE: dict[str, Callable[[FileChange], tuple[FileChange, ...]]] = {
    "two files": lambda own: (own, OTHER),
    "two open ones": lambda own: (own, replace(own, uri="file:///work/other.py")),
    "one that is not open": lambda own: (OTHER,),
    "a new one": lambda own: (replace(OTHER, is_new=True),),
    "one that goes": lambda own: (replace(own, edits=(), is_deleted=True),),
    "one with another name": lambda own: (
        replace(OTHER, uri="file:///c.py", renamed_from=OTHER.uri),
    ),
}


@pytest.mark.parametrize("marked", [True, False], ids=["to be confirmed", "not marked so"])
@pytest.mark.parametrize("what", ELSEWHERE)
async def test_silence_to_a_question_is_no_consent(
    inside: StartInside, what: str, marked: bool
) -> None:
    session = inside(NOTHING)
    uri = session.open(TEXT)
    session.open(TEXT, "file:///work/other.py")

    def elsewhere(done: Run) -> RefactorResult:
        (own,) = replaced(done).changes
        changes = ELSEWHERE[what](own)
        return RefactorResult(
            changes=tuple(replace(each, needs_confirmation=marked) for each in changes)
        )

    session.engine.come_to = elsewhere
    await run(session, "devstral.apply", ordered(uri))
    await session.until(lambda: session.all("window/showMessageRequest"))
    await run(session, "devstral.cancel")
    await session.result("shutdown", None)
    assert session.all(APPLY_EDIT) == []


async def test_lines_of_the_document_itself_are_changed_unasked(inside: StartInside) -> None:
    """Its imports, too: the user sees them, and the editor's own undo takes them back."""
    session = inside(NOTHING)
    uri = session.open(TEXT)

    def with_imports(done: Run) -> RefactorResult:
        (own,) = replaced(done).changes
        return RefactorResult(changes=(replace(own, needs_confirmation=True),))

    session.engine.come_to = with_imports
    await run(session, "devstral.apply", ordered(uri))
    await session.until(lambda: session.all(APPLY_EDIT))
    assert session.all("window/showMessageRequest") == []


@pytest.mark.parametrize("answer", [{"title": "Discard"}, None])
async def test_a_no_to_a_question_changes_nothing(inside: StartInside, answer: Any) -> None:
    session = inside(NOTHING)
    session.replies["window/showMessageRequest"] = {"result": answer}
    uri = session.open(TEXT)
    created = FileChange(uri="file:///b.py", is_new=True, needs_confirmation=True)
    session.engine.come_to = lambda _: RefactorResult(changes=(created,), title="Tests")
    await run(session, "devstral.apply", ordered(uri))
    await session.until(lambda: session.all("window/showMessageRequest"))
    await settle(session)
    assert session.all(APPLY_EDIT) == []
    assert session.shown == [], "a file that it could not create would be told of"


async def settle(session: Inside) -> None:
    """Let the session do whatever it does by itself."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_an_order_that_is_given_twice_is_done_once(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    for _ in range(2):
        await run(session, "devstral.apply", ordered(uri))
    await session.until(lambda: session.engine.runs)
    (done,) = session.engine.runs
    done.outcome.set_result(replaced(done))
    await session.until(lambda: session.all(APPLY_EDIT))
    await settle(session)
    assert len(session.all(APPLY_EDIT)) == 1
    assert session.shown == []


async def test_undo_takes_the_last_edit_back(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.replies[APPLY_EDIT] = APPLIED
    uri = session.open(TEXT)
    await applying(session, uri)
    session.change(uri, 2, {"range": at(1, 0, 10), "text": "second = 22"})
    session.change(uri, 3, {"range": at(3, 0), "text": "elsewhere = 0\n"})
    await run(session, "devstral.undoLast")
    await session.until(lambda: len(session.all(APPLY_EDIT)) == 2)
    (made,) = session.all(APPLY_EDIT)[1]["edit"]["documentChanges"]
    assert made["textDocument"]["version"] == 3
    assert made["edits"] == [{"range": at(1, 0, 11), "newText": "second = 2"}]
    session.change(uri, 4, {"range": at(1, 0, 11), "text": "second = 2"})
    await settle(session)
    await run(session, "devstral.undoLast")
    await session.until(lambda: session.shown)
    assert session.shown == ["There is no edit of devstral-lsp's to undo."]


async def test_undo_leaves_alone_what_was_edited_since(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.replies[APPLY_EDIT] = APPLIED
    uri = session.open(TEXT)
    await applying(session, uri)
    session.change(uri, 2, {"range": at(1, 0, 10), "text": "second = 22"})
    session.change(uri, 3, {"range": at(1, 10), "text": "2"})
    await run(session, "devstral.undoLast")
    await session.until(lambda: session.shown)
    assert len(session.all(APPLY_EDIT)) == 1


async def test_undo_knows_an_edit_that_came_by_a_code_action(inside: StartInside) -> None:
    """Of which the editor never says whether it was made."""
    session = inside(EVERYTHING)
    session.engine.come_to = replaced
    uri = session.open(TEXT)
    await session.result("codeAction/resolve", {"title": "", "data": ordered(uri)})
    session.change(uri, 2, {"range": at(1, 9), "text": "2"})
    await run(session, "devstral.undoLast")
    await session.until(lambda: session.all(APPLY_EDIT))


@pytest.mark.parametrize(("on_disk", "operation"), [("x = 1\n", "delete"), ("x = 2\n", None)])
async def test_undo_takes_a_new_file_away_unless_it_was_changed(
    inside: StartInside, tmp_path: Path, on_disk: str, operation: str | None
) -> None:
    session = inside(EVERYTHING)
    session.replies[APPLY_EDIT] = APPLIED
    path = tmp_path / "new.py"
    created = FileChange(uri=path.as_uri(), edits=(Edit(Span(0, 0), "x = 1\n"),), is_new=True)
    session.engine.come_to = lambda _: RefactorResult(changes=(created,), title="Tests")
    await run(session, "devstral.apply", ordered(session.open(TEXT)))
    await session.until(lambda: session.all(APPLY_EDIT))
    await settle(session)
    path.write_text(on_disk, encoding="utf-8")
    await run(session, "devstral.undoLast")
    await session.until(lambda: len(session.all(APPLY_EDIT)) == 2 or session.shown)
    undone = [each["edit"]["documentChanges"] for each in session.all(APPLY_EDIT)[1:]]
    assert undone == ([[{"kind": operation, "uri": path.as_uri()}]] if operation else [])


async def test_undo_passes_over_a_new_file_that_is_gone(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.replies[APPLY_EDIT] = APPLIED
    created = FileChange(uri="file:///no/such.py", edits=(Edit(Span(0, 0), "x"),), is_new=True)
    session.engine.come_to = lambda _: RefactorResult(changes=(created,), title="Tests")
    await run(session, "devstral.apply", ordered(session.open(TEXT)))
    await session.until(lambda: session.all(APPLY_EDIT))
    await settle(session)
    token = {"workDoneToken": "waits"}
    await run(session, "devstral.undoLast", **token)
    assert session.shown == []
    await run(session, "devstral.undoLast", **token)
    assert session.shown == ["There is no edit of devstral-lsp's to undo."]
    assert len(session.all(APPLY_EDIT)) == 1


async def test_undo_before_anything_was_done_says_so(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    await run(session, "devstral.undoLast")
    await session.until(lambda: session.shown)
    assert session.shown == ["There is no edit of devstral-lsp's to undo."]


async def test_cancel_hangs_up_on_everything(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    for title in ("one", "two"):
        await run(session, "devstral.apply", ordered(uri, replace(OFFER, title=title)))
    await session.until(lambda: len(session.engine.runs) == 2)
    await run(session, "devstral.cancel")
    for each in session.engine.runs:
        await each.ended.wait()
    assert session.shown == []
    await run(session, "devstral.cancel")
    assert session.shown == ["devstral-lsp is running no refactoring."]


async def test_no_more_than_a_few_ask_the_model_at_once(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    for number in range(jobs.MAX_CONCURRENT + 1):
        await run(session, "devstral.apply", ordered(uri, replace(OFFER, title=str(number))))
    await session.until(lambda: len(session.engine.runs) == jobs.MAX_CONCURRENT)
    await settle(session)
    assert len(session.engine.runs) == jobs.MAX_CONCURRENT
    session.engine.runs[0].outcome.set_result(RefactorResult(title="0"))
    await session.until(lambda: len(session.engine.runs) == jobs.MAX_CONCURRENT + 1)


async def test_shutdown_hangs_up(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    await run(session, "devstral.apply", ordered(session.open(TEXT)))
    await session.until(lambda: session.engine.runs)
    await session.result("shutdown", None)
    assert session.engine.runs[0].ended.is_set()
