"""`devstral.task`: a change across the project, with tools, shown before anything is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import StartEditor, chat_for
from tests.support import replies
from tests.support.answers import Answer
from tests.support.fake_mistral import FakeMistral, Received
from tests.support.workbench import EVERYTHING, NOTHING, Workbench

pytestmark = pytest.mark.long

ONE, OTHER = "one = 1\ntwo = 2\n", "from a import one\nprint(one)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text(ONE, encoding="utf-8")
    (project / "b.py").write_text(OTHER, encoding="utf-8")
    return project


def listed(folder: Path) -> list[Path]:
    return list(folder.iterdir())


RENAMED = (
    replies.call("edit_file", path="a.py", old="one = 1", new="first = 1"),
    replies.call("edit_file", path="b.py", old=OTHER, new="from a import first\nprint(first)\n"),
    replies.call("create_file", path="c.py", content="three = 3\n"),
    Answer(text=("Renamed one to first.",)),
)


async def bench_in(
    start: StartEditor, folder: Path, fake: FakeMistral, capabilities: Any = EVERYTHING
) -> Workbench:
    bench = Workbench(await start(capabilities, root_uri=folder.as_uri(), **chat_for(fake)))
    bench.open(f"{ONE}│", (folder / "a.py").as_uri())
    return bench


async def test_all_files_come_as_one_edit_to_confirm(start: StartEditor, folder: Path) -> None:
    async with FakeMistral(RENAMED, key=None) as fake:
        bench = await bench_in(start, folder, fake)
        make, there = bench.apply, []

        def apply(params: types.ApplyWorkspaceEditParams) -> Any:
            there.extend(sorted(each.name for each in listed(folder)))
            return make(params)

        bench.apply = apply
        await bench.command("devstral.task", {"instruction": "Rename one to first."})
        await bench.editor.until(lambda: bench.edits)
        (sent,) = bench.edits
        changes = sent.edit.document_changes or ()
        assert [type(each) for each in changes] == [
            types.TextDocumentEdit,
            types.TextDocumentEdit,
            types.CreateFile,
            types.TextDocumentEdit,
        ]
        assert len(sent.edit.change_annotations or {}) == 3
        assert all(each.needs_confirmation for each in sent.edit.change_annotations.values())
        assert changes[0].text_document.version == 1
        assert changes[1].text_document.version is None
        assert bench.editor.shown == ["Renamed one to first."]
    assert there == ["a.py", "b.py"], "the server itself has written nothing"


async def test_cancelling_gives_the_work_so_far(start: StartEditor, folder: Path) -> None:
    def script(request: Received) -> Answer:
        answered = sum(each["role"] == "tool" for each in request.body["messages"])
        return RENAMED[0] if not answered else replies.endless()

    async with FakeMistral(script, key=None) as fake:
        bench = await bench_in(start, folder, fake)
        await bench.command("devstral.task", {"instruction": "Rename one to first."})
        second = await fake.arrival(2)
        await bench.command("devstral.cancel")
        await second.hung_up.wait()
        await bench.editor.until(lambda: bench.edits)
        (sent,) = bench.edits
        assert len(sent.edit.document_changes or ()) == 1
        await bench.editor.until(lambda: bench.editor.shown_about("Stopped early"))


async def test_a_client_without_a_preview_is_asked(start: StartEditor, folder: Path) -> None:
    async with FakeMistral([*RENAMED[:2], RENAMED[3]], key=None) as fake:
        bench = await bench_in(start, folder, fake, NOTHING)
        bench.choose = lambda _: types.MessageActionItem("Apply")
        bench.apply = lambda _: types.ApplyWorkspaceEditResult(applied=False)
        await bench.command("devstral.task", {"instruction": "Rename one to first."})
        await bench.editor.until(lambda: bench.edits)
        (question,) = bench.questions
        assert "2 files" in question.message
        assert set(bench.edits[0].edit.changes or {}) == {
            (folder / name).as_uri() for name in ("a.py", "b.py")
        }


@pytest.mark.parametrize(("looked_at", "told"), [("first", "Say one"), ("second", "Say two")])
async def test_the_rules_of_the_folder_that_is_looked_at_are_told(
    start: StartEditor, tmp_path: Path, looked_at: str, told: str
) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder, rule in zip(folders, ("Say one", "Say two"), strict=True):
        folder.mkdir()
        (folder / "AGENTS.md").write_text(f"{rule}.\n", encoding="utf-8")
    opened = [types.WorkspaceFolder(each.as_uri(), each.name) for each in folders]
    async with FakeMistral([Answer(text=("Done.",))], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, workspace_folders=opened, **chat_for(fake)))
        uri = (tmp_path / looked_at / "a.py").as_uri()
        bench.open(f"{ONE}│", uri)
        await bench.command("devstral.task", {"instruction": "Rename one to first.", "uri": uri})
        request = await fake.question()
    asked = str(request.body["messages"])
    assert [rule for rule in ("Say one", "Say two") if rule in asked] == [told]


async def test_without_a_folder_it_says_so(start: StartEditor) -> None:
    bench = Workbench(await start(EVERYTHING))
    await bench.command("devstral.task", {"instruction": "Rename one to first."})
    await bench.editor.until(lambda: bench.editor.shown_about("folder"))
