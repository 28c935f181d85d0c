"""A comment that asks for something, applied in all files of the project."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import StartEditor, chat_for
from tests.support import replies
from tests.support.answers import Answer
from tests.support.editor import Place
from tests.support.fake_mistral import FakeMistral, Received
from tests.support.workbench import EVERYTHING, NOTHING, Workbench

pytestmark = pytest.mark.long

COMMENT = "# devstral: rename one to first, wherever it is used"
ONE, OTHER = f"{COMMENT}\none = 1\ntwo = 2\n", "from a import one\n\nprint(one)\n"
ONE_AFTER, OTHER_AFTER = "first = 1\ntwo = 2\n", "from a import first\n\nprint(first)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text(ONE, encoding="utf-8")
    (project / "b.py").write_text(OTHER, encoding="utf-8")
    return project


ROUNDS = (
    replies.calls(("find_references", {"name": "one"}), ("read_file", {"path": "a.py"})),
    replies.calls(("edit_file", {"path": "a.py", "old": f"{COMMENT}\none", "new": "first"})),
    replies.calls(("edit_file", {"path": "b.py", "old": OTHER, "new": OTHER_AFTER})),
    Answer(text=("Renamed one to first.",)),
)


def as_far_as(rounds: int) -> Any:
    """A model that says nothing more after so many rounds."""

    def script(request: Received) -> Answer:
        said = sum(each["role"] == "assistant" for each in request.body["messages"])
        return ROUNDS[said] if said < rounds else replies.endless()

    return script


@pytest.fixture
async def fake() -> AsyncIterator[FakeMistral]:
    async with FakeMistral(ROUNDS, key=None) as fake:
        yield fake


async def opened(
    start: StartEditor, folder: Path, fake: FakeMistral, capabilities: Any = EVERYTHING
) -> tuple[Workbench, Place]:
    """An editor with the file that holds the comment, the cursor in it."""
    bench = Workbench(await start(capabilities, root_uri=folder.as_uri(), **chat_for(fake)))
    marked = ONE.replace("rename", "re│name", 1)
    return bench, bench.open(marked, (folder / "a.py").as_uri())


async def test_the_comment_becomes_one_edit_over_two_files(
    start: StartEditor, folder: Path, fake: FakeMistral
) -> None:
    bench, place = await opened(start, folder, fake)
    resolved = await bench.resolve(await bench.action(place, "Apply across the project: rename"))
    assert resolved.edit is not None
    annotations = resolved.edit.change_annotations or {}
    assert len(annotations) == 2
    assert all(each.needs_confirmation for each in annotations.values())
    changes = resolved.edit.document_changes or ()
    assert [each.text_document.version for each in changes] == [1, None]
    assert {edit.annotation_id for each in changes for edit in each.edits} == set(annotations)
    bench.make(resolved.edit)
    assert bench.texts[place.uri] == ONE_AFTER
    assert (folder / "b.py").read_text(encoding="utf-8") == OTHER_AFTER
    await bench.editor.until(lambda: bench.editor.shown == ["Renamed one to first."])
    asked = fake.completions[0].body["messages"]
    assert "rename one to first" in asked[1]["content"]
    assert len(fake.completions) == len(ROUNDS)


async def test_cancelling_in_the_middle_keeps_the_work_so_far(
    start: StartEditor, folder: Path
) -> None:
    async with FakeMistral(as_far_as(2), key=None) as fake:
        bench, place = await opened(start, folder, fake)
        answer = asyncio.ensure_future(bench.asking(await bench.action(place, "Apply across")))
        third = await fake.arrival(3)
        (token,) = bench.tokens
        cancel = types.WorkDoneProgressCancelParams(token)
        bench.editor.client.window_work_done_progress_cancel(cancel)
        await third.hung_up.wait()
        resolved = await bench.editor.patiently(answer)
        assert resolved.edit is not None
        bench.make(resolved.edit)
        assert bench.texts[place.uri] == ONE_AFTER
        await bench.editor.until(lambda: bench.editor.shown_about("Stopped early"))
    assert (folder / "b.py").read_text(encoding="utf-8") == OTHER


@pytest.mark.parametrize("choice", ["Apply", "Discard"])
async def test_a_client_without_a_preview_is_asked(
    start: StartEditor, folder: Path, fake: FakeMistral, choice: str
) -> None:
    bench, place = await opened(start, folder, fake, NOTHING)
    bench.choose = lambda _: types.MessageActionItem(choice)
    command = await bench.action(place, "Apply across")
    assert isinstance(command, types.Command)
    await bench.run(command)
    await bench.editor.until(lambda: bench.questions)
    assert "2 files: Edit a.py, Edit b.py" in bench.questions[0].message
    if choice == "Apply":
        await bench.editor.until(lambda: bench.texts[place.uri] == ONE_AFTER)
        assert (folder / "b.py").read_text(encoding="utf-8") == OTHER_AFTER
    else:
        await bench.command("devstral.undoLast")
        await bench.editor.until(lambda: bench.editor.shown_about("no edit"))
        assert bench.edits == []
