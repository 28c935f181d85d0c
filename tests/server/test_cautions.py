"""Files that a machine runs by itself: told in the edit, and only changed on a yes of their own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from devstral_lsp.refactor.types import FileChange, RefactorResult
from devstral_lsp.text import Edit, Span
from tests.server.conftest import StartInside
from tests.server.orders import APPLIED, TEXT, command, ordered, replaced
from tests.support.inside import Inside, Run
from tests.support.workbench import EVERYTHING, NOTHING

APPLY_EDIT, ASK = "workspace/applyEdit", "window/showMessageRequest"
CI, PYTEST = "continuous integration runs it", "pytest imports it"
OPERATIONS_ONLY = {
    "workspace": {
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
    }
}


def made(path: str, caution: str = "") -> FileChange:
    return FileChange(
        uri=f"file:///work/{path}",
        edits=(Edit(Span(0, 0), "x\n"),),
        is_new=True,
        label=f"Create {path}",
        path=path,
        caution=caution,
        needs_confirmation=True,
    )


FILES = (
    made("plain.py"),
    made(".github/workflows/a.yml", CI),
    made("conftest.py", PYTEST),
    made(".github/workflows/b.yml", CI),
)


async def begun(session: Inside, *changes: FileChange, own: dict[str, Any] | None = None) -> str:
    """Have an order done that comes to these changes, and to one of the document if `own`."""

    def come_to(run: Run) -> RefactorResult:
        (change,) = replaced(run).changes
        mine = () if own is None else (replace(change, **own),)
        return RefactorResult(changes=(*mine, *changes), title="Simplify")

    session.engine.come_to = come_to
    uri = session.open(TEXT)
    params = command("devstral.apply", ordered(uri))
    await session.result("workspace/executeCommand", params)
    return uri


def touched(edit: Any) -> list[str]:
    """The files of an edit, from the folder."""
    uris = [
        each["textDocument"]["uri"] for each in edit["documentChanges"] if "textDocument" in each
    ]
    return [uri.removeprefix("file:///work/") for uri in uris]


async def test_those_of_one_reason_share_an_annotation_and_others_have_theirs(
    inside: StartInside,
) -> None:
    session = inside(EVERYTHING)
    await begun(session, *FILES)
    await session.until(lambda: session.all(APPLY_EDIT))
    (sent,) = session.all(APPLY_EDIT)
    ids = [each["annotationId"] for each in sent["edit"]["documentChanges"] if "kind" in each]
    plain, ci, pytest_, again = ids
    assert ci == again
    assert len({plain, ci, pytest_}) == 3
    told = sent["edit"]["changeAnnotations"]
    assert {each["needsConfirmation"] for each in told.values()} == {True}
    assert CI in told[ci]["label"]
    assert "a.yml" in told[ci]["description"]
    assert "b.yml" in told[ci]["description"]
    assert PYTEST in told[pytest_]["label"]
    assert told[plain]["label"] == "Create plain.py"
    assert session.all(ASK) == [], "the editor itself has them confirmed"


async def test_the_users_own_document_is_told_of_and_not_asked_about(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    await begun(session, own={"caution": PYTEST, "is_asked_for": True})
    await session.until(lambda: session.all(APPLY_EDIT))
    ((told,),) = [each["edit"]["changeAnnotations"].values() for each in session.all(APPLY_EDIT)]
    assert told["needsConfirmation"] is False
    assert PYTEST in told["description"]


async def test_nor_is_it_asked_about_where_there_is_no_preview(inside: StartInside) -> None:
    session = inside(NOTHING)
    await begun(session, own={"caution": PYTEST, "is_asked_for": True})
    await session.until(lambda: session.all(APPLY_EDIT))
    assert session.all(ASK) == []


async def answered(session: Inside, *answers: str | None) -> list[str]:
    """Answer the questions in turn; gives them."""
    for number, answer in enumerate(answers):
        await session.until(lambda: len(session.all(ASK)) > number)  # noqa: B023
        asked = [each for each in session.heard if each["method"] == ASK][number]
        session.reply(asked["id"], {"result": answer and {"title": answer}})
    for _ in range(20):
        await asyncio.sleep(0)
    return [each["message"] for each in session.all(ASK)]


@pytest.mark.parametrize(
    ("answers", "files"),
    [
        (("Apply", "Leave out", "Leave out"), ["plain.py"]),
        (("Apply", None, None), ["plain.py"]),
        (("Apply", "Leave out", "Apply"), ["plain.py", "conftest.py"]),
        (
            ("Apply", "Apply", "Leave out"),
            ["plain.py", ".github/workflows/a.yml", ".github/workflows/b.yml"],
        ),
    ],
)
async def test_without_a_preview_a_yes_to_the_others_is_no_yes_to_them(
    inside: StartInside, answers: tuple[str | None, ...], files: list[str]
) -> None:
    session = inside(OPERATIONS_ONLY)
    session.replies[APPLY_EDIT] = {"result": {"applied": True}}
    await begun(session, *FILES)
    questions = await answered(session, *answers)
    assert CI not in questions[0]
    assert "a.yml" not in questions[0]
    assert CI in questions[1]
    assert PYTEST in questions[2]
    (sent,) = session.all(APPLY_EDIT)
    assert touched(sent["edit"]) == files
    assert any("left out" in each for each in session.shown) is (len(files) < len(FILES))


async def test_a_no_to_the_only_file_changes_nothing(inside: StartInside) -> None:
    session = inside(OPERATIONS_ONLY)
    await begun(session, FILES[1])
    await answered(session, None)
    assert session.all(APPLY_EDIT) == []
    assert session.shown == []


async def test_an_open_document_that_nobody_pointed_at_is_asked_about(inside: StartInside) -> None:
    """One file alone, in an editor without a preview: ordinary ones are changed unasked."""
    session = inside(NOTHING)
    await begun(session, own={"caution": PYTEST})
    await answered(session, None)
    assert session.all(APPLY_EDIT) == []


def without(section: str, group: str, name: str) -> dict[str, Any]:
    """A client that can do everything else."""
    groups = EVERYTHING[section]
    lacking = {key: value for key, value in groups[group].items() if key != name}
    return {**EVERYTHING, section: {**groups, group: lacking}}


@pytest.mark.parametrize(
    "capabilities",
    [
        EVERYTHING,
        without("textDocument", "codeAction", "honorsChangeAnnotations"),
        without("workspace", "workspaceEdit", "changeAnnotationSupport"),
    ],
)
async def test_a_code_action_hides_nothing(
    inside: StartInside, capabilities: dict[str, Any]
) -> None:
    session = inside(capabilities)
    session.replies[APPLY_EDIT] = APPLIED
    session.engine.come_to = lambda _: RefactorResult(changes=FILES, title="Simplify")
    uri = session.open(TEXT)
    action = await session.result("codeAction/resolve", {"title": "", "data": ordered(uri)})
    assert "edit" not in action
    assert action["command"]["command"] == "devstral.apply", "which asks first"


def test_an_edit_of_such_a_file_is_no_snippet() -> None:
    from tests.server.test_snippet_edit import CHANGE, snippet_of

    assert snippet_of(replace(CHANGE, caution=PYTEST, is_asked_for=True)) is None
