"""Edits that are shown before they land, what becomes of one that does not, and the patch of it."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import StartEditor, chat_for
from tests.support import replies
from tests.support.fake_mistral import FakeMistral
from tests.support.workbench import EVERYTHING, NOTHING, Workbench

pytestmark = pytest.mark.long

CODE = "def total(values):\n    result = 0\n    for value in values:\n        result += value\n"
SUMMED = "def total(values):\n    return sum(values)\n"
LONG = "def table():\n    return [\n" + "".join(f"        {n},\n" for n in range(60)) + "    ]\n"
DOUBLED = LONG.replace(",\n", " * 2,\n")
SHOWS: dict[str, Any] = {"window": {"showDocument": {"support": True}}}
NO_PREVIEW: dict[str, Any] = {"workspace": {"applyEdit": True}, **SHOWS}


async def rewriting(
    start: StartEditor,
    folder: Path,
    fake: FakeMistral,
    capabilities: Any = EVERYTHING,
    *,
    code: str = CODE,
    preview: str = "auto",
    **bench_has: Any,
) -> Workbench:
    """An editor in which a file of this code is to be rewritten whole."""
    (folder / "a.py").write_text(code, encoding="utf-8")
    options = chat_for(fake)
    options["initialization_options"]["refactor"] = {"preview": preview}
    bench = Workbench(await start(capabilities, root_uri=folder.as_uri(), **options))
    for name, value in bench_has.items():
        setattr(bench, name, value)
    place = bench.open(f"{code}│", (folder / "a.py").as_uri())
    end = {"line": code.count("\n"), "character": 0}
    range_ = {"start": {"line": 0, "character": 0}, "end": end}
    await bench.command(
        "devstral.rewrite", {"uri": place.uri, "range": range_, "instruction": "Improve it."}
    )
    return bench


def git_apply(patch: str, folder: Path) -> None:
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=folder, check=True)


@pytest.mark.parametrize(
    ("preview", "code", "new", "asks"),
    [
        ("auto", CODE, SUMMED, False),
        ("auto", LONG, DOUBLED, True),
        ("always", CODE, SUMMED, True),
        ("never", LONG, DOUBLED, False),
    ],
)
async def test_the_setting_says_which_edits_within_the_selection_are_shown(
    start: StartEditor, tmp_path: Path, preview: str, code: str, new: str, asks: bool
) -> None:
    async with FakeMistral([replies.code(new)], key=None) as fake:
        bench = await rewriting(start, tmp_path, fake, code=code, preview=preview)
        await bench.editor.until(lambda: bench.edits)
        annotations = (bench.edits[0].edit.change_annotations or {}).values()
        assert [each.needs_confirmation for each in annotations] == [True] * asks


@pytest.mark.parametrize("preview", ["auto", "never"])
async def test_lines_beyond_the_selection_are_shown_whatever_it_says(
    start: StartEditor, tmp_path: Path, preview: str
) -> None:
    new = "def total(values):\n    return math.fsum(values)\n"
    async with FakeMistral([replies.code(new, "import math")], key=None) as fake:
        code = f"import re\n\n\n{CODE}"
        (tmp_path / "a.py").write_text(code, encoding="utf-8")
        options = chat_for(fake)
        options["initialization_options"]["refactor"] = {"preview": preview}
        bench = Workbench(await start(EVERYTHING, **options))
        place = bench.open(f"{code}│", (tmp_path / "a.py").as_uri())
        range_ = {"start": {"line": 3, "character": 0}, "end": {"line": 7, "character": 0}}
        told = {"uri": place.uri, "range": range_, "instruction": "Use math."}
        await bench.command("devstral.rewrite", told)
        await bench.editor.until(lambda: bench.edits)
        (annotation,) = (bench.edits[0].edit.change_annotations or {}).values()
        assert annotation.needs_confirmation


@pytest.mark.parametrize("choice", ["Apply", "Discard"])
async def test_an_editor_without_a_preview_shows_the_diff_and_asks(
    start: StartEditor, tmp_path: Path, choice: str
) -> None:
    async with FakeMistral([replies.code(SUMMED)], key=None) as fake:
        bench = await rewriting(
            start,
            tmp_path,
            fake,
            NO_PREVIEW,
            preview="always",
            choose=lambda _: types.MessageActionItem(choice),
        )
        await bench.editor.until(lambda: bench.questions)
        assert "+    return sum(values)" in bench.shown_documents[0]
        if choice == "Apply":
            await bench.editor.until(lambda: bench.edits)
        else:
            bench.choose = lambda _: types.MessageActionItem("Apply")
            await bench.command("devstral.showAgain")
            await bench.editor.until(lambda: bench.edits)
        await bench.editor.until(lambda: SUMMED in bench.texts.values())
        assert len(fake.completions) == 1, "the model is not asked again"


async def test_one_that_shows_nothing_changes_the_document_in_front_at_once(
    start: StartEditor, tmp_path: Path
) -> None:
    async with FakeMistral([replies.code(SUMMED)], key=None) as fake:
        bench = await rewriting(start, tmp_path, fake, NOTHING, preview="always")
        await bench.editor.until(lambda: SUMMED in bench.texts.values())
        assert bench.questions == []


@pytest.mark.parametrize(
    "answer",
    [
        types.ApplyWorkspaceEditResult(applied=False),
        types.ApplyWorkspaceEditResult(applied=False, failure_reason="The file is read-only"),
    ],
    ids=["discarded", "refused"],
)
async def test_what_does_not_land_is_kept_as_a_patch(
    start: StartEditor, tmp_path: Path, answer: types.ApplyWorkspaceEditResult
) -> None:
    async with FakeMistral([replies.code(SUMMED)], key=None) as fake:
        process = partial(start, DEVSTRAL_LOG_LEVEL="error")
        bench = await rewriting(process, tmp_path, fake, preview="always", apply=lambda _: answer)
        await bench.editor.until(lambda: bench.edits)
        await bench.command("devstral.exportPatch")
        await bench.editor.until(lambda: bench.shown_documents)
        bench.end()
    git_apply(bench.shown_documents[0], tmp_path)
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == SUMMED


async def test_the_last_edit_that_landed_is_shown_and_exported(
    start: StartEditor, tmp_path: Path
) -> None:
    async with FakeMistral([replies.code(SUMMED)], key=None) as fake:
        bench = await rewriting(start, tmp_path, fake)
        await bench.editor.until(lambda: SUMMED in bench.texts.values())
        await bench.command("devstral.showAgain")
        await bench.command("devstral.exportPatch")
        await bench.editor.until(lambda: len(bench.shown_documents) == 2)
        assert len(bench.edits) == 1
        assert all("-    result = 0\n" in each for each in bench.shown_documents)


async def test_without_any_edit_it_says_so(start: StartEditor) -> None:
    bench = Workbench(await start(EVERYTHING))
    await bench.command("devstral.exportPatch")
    await bench.editor.until(lambda: bench.editor.shown_about("no edit to show"))
