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
        await bench.editor.until(lambda: bench.editor.shown == ["Renamed one to first."])
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


@pytest.mark.parametrize(
    ("settings", "is_kept"),
    [({"fim": {"max_tokens": 99}}, True), ({"chat": {"max_tokens": 99}}, False)],
)
async def test_only_settings_of_chat_end_a_task_and_keep_its_work(
    start: StartEditor, folder: Path, settings: dict[str, Any], is_kept: bool
) -> None:
    async with FakeMistral(key=None) as fake:

        def script(request: Received) -> Answer:
            answered = sum(each["role"] == "tool" for each in request.body["messages"])
            return RENAMED[0] if not answered else replies.endless()

        fake.script = script
        bench = await bench_in(start, folder, fake)
        await bench.command("devstral.task", {"instruction": "Rename one to first."})
        second = await fake.arrival(2)
        change = types.DidChangeConfigurationParams({"devstral": settings})
        bench.editor.client.workspace_did_change_configuration(change)
        if is_kept:
            place = bench.editor.open("x = │", "untitled:Untitled-2")
            await bench.editor.inline(place)
            assert not second.hung_up.is_set()
            await bench.command("devstral.cancel")
        await second.hung_up.wait()
        await bench.editor.until(lambda: bench.edits)
        reason = "you asked for it" if is_kept else "the settings for chat were changed"
        await bench.editor.until(lambda: bench.editor.shown_about(f"Stopped early: {reason}"))


@pytest.mark.parametrize(("choice", "edits"), [("Go on", 5), ("Stop", 0)])
@pytest.mark.parametrize("capabilities", [EVERYTHING, NOTHING], ids=["everything", "nothing"])
async def test_a_plan_for_many_files_is_shown_first(
    start: StartEditor, folder: Path, capabilities: Any, choice: str, edits: int
) -> None:
    names = [f"{number}.py" for number in range(5)]
    for name in names:
        (folder / name).write_text("x = 1\n", encoding="utf-8")
    edited = [("edit_file", {"path": name, "old": "x = 1", "new": "y = 1"}) for name in names]
    script = (
        replies.call("propose_plan", summary="Rename x to y.", files=names),
        replies.calls(*edited),
        Answer(text=("Renamed x to y.",)),
    )
    async with FakeMistral(script, key=None) as fake:
        bench = await bench_in(start, folder, fake, capabilities)
        chosen = [choice, "Apply"]
        bench.choose = lambda _: types.MessageActionItem(chosen.pop(0))
        await bench.command("devstral.task", {"instruction": "Rename x to y."})
        if edits:
            await bench.editor.until(lambda: bench.edits)
            edit = bench.edits[0].edit
            assert len(edit.document_changes or edit.changes or ()) == edits
        else:
            await bench.editor.until(lambda: bench.editor.shown_about("agree to the plan"))
            assert bench.edits == []
        assert "5 files: 0.py, 1.py" in bench.questions[0].message
        shown = [each for each in bench.shown_documents if each.startswith("# Plan")]
        assert len(shown) == (capabilities is EVERYTHING)


async def test_the_transcript_of_a_task_is_a_document(start: StartEditor, folder: Path) -> None:
    async with FakeMistral(RENAMED, key=None) as fake:
        bench = await bench_in(start, folder, fake)
        await bench.command("devstral.showTranscript")
        await bench.editor.until(lambda: bench.editor.shown_about("No task"))
        await bench.command("devstral.task", {"instruction": "Rename one to first."})
        await bench.editor.until(lambda: bench.edits)
        await bench.command("devstral.showTranscript")
        await bench.editor.until(lambda: bench.shown_documents)
    (told,) = bench.shown_documents
    parts = ["Rename one to first.", "### edit_file", "### create_file", "Renamed one to first."]
    assert [each for each in parts if each not in told] == []


async def test_a_budget_in_tokens_ends_a_task(start: StartEditor, folder: Path) -> None:
    (folder / "b.py").write_text("x = 1\n" * 10_000, encoding="utf-8")
    reading = replies.call("search_files", pattern="x = 1")
    async with FakeMistral(lambda _: reading, key=None) as fake:
        options = chat_for(fake)
        options["initialization_options"]["refactor"] = {"task_tokens": 10_000}
        bench = Workbench(await start(EVERYTHING, root_uri=folder.as_uri(), **options))
        bench.open(f"{ONE}│", (folder / "a.py").as_uri())
        await bench.command("devstral.task", {"instruction": "Rename one to first."})
        await bench.editor.until(lambda: bench.editor.shown_about("10,000 tokens"))
